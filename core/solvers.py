"""Deterministic samplers of a denoiser: the probability flow dx/dsigma = e(x, sigma), walked down given noise levels.

e(x, sigma) = (x - D(x, sigma)) / sigma is the denoiser's estimate of the noise (Song et al. 2021; Karras et al. 2022,
equation 1 in their sigma(t) = t). A solver is a rule for one interval and what that costs; a sampler is a list of
levels and one rule for each interval between them.

    x = solve(denoiser, 80.0 * noise, karras_sigmas(18), "heun")   # 34 evaluations
    x = solve(denoiser, 80.0 * noise, *plan("dpm_fast", 10))       # 10 evaluations

Shapes: B pictures, C channels, H rows, W columns; pictures in model range, not cut to [-1, 1].
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from math import expm1, log
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from core.errors import RequestError
from core.models import Denoiser
from core.schedule import SIGMA_MAX, SIGMA_MIN, geometric_sigmas, karras_sigmas, validated_sigmas

NoiseOf = Callable[[Tensor, float], Tensor]  # e(x, sigma)


class Estimate(NamedTuple):
    """The noise e [B,C,H,W] found at one level."""

    sigma: float
    e: Tensor


# Rules: (noise_of, x, past, lower) -> x at `lower`. past[-1] is the estimate at x, those before it are older levels'.


def _euler(noise_of: NoiseOf, x: Tensor, past: Sequence[Estimate], lower: float) -> Tensor:
    """DDIM (Song et al. 2021, equation 13 in sigma). First order."""
    sigma, e = past[-1]
    return x + (lower - sigma) * e


def _heun(noise_of: NoiseOf, x: Tensor, past: Sequence[Estimate], lower: float) -> Tensor:
    """The mean of the slopes at both ends (Karras et al. 2022, Algorithm 1). Second order."""
    sigma, e = past[-1]
    e_lower = noise_of(x + (lower - sigma) * e, lower)
    return x + (lower - sigma) * (e + e_lower) / 2


def _dpm2(noise_of: NoiseOf, x: Tensor, past: Sequence[Estimate], lower: float) -> Tensor:
    """The slope at the geometric middle (Lu et al. 2022, Algorithm 1: DPM-Solver-2). Second order."""
    sigma, e = past[-1]
    middle = (sigma * lower) ** 0.5
    return x + (lower - sigma) * noise_of(x + (middle - sigma) * e, middle)


def _dpm3(noise_of: NoiseOf, x: Tensor, past: Sequence[Estimate], lower: float) -> Tensor:
    """An exponential integrator in ln sigma (Lu et al. 2022, Algorithm 2: DPM-Solver-3, r = 1/3, 2/3). Third order."""
    sigma, e = past[-1]
    h = log(sigma / lower)

    def level(r: float) -> float:
        return sigma * (lower / sigma) ** r

    def towards(r: float, slope: Tensor) -> Tensor:
        """x at level(r) if e changed by `slope` over h."""
        return x - level(r) * (expm1(r * h) * e + (expm1(r * h) / (r * h) - 1) * r * slope)

    third = noise_of(towards(1 / 3, torch.zeros_like(e)), level(1 / 3))
    two_thirds = noise_of(towards(2 / 3, (third - e) / (1 / 3)), level(2 / 3))
    return towards(1.0, (two_thirds - e) / (2 / 3))


def _deis3(noise_of: NoiseOf, x: Tensor, past: Sequence[Estimate], lower: float) -> Tensor:
    """Adams-Bashforth over the last four estimates (Zhang & Chen 2023: tAB-DEIS of order 3), fewer at the start."""
    sigma = past[-1].sigma
    weights = _quadrature([(known.sigma - sigma) / (lower - sigma) for known in past])
    return x + (lower - sigma) * sum(weight * known.e for weight, known in zip(weights, past))


def _quadrature(nodes: Sequence[float]) -> list[float]:
    """Weights by which values at these nodes give the integral from 0 to 1 of the polynomial through them."""
    powers = np.vander(nodes, increasing=True).T
    return np.linalg.solve(powers, 1 / np.arange(1, len(nodes) + 1)).tolist()


class Solver(NamedTuple):
    """A rule for one interval, and how many evaluations of the denoiser it takes."""

    rule: Callable[[NoiseOf, Tensor, Sequence[Estimate], float], Tensor]
    cost: int


SOLVERS = {
    "euler": Solver(_euler, 1),
    "heun": Solver(_heun, 2),
    "dpm2": Solver(_dpm2, 2),
    "dpm3": Solver(_dpm3, 3),
    "deis3": Solver(_deis3, 1),
}
REMEMBERED = 4  # estimates that a rule looks back at


def solve_steps(
    denoiser: Denoiser,
    x: Tensor,
    sigmas: Sequence[float],
    solver: str | Sequence[str] = "heun",
    labels: Tensor | None = None,
    *,
    to_zero: bool = False,
) -> Iterator[Tensor]:
    """Yields x [B,C,H,W] at the second level, the third, .. the last.

    x: the noisy picture at sigmas[0], on the denoiser's device. solver: a name in SOLVERS, or one for each interval.
    to_zero: one evaluation more, which removes the noise of the last level. Raises RequestError for an unknown solver
    and for levels that do not descend or are not above 0.
    """
    sigmas, rules = _checked(sigmas, solver)

    def noise_of(at: Tensor, sigma: float) -> Tensor:
        return (at - _ask(denoiser, at, sigma, labels)) / sigma

    past: deque[Estimate] = deque(maxlen=REMEMBERED)
    for rule, (sigma, lower) in zip(rules, pairwise(sigmas)):
        past.append(Estimate(sigma, noise_of(x, sigma)))
        x = rule(noise_of, x, past, lower)
        yield x
    if to_zero:
        yield _ask(denoiser, x, sigmas[-1], labels)


def _ask(denoiser: Denoiser, x: Tensor, sigma: float, labels: Tensor | None) -> Tensor:
    # Not inference mode: what is sampled here may become the target of a student.
    with torch.no_grad():
        return denoiser(x, sigma, labels)


def solve(
    denoiser: Denoiser,
    x: Tensor,
    sigmas: Sequence[float],
    solver: str | Sequence[str] = "heun",
    labels: Tensor | None = None,
    *,
    to_zero: bool = False,
) -> Tensor:
    """The last picture [B,C,H,W] of `solve_steps`; x itself for one level without to_zero."""
    for later in solve_steps(denoiser, x, sigmas, solver, labels, to_zero=to_zero):
        x = later
    return x


def evaluations(sigmas: Sequence[float], solver: str | Sequence[str] = "heun", *, to_zero: bool = False) -> int:
    """How often `solve` asks the denoiser: the NFE of a sample."""
    return sum(SOLVERS[name].cost for name in _each_interval(sigmas, solver)) + to_zero


def plan(
    solver: str, nfe: int, *, sigma_min: float = SIGMA_MIN, sigma_max: float = SIGMA_MAX
) -> tuple[list[float], list[str]]:
    """The levels, and the solver of each interval, on which `solver` spends at most nfe evaluations.

    "dpm_fast" spends exactly nfe; a solver of two or three evaluations an interval leaves the rest unspent. The
    DPM-Solvers step evenly in ln sigma, the others on the Karras grid. Raises RequestError for a budget below one
    interval.
    """
    if solver != "dpm_fast" and solver not in SOLVERS:
        raise _unknown(solver)
    names = _fast_orders(nfe) if solver == "dpm_fast" else [solver] * (nfe // SOLVERS[solver].cost)
    if not names:
        raise RequestError(f'{nfe} evaluations are not enough for one step of the solver "{solver}".')
    if solver.startswith("dpm"):
        return geometric_sigmas(sigma_max, sigma_min, len(names) + 1), names
    return karras_sigmas(len(names) + 1, sigma_min=sigma_min, sigma_max=sigma_max), names


def _fast_orders(nfe: int) -> list[str]:
    """DPM-Solver-fast (Lu et al. 2022, section 3.4): third order as often as it fits, lower orders at the end."""
    thirds, rest = divmod(nfe, 3)
    if rest:
        return ["dpm3"] * thirds + [{1: "euler", 2: "dpm2"}[rest]]
    return ["dpm3"] * (thirds - 1) + ["dpm2", "euler"] if thirds > 0 else []


def _checked(sigmas: Sequence[float], solver: str | Sequence[str]) -> tuple[list[float], list[Callable]]:
    """The levels and the rule of each interval. Raises RequestError."""
    levels = validated_sigmas(sigmas, sigma_min=0.0)
    if levels[-1] == 0:
        raise RequestError("The last noise level must be above 0; to_zero=True takes the rest of the noise away.")
    return levels, [SOLVERS[name].rule for name in _each_interval(sigmas, solver)]


def _each_interval(sigmas: Sequence[float], solver: str | Sequence[str]) -> list[str]:
    names = [solver] * (len(sigmas) - 1) if isinstance(solver, str) else list(solver)
    for name in names:
        if name not in SOLVERS:
            raise _unknown(name)
    if len(names) != len(sigmas) - 1:
        raise RequestError(f"{len(sigmas)} noise levels need {len(sigmas) - 1} solvers, one for each interval.")
    return names


def _unknown(solver: str) -> RequestError:
    return RequestError(f'There is no solver "{solver}"; {", ".join([*SOLVERS, "dpm_fast"])} are known.')
