"""DDIM, its inverse and aDDIM in sigma, against the paper's cosine schedule and the variance they are made to keep."""

from math import pi, tan

import pytest
import torch

from tests.oracles import Gaussian
from training.objectives.addim import addim, analytic_variance, ddim, error_variance, inverse_ddim
from training.objectives.base import expand

TIMES = [(0.99, 0.5), (0.75, 0.7), (0.5, 0.25), (0.3, 0.01), (0.5, 0.0)]  # t and s of the paper


def alpha_sigma(time: float) -> tuple[float, float]:
    """The paper's cosine schedule."""
    angle = torch.tensor(pi * time / 2, dtype=torch.float64)
    return angle.cos().item(), angle.sin().item()


def levels(t: float, s: float) -> tuple[torch.Tensor, torch.Tensor]:
    """The same as our noise levels, for two pictures."""
    return tuple(torch.full((2,), tan(pi * time / 2), dtype=torch.float64) for time in (t, s))


def pictures(seed: int = 0, count: int = 2) -> torch.Tensor:
    return torch.randn(count, 3, 8, 8, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize(("t", "s"), TIMES)
def test_ddim_in_sigma_equals_the_papers_formula(t, s):
    (alpha_t, sigma_t), (alpha_s, sigma_s) = alpha_sigma(t), alpha_sigma(s)
    x0, z = pictures(1), pictures(2)
    z_s = alpha_s * x0 + sigma_s / sigma_t * (z - alpha_t * x0)
    ours = alpha_s * ddim(x0, z / alpha_t, *levels(t, s))
    torch.testing.assert_close(ours, z_s, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("t", "s"), TIMES)
def test_the_inverse_of_ddim_in_sigma_equals_the_papers_formula(t, s):
    (alpha_t, sigma_t), (alpha_s, sigma_s) = alpha_sigma(t), alpha_sigma(s)
    z_s, z = pictures(1), pictures(2)
    x0 = (z_s - sigma_s / sigma_t * z) / (alpha_s - alpha_t * sigma_s / sigma_t)
    torch.testing.assert_close(inverse_ddim(z_s / alpha_s, z / alpha_t, *levels(t, s)), x0, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("t", "s"), TIMES)
def test_addim_in_sigma_equals_the_papers_formula(t, s):
    (alpha_t, sigma_t), (alpha_s, sigma_s) = alpha_sigma(t), alpha_sigma(s)
    x0, z, x_var = pictures(1), pictures(2), torch.tensor([0.05, 0.4], dtype=torch.float64)
    e = (z - alpha_t * x0) / sigma_t
    z_var = (alpha_s - alpha_t * sigma_s / sigma_t) ** 2 * x_var
    stretch = (sigma_s**2 + e[0].numel() / e.square().sum(dim=(1, 2, 3)) * z_var).sqrt()
    ours = alpha_s * addim(x0, z / alpha_t, *levels(t, s), x_var)
    torch.testing.assert_close(ours, alpha_s * x0 + expand(stretch) * e, rtol=0, atol=1e-6)


def test_addim_gives_the_numbers_of_a_computed_example():
    """Reference: x0 = 0.3, z = (0.5, -0.2, 0.1, 0.9), x_var = 0.05, t = 0.5 to 0.25."""
    (alpha_t, _), (alpha_s, _) = alpha_sigma(0.5), alpha_sigma(0.25)
    x0 = torch.full((1, 1, 2, 2), 0.3, dtype=torch.float64)
    x = torch.tensor([0.5, -0.2, 0.1, 0.9], dtype=torch.float64).reshape(1, 1, 2, 2) / alpha_t
    t_B, s_B = (level[:1] for level in levels(0.5, 0.25))
    assert (alpha_s * ddim(x0, x, t_B, s_B)).flatten()[0].item() == pytest.approx(0.4329568801)
    stretched = alpha_s * addim(x0, x, t_B, s_B, torch.tensor([0.05], dtype=torch.float64))
    assert stretched.flatten()[0].item() == pytest.approx(0.4527913917)


def test_the_inverse_undoes_the_step():
    x0, x, (t_B, s_B) = pictures(1), pictures(2), levels(0.7, 0.4)
    torch.testing.assert_close(inverse_ddim(ddim(x0, x, t_B, s_B), x, t_B, s_B), x0)


def test_without_variance_addim_is_ddim():
    x0, x, (t_B, s_B) = pictures(1), pictures(2), levels(0.7, 0.4)
    torch.testing.assert_close(addim(x0, x, t_B, s_B, torch.zeros(2)), ddim(x0, x, t_B, s_B))


def test_the_analytic_variance_is_the_printed_one():
    assert analytic_variance(torch.tensor([1.0])).item() == pytest.approx(0.03333333333)  # reference: t = 0.5


def test_at_right_angles_the_result_is_as_long_as_the_posteriors_pictures_on_average():
    """The definition: E ||x_s||^2 over clean pictures of variance x_var around x0, each followed by DDIM."""
    x0, e, (t_B, s_B), x_var = pictures(1), pictures(2), levels(0.7, 0.4), 0.2
    e = e - x0 * expand((e * x0).sum(dim=(1, 2, 3)) / x0.square().sum(dim=(1, 2, 3)))
    x = x0 + expand(t_B) * e
    clean = x0[:, None] + x_var**0.5 * pictures(3, 20_000).reshape(2, 10_000, 3, 8, 8)
    ended = torch.stack([ddim(clean[k], x[k], t_B[k].expand(10_000), s_B[k].expand(10_000)) for k in (0, 1)])
    result = addim(x0, x, t_B, s_B, torch.full((2,), x_var, dtype=torch.float64))
    wanted = ended.square().sum(dim=(2, 3, 4)).mean(dim=1)
    torch.testing.assert_close(result.square().sum(dim=(1, 2, 3)), wanted, rtol=2e-3, atol=0)
    assert (ddim(x0, x, t_B, s_B).square().sum(dim=(1, 2, 3)) < 0.97 * wanted).all()


def spread(step, data: Gaussian, t: float, s: float) -> float:
    """Variance of one value after a step from level t to s towards the exact denoiser's estimates."""
    x0 = data.pictures(4000, (1, 8, 8)).double()
    x = x0 + t * torch.randn(x0.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    t_B, s_B = (torch.full((len(x),), level, dtype=torch.float64) for level in (t, s))
    return step(data.denoiser(x, t), x, t_B, s_B).sub(data.m).square().mean().item()


def posterior_variance(data: Gaussian, t: float) -> float:
    return data.s**2 * t**2 / (data.s**2 + t**2)


@pytest.mark.parametrize("s_data", [0.05, 0.4, 1.0])
def test_ddim_lacks_exactly_the_posteriors_variance(s_data):
    data, t, s = Gaussian(0.0, s_data), 1.0, 0.5
    missing = (1 - s / t) ** 2 * posterior_variance(data, t)
    assert spread(ddim, data, t, s) + missing == pytest.approx(s_data**2 + s**2, rel=0.01)


def test_where_the_posterior_is_narrow_addim_keeps_the_true_variance():
    """There the estimate and the noise are nearly at right angles: they meet in x_var / t of a value."""
    data, t, s = Gaussian(0.0, 0.1), 1.0, 0.5
    x_var, exact = posterior_variance(data, t), data.s**2 + s**2
    start = spread(ddim, data, t, s)

    def adjusted(x0, x, t_B, s_B):
        return addim(x0, x, t_B, s_B, torch.full_like(t_B, x_var))

    given = spread(adjusted, data, t, s) - start
    assert given == pytest.approx((1 - s / t) ** 2 * x_var, rel=0.03)
    assert start + given == pytest.approx(exact, rel=0.01)


def test_on_a_broad_gaussian_addim_overshoots():
    """Reference: s = 1, t = 1 to 0.5: variance 1.457, DDIM's 1.125, the exact one 1.25."""
    data = Gaussian(0.0, 1.0)

    def adjusted(x0, x, t_B, s_B):
        return addim(x0, x, t_B, s_B, torch.full_like(t_B, posterior_variance(data, 1.0)))

    assert spread(ddim, data, 1.0, 0.5) == pytest.approx(1.125, rel=0.01)
    assert spread(adjusted, data, 1.0, 0.5) == pytest.approx(1.457, rel=0.01)


def test_the_teachers_error_is_the_posteriors_variance_on_average():
    data, t = Gaussian(), 0.7
    x0 = data.pictures(4000, (1, 8, 8))
    x = x0 + t * torch.randn(x0.shape, generator=torch.Generator().manual_seed(1))
    mean = error_variance(x0, data.denoiser(x, t)).mean().item()
    assert mean == pytest.approx(posterior_variance(data, t), rel=0.01)
