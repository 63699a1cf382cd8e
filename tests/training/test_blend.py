"""Models on the straight line between two."""

import pytest
import torch

import core
from core.checkpoint import read_tensors
from core.open_model import read_card
from tests import tiny
from training.blend import main


def written(path, seed: int, **network):
    model = tiny.model("edm", seed=seed, **network)
    core.save_model(path, model.card, model.network.state_dict(), dtype=torch.float32)
    return path


@pytest.fixture
def ends(tmp_path):
    return written(tmp_path / "a.safetensors", 0), written(tmp_path / "b.safetensors", 1)


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_a_blend_lies_that_far_from_the_first_to_the_second(ends, share, tmp_path):
    out = tmp_path / "c.safetensors"
    assert main([*map(str, ends), "--share", str(share), "--out", str(out)]) == 0
    a, b, c = map(read_tensors, (*ends, out))
    assert a.keys() == c.keys()
    for name in a:
        wanted = (1 - share) * a[name].float() + share * b[name].float()
        torch.testing.assert_close(c[name].float(), wanted, rtol=1e-2, atol=1e-2)  # stored in half precision
    card = read_card(out)
    assert card.sampling == read_card(ends[0]).sampling
    assert card.description.endswith(f"{share:.0%} of the way to tiny, which its training went on to.")
    assert card.training["blended"]["share"] == share
    assert core.sample(core.load_model(out), [1.0], core.SeededNoise([0])).isfinite().all()


def test_a_blend_may_have_its_own_guidance(ends, tmp_path):
    out = str(tmp_path / "c.safetensors")
    assert main([*map(str, ends), "--guidance", "1.25", "--out", out]) == 0
    assert read_card(out).sampling.guidance == 1.25


def test_what_cannot_be_blended_is_one_clear_sentence(ends, tmp_path, capsys):
    other = written(tmp_path / "other.safetensors", 0, width=24)
    for pair, share in (((ends[0], other), 0.5), (ends, 1.5), ((ends[0], tmp_path / "none.safetensors"), 0.5)):
        assert main([*map(str, pair), "--share", str(share), "--out", str(tmp_path / "out.safetensors")]) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert not (tmp_path / "out.safetensors").exists()
