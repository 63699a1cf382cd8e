"""The residual network at full resolution: silent at first, inside the scalings, cheap."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from core import CheckpointError
from core.refiner import clean_estimate
from core.scalings import edm_scalings
from core.unet import UNet, UNetConfig
from tests import tiny

SIGMAS = torch.tensor([0.002, 0.3, 2.7, 80.0])


def noisy(config: UNetConfig) -> torch.Tensor:
    rng = torch.Generator().manual_seed(3)
    return torch.randn(len(SIGMAS), config.channels, config.resolution, config.resolution, generator=rng)


@pytest.mark.parametrize("patch", [1, 2])
def test_a_model_that_gets_a_refiner_begins_unchanged(patch):
    plain = tiny.network(patch=patch)
    refined = UNet(tiny.network_config(patch=patch, refine=8)).eval()
    missing = refined.load_state_dict(plain.state_dict(), strict=False).missing_keys
    assert {name.split(".")[0] for name in missing} == {"refiner"}
    u = noisy(plain.config)
    assert torch.equal(refined(u, SIGMAS), plain(u, SIGMAS))


@pytest.mark.parametrize("guidance", [0.0, 1.5])
def test_it_changes_pictures_once_it_is_trained(guidance):
    model = tiny.network(refine=8)
    u = noisy(model.config)
    with_it = model(u, SIGMAS, guidance=guidance)
    model.refiner = None
    assert (with_it - model(u, SIGMAS, guidance=guidance)).abs().amax(dim=(1, 2, 3)).min() > 1e-3


def test_whatever_it_adds_the_consistency_function_is_the_identity_at_sigma_min():
    model = tiny.model("consistency", refine=8)
    x = noisy(model.network.config)
    torch.testing.assert_close(model(x, model.card.sigma_min), x, rtol=0, atol=1e-6)


def test_the_estimate_that_it_sees_is_that_of_the_scalings():
    x, answer = noisy(tiny.network_config()), noisy(tiny.network_config()).flip(0)
    skip, out, into = (value[:, None, None, None] for value in edm_scalings(SIGMAS, sigma_data=0.5))
    torch.testing.assert_close(clean_estimate(answer, into * x, SIGMAS), skip * x + out * answer, rtol=1e-4, atol=1e-5)


def test_it_sees_over_the_borders_of_patches():
    """A change of one pixel reaches the neighbouring patch through the refiner, where the trunk is blind to it."""
    model = tiny.network(refine=8)
    model.trunk = Blind(model.trunk)
    u = noisy(model.config)[:1]
    changed = u.clone()
    changed[..., 3, 3] += 1  # the last pixel of its 2x2 patch
    reached = (model(changed, SIGMAS[2:3]) - model(u, SIGMAS[2:3])).abs().amax(dim=(0, 1)) > 0
    assert reached[4:, 4:].any()


class Blind(torch.nn.Module):
    """A trunk that answers the same whatever it sees."""

    def __init__(self, trunk):
        super().__init__()
        self.trunk, self.conv_in = trunk, trunk.conv_in

    def forward(self, x, *conditions):
        return self.trunk(torch.zeros_like(x), *conditions)


def test_it_costs_less_than_a_twelfth_of_an_evaluation():
    """Of the operations of the bundled network, on a picture of half its side; benchmarks/model.py measures time."""

    def operations(refine: int) -> int:
        network = UNet(UNetConfig(resolution=64, patch=4, width=64, multipliers=(1, 2, 4), refine=refine))
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            network(torch.zeros(1, 3, 64, 64), torch.ones(1))
        return counter.get_total_flops()

    assert operations(0) < operations(16) < operations(0) * 13 / 12


@pytest.mark.parametrize("refine", [-1, 257, 1.5])
def test_impossible_widths_are_refused(refine):
    with pytest.raises(CheckpointError):
        tiny.network_config(refine=refine)
