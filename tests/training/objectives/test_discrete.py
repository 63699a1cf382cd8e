"""What cd, ct, ict and ect have in common, against data whose consistency function is known."""

import pytest
import torch

from core.schedule import SIGMA_MAX, SIGMA_MIN
from tests.oracles import Mixture, Plane
from tests.training.objectives.discrete import Bent, Flow, slope_at, trained
from tests.training.objectives.steps import DATA, Watched, batch_of, loss_of, step_for, terms_of
from training.draws import Draws
from training.objectives.base import Batch, Objective, Step, expand
from training.objectives.cd import ConsistencyDistillation
from training.objectives.ct import ConsistencyTraining
from training.objectives.ect import EasyConsistencyTuning
from training.objectives.grid import karras_grid
from training.objectives.ict import ImprovedConsistencyTraining

MIXTURE = Mixture()


def on(kind: type[Objective], points: int) -> Objective:
    """The objective on a grid of that many points, at progress 0 of the run; tuning with that many for its q."""
    if kind is ConsistencyDistillation:
        return kind(points=points)
    if kind is EasyConsistencyTuning:
        return kind(stages=(float(points),), stage_ends=(1.0,))
    return kind(s0=points, s1=points) if kind is ConsistencyTraining else kind(s0=points - 1)


ON_A_GRID = [ConsistencyDistillation, ConsistencyTraining, ImprovedConsistencyTraining]
every_kind = pytest.mark.parametrize("kind", [*ON_A_GRID, EasyConsistencyTuning])
every_data = pytest.mark.parametrize("data", [DATA, MIXTURE, Plane()], ids=lambda data: type(data).__name__)


@every_kind
@every_data
def test_the_gradient_points_to_the_exact_function(kind, data):
    below, there, above = (
        slope_at(bend, on(kind, 160), data, 400, progress=0.0, teacher=data.denoiser) for bend in (-0.2, 0.0, 0.2)
    )
    assert below < 0 < above
    assert abs(there) < 0.1 * min(-below, above)


@every_kind
def test_short_training_finds_the_flow_of_gaussian_data_the_better_the_finer_the_grid(kind):
    errors = []
    for points in (20, 80):
        student = trained(Flow(), on(kind, points), DATA, 300, rate=0.05, progress=0.0, teacher=DATA.denoiser)
        assert student.m.item() == pytest.approx(DATA.m, abs=0.005)
        errors.append(abs(student.s.item() - DATA.s))
    assert errors[1] < 0.5 * errors[0]
    assert errors[1] < 0.02


@every_kind
def test_short_training_straightens_a_bent_flow_of_the_mixture(kind):
    step = {"progress": 0.0, "teacher": MIXTURE.denoiser}
    student = trained(Bent(MIXTURE, 0.3), on(kind, 80), MIXTURE, 60, rate=0.05, count=64, **step)
    assert abs(student.bend.item()) < 0.02


@every_kind
def test_both_answers_share_noise_labels_and_dropout_mask_and_only_the_students_learns(kind):
    student, target, teacher = Watched(DATA.consistency), Watched(DATA.consistency), Watched(DATA.denoiser)
    batch, dropout_mask = Batch(DATA.pictures(8), torch.arange(8)), torch.ones(8, 5)
    terms = terms_of(
        on(kind, 9), student, batch, progress=0.0, dropout_mask=dropout_mask, target=target, teacher=teacher
    )
    ((x, high_B, *asked, _),), ((x_low, low_B, *asked_low, _),) = student.calls, target.calls
    assert asked[0] is asked_low[0] is batch.labels
    assert asked[1] is asked_low[1] is dropout_mask
    assert (student.grads, target.grads) == ([True], [False])
    assert not any(teacher.grads)
    assert all(call[2] is batch.labels for call in teacher.calls)
    assert torch.equal(terms.sigma, high_B)
    assert (low_B < high_B).all()
    if kind is not ConsistencyDistillation:
        z = (x - batch.x0) / expand(high_B)
        torch.testing.assert_close(batch.x0 + expand(low_B) * z, x_low, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", ON_A_GRID)
def test_levels_are_neighbours_on_the_grid(kind):
    student, target = Watched(DATA.consistency), Watched(DATA.consistency)
    terms_of(on(kind, 12), student, batch_of(count=400), progress=0.0, target=target, teacher=DATA.denoiser)
    grid = karras_grid(12)
    assert (grid[0], grid[-1]) == (torch.tensor(SIGMA_MAX), torch.tensor(SIGMA_MIN))
    upper = torch.searchsorted(-grid, -student.calls[0][1])
    assert torch.equal(grid[upper], student.calls[0][1])
    assert torch.equal(grid[upper + 1], target.calls[0][1])
    assert len(upper.unique()) > 9


@every_kind
def test_a_target_with_weights_of_its_own_is_what_the_student_is_compared_with(kind):
    batch = batch_of(count=300)
    itself = loss_of(on(kind, 80), DATA.consistency, batch, progress=0.0, teacher=DATA.denoiser)
    other = {"progress": 0.0, "teacher": DATA.denoiser, "target": lambda x, *rest: DATA.consistency(x, *rest) + 0.1}
    assert loss_of(on(kind, 80), DATA.consistency, batch, **other) > 2 * itself


@every_kind
def test_a_batch_in_two_parts_has_the_losses_of_the_whole(kind):
    batch, objective = batch_of(count=6), on(kind, 12)
    parts = []
    for first in (0, 3):
        part = Batch(batch.x0[first : first + 3], None)
        draws = Draws(torch.Generator().manual_seed(0), 6, first, first + 3)
        step = Step(Bent(DATA, 0.2), draws, 0.0, target=Bent(DATA, 0.2), teacher=DATA.denoiser)
        parts.append(objective.loss(part, step).per_picture)
    whole = objective.loss(batch, step_for(Bent(DATA, 0.2), batch, progress=0.0, teacher=DATA.denoiser)).per_picture
    torch.testing.assert_close(torch.cat(parts), whole)
