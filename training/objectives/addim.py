"""Steps between noise levels on the line through a noisy picture and a clean one: DDIM, its inverse, and aDDIM.

Heek et al. 2024 write z = alpha x0 + sigma e. Here a noisy picture is x = z / alpha and its level sigma / alpha, in
which their three formulas lose every alpha and stay exact.

Shapes: B pictures, C channels, H rows, W columns; t the level of x, s a lower one, [B] each.
"""

from torch import Tensor

from training.objectives.base import expand


def ddim(x0: Tensor, x: Tensor, t_B: Tensor, s_B: Tensor) -> Tensor:
    """The noisy picture at s, with the noise that x has if x0 is the clean picture (Song et al. 2021)."""
    return x0 + expand(s_B / t_B) * (x - x0)


def inverse_ddim(x_s: Tensor, x: Tensor, t_B: Tensor, s_B: Tensor) -> Tensor:
    """The clean picture x0 for which `ddim` from x leads to x_s. Its rounding errors grow with 1 / (1 - s/t)."""
    ratio = expand(s_B / t_B)
    return (x_s - ratio * x) / (1 - ratio)


def addim(x0: Tensor, x: Tensor, t_B: Tensor, s_B: Tensor, x_var_B: Tensor) -> Tensor:
    """`ddim` with the noise stretched by what a posterior mean x0 lacks (Heek et al. 2024, Algorithm 3).

    x0 is a mean over the clean pictures that x may come from, so the result of `ddim` is too short by their variance
    x_var (of one value). The noise makes up for it, as if it stood at right angles to x0.
    """
    e = (x - x0) / expand(t_B)
    missing_B = (1 - s_B / t_B).square() * x_var_B / e.square().mean(dim=(1, 2, 3))
    return x0 + expand((s_B.square() + missing_B).sqrt()) * e


def error_variance(x0: Tensor, estimate: Tensor) -> Tensor:
    """[B]: ||x0 - estimate||^2 / d, the teacher's own error as the posterior variance of one value."""
    return (x0 - estimate).square().mean(dim=(1, 2, 3))


def analytic_variance(t_B: Tensor) -> Tensor:
    """[B]: a tenth of the posterior variance of values of prior variance 1/2."""
    return 0.1 / (2 + 1 / t_B.square())
