"""OpenAI's state dicts: the network follows from names and shapes, and computes what OpenAI's computes."""

import pytest
import torch

import core
from core.published.openai import openai_config
from core.unet import UNetConfig
from tests.core.published.openai_network import (
    FULL,
    SIDES,
    OpenAIUNet,
    consistency,
    denoised,
    labels_for,
    noisy,
    randomised,
    relative_error,
    small,
)

KINDS = ["imagenet", "lsun"]
LEVELS = [80.0, 4.4, 0.01]
IMAGENET = UNetConfig(
    resolution=64, patch=1, patch_prior=False, width=192, multipliers=(1, 2, 3, 4), blocks=3,
    attention_grids=(32, 16, 8), scale_shift=True, classes=1000, time_scale=1000.0,
)  # fmt: skip
LSUN = UNetConfig(
    resolution=256, patch=1, patch_prior=False, width=256, multipliers=(1, 1, 2, 2, 4, 4), blocks=2,
    attention_grids=(32, 16, 8), time_scale=1000.0,
)  # fmt: skip


def loaded(tmp_path, network, name="cd_small.pt", dtype="float32"):
    torch.save(network.state_dict(), tmp_path / name)
    return core.load_model(tmp_path / name, "cpu", dtype)


@pytest.mark.parametrize("kind", KINDS)
def test_a_consistency_model_computes_what_openais_network_does(tmp_path, kind):
    network, labels = small(kind), labels_for(kind)
    model = loaded(tmp_path, network)
    assert type(model) is core.ConsistencyModel
    for sigma in LEVELS:
        x = noisy(sigma, SIDES[kind])
        assert relative_error(model(x, sigma, labels), consistency(network, x, sigma, labels)) < 1e-5
    assert torch.equal(model(x, 0.002, labels), x)


@pytest.mark.parametrize("kind", KINDS)
def test_an_edm_teacher_has_plain_scalings(tmp_path, kind):
    network, labels = small(kind), labels_for(kind)
    model = loaded(tmp_path, network, "edm_small_ema.pt")
    assert type(model) is core.DiffusionModel
    assert model.card.sampling.move == "carry"
    for sigma in LEVELS:
        x = noisy(sigma, SIDES[kind])
        assert relative_error(model(x, sigma, labels), denoised(network, x, sigma, labels)) < 1e-5


def test_labels_matter(tmp_path):
    model, x = loaded(tmp_path, small("imagenet")), noisy(5.0, 16)
    assert relative_error(model(x, 5.0, torch.tensor([3, 3])), model(x, 5.0, torch.tensor([3, 7]))) > 1e-3


def test_a_network_of_one_level_and_one_with_half_precision_files(tmp_path):
    """A file may hold half precision: the network computes with these very numbers."""
    network = randomised(OpenAIUNet(64, (2,), 1, (0,), scale_shift=False)).half().float()
    torch.save({name: value.half() for name, value in network.state_dict().items()}, tmp_path / "ct_one.pt")
    model, x = core.load_model(tmp_path / "ct_one.pt", "cpu", "float32"), noisy(5.0, 8)
    assert model.card.resolution == 8
    assert relative_error(model(x, 5.0), consistency(network, x, 5.0)) < 1e-5


@pytest.mark.parametrize(("kind", "config"), [("imagenet", IMAGENET), ("lsun", LSUN)])
def test_the_published_architectures_are_recognised_by_their_tensors(kind, config):
    with torch.device("meta"):
        shapes = {name: tuple(value.shape) for name, value in OpenAIUNet(**FULL[kind]).state_dict().items()}
    assert openai_config(shapes, "x") == config
    assert len(shapes) == {"imagenet": 541, "lsun": 566}[kind]


@pytest.mark.parametrize("given", ["consistency", "edm"])
def test_what_the_name_does_not_say_is_asked_for_or_given(tmp_path, given):
    torch.save(small("lsun").state_dict(), tmp_path / "some.pt")
    with pytest.raises(core.CheckpointError, match=r'whether some is .* "consistency" or "edm"'):
        core.load_model(tmp_path / "some.pt", "cpu")
    model = core.load_model(tmp_path / "some.pt", "cpu", parameterisation=given)
    assert model.card.parameterisation == given
    with pytest.raises(core.CheckpointError, match='not "trigflow"'):
        core.load_model(tmp_path / "some.pt", "cpu", parameterisation="trigflow")


def test_what_is_given_counts_more_than_the_name(tmp_path):
    torch.save(small("lsun").state_dict(), tmp_path / "cd_small.pt")
    assert core.load_model(tmp_path / "cd_small.pt", "cpu", parameterisation="edm").card.parameterisation == "edm"


def test_a_state_dict_may_lie_in_a_safetensors_file(tmp_path):
    from safetensors.torch import save_file

    network, x = small("lsun"), noisy(5.0, 32)
    save_file(network.state_dict(), tmp_path / "cd_small.safetensors")
    model = core.load_model(tmp_path / "cd_small.safetensors", "cpu", "float32")
    assert relative_error(model(x, 5.0), consistency(network, x, 5.0)) < 1e-5


def test_a_picture_is_made_of_a_file(tmp_path):
    model = loaded(tmp_path, small("imagenet"))
    x0 = core.sample(model, [80.0, 1.4], core.SeededNoise([7]), labels=model.labels("class 3", 1))
    assert x0.shape == (1, 3, 16, 16) and x0.abs().max() <= 1


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "config"), [("imagenet", IMAGENET), ("lsun", LSUN)])
def test_networks_of_full_size_agree(tmp_path, kind, config):
    network = randomised(OpenAIUNet(**FULL[kind]))
    model, side = loaded(tmp_path, network, f"cd_{kind}.pt"), config.resolution
    assert model.card.network == config
    x, labels = noisy(4.4, side, 1), labels_for(kind)
    labels = None if labels is None else labels[:1]
    with torch.no_grad():
        assert relative_error(model(x, 4.4, labels), consistency(network, x, 4.4, labels)) < 1e-5
