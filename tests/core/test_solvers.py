"""Deterministic samplers against flows whose end is known."""

from itertools import pairwise
from math import log2

import pytest
import torch

from core import RequestError, karras_sigmas
from core.schedule import SIGMA_MAX, SIGMA_MIN, geometric_sigmas
from core.solvers import SOLVERS, evaluations, plan, solve, solve_steps
from tests.oracles import Gaussian, Mixture

STANDARD = Gaussian(m=0.0, s=0.5)


class Counted:
    """A denoiser that counts how often it is asked, and at which levels."""

    def __init__(self, denoiser):
        self.denoiser, self.sigmas, self.labels = denoiser, [], []

    def __call__(self, x, sigma, labels=None):
        self.sigmas.append(sigma)
        self.labels.append(labels)
        return self.denoiser(x, sigma)


def start(*values: float):
    return torch.tensor(values, dtype=torch.float64).reshape(-1, 1, 1, 1)


def ratio_to_exact(solver: str, sigmas) -> float:
    """What the solver makes of 80, divided by what the flow makes of it."""
    x = start(80.0)
    return float(solve(STANDARD.denoiser, x, sigmas, solver) / STANDARD.jump(x, SIGMA_MAX, SIGMA_MIN))


@pytest.mark.parametrize(
    ("solver", "levels", "ratio"),
    [
        ("heun", 18, 1.055278326),
        ("heun", 40, 1.009781529),
        ("euler", 18, 0.8460861659),
        ("euler", 40, 0.9297271448),
    ],
)
def test_gaussian_data_gives_the_references_numbers(solver, levels, ratio):
    assert ratio_to_exact(solver, karras_sigmas(levels)) == pytest.approx(ratio, rel=1e-9)


@pytest.mark.parametrize(
    ("solver", "low", "high"),
    [("euler", 0.95, 1.05), ("heun", 1.9, 2.2), ("dpm2", 1.95, 2.1), ("dpm3", 3.0, 3.2), ("deis3", 3.3, 4.0)],
)
def test_the_error_falls_with_the_solvers_order(solver, low, high):
    def grid(intervals):
        """The DPM-Solvers' own steps are even in ln sigma."""
        if solver.startswith("dpm"):
            return geometric_sigmas(SIGMA_MAX, SIGMA_MIN, intervals + 1)
        return karras_sigmas(intervals + 1)

    errors = [abs(ratio_to_exact(solver, grid(intervals)) - 1) for intervals in (40, 80, 160)]
    assert all(low < log2(coarse / fine) < high for coarse, fine in pairwise(errors))


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
def test_deis_is_exact_where_the_noise_is_a_cubic_of_sigma(degree):
    """From the fourth interval on, when four estimates are known."""

    def denoiser(x, sigma, labels=None):
        return x - sigma * sigma**degree  # e = sigma^degree

    _, _, third, _, last = solve_steps(denoiser, start(0.0), [2.0, 1.9, 1.7, 1.5, 1.1, 0.6], "deis3")
    assert float(last - third) == pytest.approx((0.6 ** (degree + 1) - 1.5 ** (degree + 1)) / (degree + 1), rel=1e-12)


@pytest.mark.parametrize("solver", [*SOLVERS])
def test_an_unchanging_estimate_of_the_noise_is_followed_exactly(solver):
    """Data that is a single point: x is that point plus sigma times one noise, at every level."""
    point, noise = start(0.3, -0.2), start(1.0, -2.0)
    x = solve(lambda x, sigma, labels: point, point + 80 * noise, [80.0, 7.0, 0.5, 0.1, 0.02], solver)
    torch.testing.assert_close(x, point + 0.02 * noise, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("solver", [*SOLVERS])
def test_the_evaluations_are_counted(solver):
    denoiser, sigmas = Counted(STANDARD.denoiser), karras_sigmas(7)
    for to_zero in (False, True):
        denoiser.sigmas.clear()
        solve(denoiser, start(80.0), sigmas, solver, to_zero=to_zero)
        assert len(denoiser.sigmas) == evaluations(sigmas, solver, to_zero=to_zero)
        assert min(denoiser.sigmas) >= sigmas[-1]


def test_edm_spends_35_evaluations_on_18_levels_and_79_on_40():
    assert [evaluations(karras_sigmas(n), "heun", to_zero=True) for n in (18, 40)] == [35, 79]


@pytest.mark.parametrize(
    ("nfe", "orders"),
    [(1, "1"), (2, "2"), (3, "21"), (4, "31"), (5, "32"), (6, "321"), (9, "3321"), (10, "3331"), (11, "3332")],
)
def test_the_fast_solver_spends_its_whole_budget(nfe, orders):
    denoiser = Counted(STANDARD.denoiser)
    sigmas, solvers = plan("dpm_fast", nfe)
    solve(denoiser, start(80.0), sigmas, solvers)
    assert "".join(str(SOLVERS[name].cost) for name in solvers) == orders
    assert len(denoiser.sigmas) == evaluations(sigmas, solvers) == nfe
    assert (sigmas[0], sigmas[-1]) == (SIGMA_MAX, pytest.approx(SIGMA_MIN))
    assert all(a / b == pytest.approx(sigmas[0] / sigmas[1]) for a, b in pairwise(sigmas))  # even in ln sigma


@pytest.mark.parametrize("solver", [*SOLVERS])
@pytest.mark.parametrize("nfe", [6, 10, 11])
def test_other_solvers_stay_within_the_budget_by_less_than_one_interval(solver, nfe):
    spent = evaluations(*plan(solver, nfe))
    assert nfe - SOLVERS[solver].cost < spent <= nfe


@pytest.mark.parametrize("solver", [*SOLVERS, "dpm_fast"])
def test_the_modes_of_a_mixture_are_met_by_the_flows_own_map(solver):
    data, x = Mixture(), start(-60.0, -30.0, 3.0, 50.0)
    exact = start(-0.5312149282, 0.2568886737, 0.3493729477, 0.4304043334)

    def defect(nfe):
        return float((solve(data.denoiser, x, *plan(solver, nfe)) - exact).abs().max())

    assert defect(240) < {"euler": 0.01, "heun": 5e-4, "dpm2": 3e-4}.get(solver, 1e-5)
    assert defect(240) < defect(60)


def test_the_last_evaluation_takes_the_noise_of_the_last_level_away():
    x, sigmas = start(80.0, -40.0), [80.0, 10.0, 1.0]
    noisy = solve(STANDARD.denoiser, x, sigmas, "euler")
    assert torch.equal(solve(STANDARD.denoiser, x, sigmas, "euler", to_zero=True), STANDARD.denoiser(noisy, 1.0))


def test_a_picture_for_every_interval_and_the_last_is_the_sample():
    sigmas = karras_sigmas(5)
    pictures = list(solve_steps(STANDARD.denoiser, start(80.0), sigmas, "deis3", to_zero=True))
    assert len(pictures) == 5
    for i in (1, 2, 3):
        assert torch.equal(pictures[i], solve(STANDARD.denoiser, start(80.0), sigmas[: i + 2], "deis3"))
    assert torch.equal(pictures[-1], solve(STANDARD.denoiser, start(80.0), sigmas, "deis3", to_zero=True))


def test_labels_reach_every_evaluation_and_no_gradient_is_kept():
    scale, labels = torch.ones(1, dtype=torch.float64, requires_grad=True), torch.tensor([3])
    denoiser = Counted(lambda x, sigma: scale * STANDARD.denoiser(x, sigma))
    x = solve(denoiser, start(80.0), karras_sigmas(4), "dpm3", labels)
    assert not x.requires_grad
    assert all(given is labels for given in denoiser.labels)


@pytest.mark.parametrize(
    ("sigmas", "solver", "word"),
    [
        ([80.0, 1.0], "rk4", "rk4"),
        ([80.0, 1.0], ["euler", "euler"], "interval"),
        ([1.0, 80.0], "euler", "descend"),
        ([80.0, 0.0], "euler", "above 0"),
        ([], "euler", "level"),
    ],
)
def test_what_cannot_be_solved_is_said(sigmas, solver, word):
    with pytest.raises(RequestError, match=word):
        solve(STANDARD.denoiser, start(80.0), sigmas, solver)


@pytest.mark.parametrize(("solver", "nfe"), [("heun", 1), ("dpm_fast", 0), ("rk4", 10)])
def test_a_budget_that_buys_nothing_is_said(solver, nfe):
    with pytest.raises(RequestError, match=solver):
        plan(solver, nfe)
