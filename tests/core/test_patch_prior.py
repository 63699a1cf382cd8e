"""The per-axis Wiener filter around the trunk."""

import pytest
import torch
from torch.nn import functional as F

from core.models import DiffusionModel
from core.patch_prior import PatchPrior
from core.unet import UNet
from tests import tiny

SIGMAS = [0.002, 0.02, 0.5, 3.0, 80.0]


def filled(network: UNet, seed: int = 0) -> UNet:
    """The network with random orthonormal axes and deviations from 3 down to 0.005."""
    numbers = len(network.prior.deviations)
    rng = torch.Generator().manual_seed(seed)
    network.prior.axes.copy_(torch.linalg.qr(torch.randn(numbers, numbers, generator=rng))[0])
    network.prior.deviations.copy_(torch.logspace(0.477, -2.3, numbers))
    return network


@pytest.mark.parametrize("sigma", SIGMAS)
def test_with_sigma_data_on_every_axis_the_prior_is_not_there(sigma):
    with_prior, plain = tiny.network(), tiny.network(patch_prior=False)
    plain.load_state_dict(with_prior.state_dict(), strict=False)
    u = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    level = torch.full((2,), sigma)
    torch.testing.assert_close(with_prior(u, level), plain(u, level), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("sigma", SIGMAS)
def test_with_a_silent_trunk_the_denoiser_is_the_wiener_filter_of_every_axis(sigma):
    network = filled(UNet(tiny.network_config()))  # a fresh trunk answers 0
    x = tiny.photos(2) + sigma * torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    axes, s = network.prior.axes.double(), network.prior.deviations.double()
    patches = F.pixel_unshuffle(x.double(), 2)
    gain = (s**2 / (s**2 + sigma**2))[None, :, None, None]
    filtered = torch.einsum("kj,bkhw->bjhw", axes, gain * torch.einsum("kj,bjhw->bkhw", axes, patches))
    x0 = DiffusionModel(network, None)
    x0.card = tiny.model("edm").card
    torch.testing.assert_close(x0(x, sigma).double(), F.pixel_shuffle(filtered, 2), rtol=1e-4, atol=3e-5)


def test_the_answer_stays_finite_down_to_sigma_min():
    network = filled(tiny.network())
    u = torch.randn(1, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    for sigma in (0.002, 0.0020001, 0.004):
        assert network(u, torch.tensor([sigma])).isfinite().all()


@pytest.mark.parametrize("sigma", SIGMAS)
def test_the_trunk_sees_variance_one_on_every_axis(sigma):
    prior = filled(tiny.network()).prior
    rng = torch.Generator().manual_seed(1)
    clean = torch.randn(4000, 12, 1, 1, generator=rng) * prior.deviations[None, :, None, None]
    noisy = torch.einsum("kj,bkhw->bjhw", prior.axes, clean) + sigma * torch.randn(4000, 12, 1, 1, generator=rng)
    u = noisy / (sigma**2 + 0.25) ** 0.5
    _, seen = prior.analyse(u, torch.full((4000,), sigma))
    torch.testing.assert_close(seen.square().mean(dim=(0, 2, 3)), torch.ones(12), rtol=0.12, atol=0)


def test_fitting_finds_the_axes_and_deviations_of_the_patches():
    rng = torch.Generator().manual_seed(2)
    axes = torch.linalg.qr(torch.randn(6, 6, generator=rng))[0]
    deviations = torch.tensor([2.0, 1.0, 0.5, 0.2, 0.1, 0.05])
    patches = torch.randn(100_000, 6, generator=rng) * deviations @ axes
    prior = PatchPrior(6)
    prior.fit(patches)
    torch.testing.assert_close(prior.deviations, deviations, rtol=0.02, atol=0)
    torch.testing.assert_close((prior.axes @ axes.T).abs(), torch.eye(6), rtol=0, atol=0.03)
    torch.testing.assert_close(prior.axes @ prior.axes.T, torch.eye(6), rtol=0, atol=1e-5)


def test_patches_without_any_variation_leave_positive_deviations():
    prior = PatchPrior(4)
    prior.fit(torch.ones(10, 4))
    assert prior.deviations.min() > 0


def test_axes_and_deviations_are_stored_with_the_weights_but_not_trained():
    network = tiny.network()
    assert {"prior.axes", "prior.deviations"} <= network.state_dict().keys()
    assert not any(name.startswith("prior") for name, _ in network.named_parameters())
