"""One step of the probability flow, against Gaussian data whose flow is a closed form."""

import pytest
import torch

from tests.oracles import Gaussian
from training.objectives.grid import karras_grid
from training.objectives.one_step import ONE_STEP

DATA = Gaussian(m=0.0, s=0.5)


def walked(solver: str, points: int) -> float:
    """80 walked down the whole grid, divided by where the exact flow ends."""
    x = start = torch.full((1, 1, 1, 1), 80.0, dtype=torch.float64)
    grid = karras_grid(points).double()
    for high_B, low_B in zip(grid[:-1, None], grid[1:, None]):
        x = ONE_STEP[solver](DATA.denoiser, x, high_B, low_B)
    return (x / DATA.jump(start, 80.0)).item()


@pytest.mark.parametrize(
    ("solver", "points", "ratio"),
    [
        ("heun", 18, 1.055278326),
        ("heun", 40, 1.009781529),
        ("euler", 18, 0.8460861659),
        ("euler", 40, 0.9297271448),
    ],
)
def test_steps_down_the_grid_end_where_the_closed_form_of_the_solver_does(solver, points, ratio):
    assert walked(solver, points) == pytest.approx(ratio, rel=1e-6)


@pytest.mark.parametrize(("solver", "order"), [("euler", 1), ("heun", 2)])
def test_the_error_of_a_trajectory_falls_with_the_solvers_order(solver, order):
    coarse, fine = abs(walked(solver, 161) - 1), abs(walked(solver, 321) - 1)
    assert coarse / fine == pytest.approx(2**order, rel=0.05)


@pytest.mark.parametrize("solver", ONE_STEP)
def test_every_picture_has_its_own_levels(solver):
    x = DATA.pictures(3) * 10
    high_B, low_B = torch.tensor([40.0, 5.0, 0.5]), torch.tensor([30.0, 1.0, 0.4])
    alone = [ONE_STEP[solver](DATA.denoiser, x[i : i + 1], high_B[i : i + 1], low_B[i : i + 1]) for i in range(3)]
    torch.testing.assert_close(ONE_STEP[solver](DATA.denoiser, x, high_B, low_B), torch.cat(alone))


@pytest.mark.parametrize(("solver", "levels"), [("euler", [2.0]), ("heun", [2.0, 1.0])])
def test_a_step_evaluates_the_teacher_as_often_as_its_order_without_gradients(solver, levels):
    asked, weight = [], torch.ones(1, requires_grad=True)

    def teacher(x, sigma_B, labels):
        asked.append((sigma_B.item(), labels))
        return weight * DATA.denoiser(x, sigma_B)

    x = ONE_STEP[solver](teacher, torch.ones(1, 1, 1, 1), torch.tensor([2.0]), torch.tensor([1.0]), "labels")
    assert asked == [(level, "labels") for level in levels]
    assert not x.requires_grad
