"""What needs a CUDA device: it computes what the CPU computes."""

import pytest
import torch

import core
from core.runtime import choose_runtime
from tests import tiny

pytestmark = pytest.mark.gpu
SIGMAS = [80.0, 5.0, 1.0]


@pytest.fixture
def pair(tmp_path):
    """The same weights on the CPU and on the GPU, both in float32."""
    model = tiny.model()
    core.save_model(tmp_path / "tiny.safetensors", model.card, model.network.state_dict())
    return [core.load_model(tmp_path / "tiny.safetensors", device=where, dtype="float32") for where in ("cpu", "cuda")]


def assert_close(on_cpu, on_gpu):
    assert on_gpu.device.type == "cuda"
    torch.testing.assert_close(on_gpu.cpu(), on_cpu, rtol=0, atol=2e-3)


def test_a_seed_is_the_same_picture_on_both(pair):
    assert_close(*(core.sample(model, SIGMAS, core.SeededNoise([3, 4])) for model in pair))


def test_an_edit_is_the_same_on_both(pair):
    photo, mask = tiny.photos(2), torch.zeros(2, 1, tiny.SIDE, tiny.SIDE)
    mask[..., :4] = 1
    results = []
    for model, where in zip(pair, ("cpu", "cuda")):
        constraint = core.Inpaint(photo.to(where), mask.to(where))
        results.append(core.edit(model, constraint, SIGMAS, core.SeededNoise([3, 4])))
    assert_close(*results)


def test_the_half_precision_that_is_chosen_is_above_40_db():
    half = core.load_model("assets/models/bedroom-128.safetensors", device="cuda")
    full = core.load_model("assets/models/bedroom-128.safetensors", device="cpu", dtype="float32")
    assert choose_runtime("cuda").dtype != torch.float32
    x = torch.randn(4, *full.shape, generator=torch.Generator().manual_seed(0))
    labels = torch.zeros(4, dtype=torch.long)
    error = half(x.cuda(), 1.0, labels.cuda()).cpu() - full(x, 1.0, labels)
    assert 10 * torch.log10(4 / error.square().mean()) > 40
