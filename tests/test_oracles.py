"""The oracle that is integrated, against those that are closed forms."""

import torch

from tests.oracles import Gaussian, Mixture, Plane

PLANE = Plane()


def noisy(data, sigma_B: torch.Tensor, shape=(1, 2, 4)) -> torch.Tensor:
    z = torch.randn(len(sigma_B), *shape, generator=torch.Generator().manual_seed(1))
    return data.pictures(len(sigma_B), shape) + sigma_B[:, None, None, None] * z


def test_modes_on_a_line_move_along_it_as_numbers_do_and_across_it_as_a_gaussian():
    line, along, across = Plane(w=(0.3, 0.7), m=((-0.6, 0.3), (0.4, 0.3))), Mixture(s=0.15), Gaussian(0.3, 0.15)
    sigma_B = torch.logspace(-2.6, 1.9, 200)
    x = noisy(line, sigma_B)
    moved = line.consistency(x, sigma_B)
    torch.testing.assert_close(moved[..., ::2], along.consistency(x[..., ::2], sigma_B), rtol=0, atol=5e-4)
    torch.testing.assert_close(moved[..., 1::2], across.consistency(x[..., 1::2], sigma_B), rtol=0, atol=1e-4)


def test_what_a_number_in_the_plane_becomes_depends_on_its_neighbour():
    sigma_B = torch.full((300,), 0.5)
    x = noisy(PLANE, sigma_B)
    other = x.clone()
    other[..., 1::2] = x[..., 1::2].roll(1, dims=0)
    for answer in (PLANE.denoiser, PLANE.consistency):
        assert (answer(x, sigma_B) - answer(other, sigma_B))[..., ::2].abs().mean() > 0.05


def test_the_flow_in_the_plane_carries_noisy_points_to_clean_ones():
    sigma_B = torch.full((2000,), 2.0)
    made, clean = PLANE.consistency(noisy(PLANE, sigma_B), sigma_B), PLANE.pictures(2000, (1, 2, 4), seed=9)
    modes = torch.tensor(PLANE.m)
    for points in (made, clean):
        nearest = torch.cdist(points.reshape(-1, 2), modes).argmin(dim=1)
        share = torch.bincount(nearest, minlength=3) / len(nearest)
        torch.testing.assert_close(share, torch.tensor(PLANE.w), rtol=0, atol=0.02)
