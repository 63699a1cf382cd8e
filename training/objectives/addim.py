"""One step from a noise level to a lower one, given an estimate of the clean picture: DDIM, its inverse, and aDDIM.

Heek et al. 2024 write z = alpha x0 + sigma e. Here a noisy picture is x = z / alpha and its level is sigma / alpha. In
these quantities every alpha drops out of their three formulas, which stay exact.

Shapes: B pictures, C channels, H rows, W columns. x, x_s and x0 are [B,C,H,W]; t is the noise level of x and s a lower
one, [B] each.
"""

from torch import Tensor

from training.objectives.base import expand


def ddim(x0: Tensor, x: Tensor, t_B: Tensor, s_B: Tensor) -> Tensor:
    """The noisy picture x_s [B,C,H,W] at s, with the noise that x contains if x0 is clean (Song et al. 2021)."""
    return x0 + expand(s_B / t_B) * (x - x0)


def inverse_ddim(x_s: Tensor, x: Tensor, t_B: Tensor, s_B: Tensor) -> Tensor:
    """The clean picture x0 [B,C,H,W] for which `ddim` leads from x to x_s. Rounding errors grow with 1 / (1 - s/t)."""
    ratio = expand(s_B / t_B)
    return (x_s - ratio * x) / (1 - ratio)


def addim(x0: Tensor, x: Tensor, t_B: Tensor, s_B: Tensor, x_var_B: Tensor) -> Tensor:
    """x_s [B,C,H,W] by `ddim` with more noise, for an x0 that is a posterior mean (Heek et al. 2024, Algorithm 3).

    x0 is the mean of all clean pictures that x may come from. Their variance, x_var_B [B] for one value, is missing in
    the result of `ddim`. The noise is scaled up by as much, as if it were orthogonal to x0.
    """
    e = (x - x0) / expand(t_B)
    missing_B = (1 - s_B / t_B).square() * x_var_B / e.square().mean(dim=(1, 2, 3))
    return x0 + expand((s_B.square() + missing_B).sqrt()) * e


def error_variance(x0: Tensor, estimate: Tensor) -> Tensor:
    """[B] ||x0 - estimate||^2 / d: the teacher's squared error, used as the posterior variance of one value.

    x0 and estimate are [B,C,H,W], with d = C H W.
    """
    return (x0 - estimate).square().mean(dim=(1, 2, 3))


def analytic_variance(t_B: Tensor) -> Tensor:
    """[B] a tenth of the posterior variance of values whose prior variance is 1/2, at the levels t [B]."""
    return 0.1 / (2 + 1 / t_B.square())
