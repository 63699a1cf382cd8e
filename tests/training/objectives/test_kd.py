"""Knowledge distillation against a teacher whose whole walk is known.

Gaussian data: from sigma_max z the flow ends at m + (sigma_max z - m) s / sqrt(s^2 + sigma_max^2).
"""

import pytest
import torch

from core import ConfigError, karras_sigmas, solve
from core.schedule import SIGMA_MAX
from core.solvers import evaluations
from tests.oracles import Mixture
from tests.training.fits import fit
from tests.training.objectives.steps import DATA, Watched, loss_of, terms_of
from training.objectives import OBJECTIVES
from training.objectives.base import Batch
from training.objectives.kd import KnowledgeDistillation

DISTILLATION = KnowledgeDistillation()
SCALE = DATA.s / (DATA.s**2 + SIGMA_MAX**2) ** 0.5


def pairs_of(data, count: int = 200, seed: int = 0) -> Batch:
    """Noise, and the end of the exact flow from it."""
    noise = torch.randn(count, 1, 4, 4, generator=torch.Generator().manual_seed(seed))
    return Batch(data.consistency(SIGMA_MAX * noise, SIGMA_MAX), None, noise)


@pytest.mark.parametrize("data", [DATA, Mixture()])
def test_the_exact_flow_has_no_loss_and_the_denoiser_has(data):
    assert loss_of(DISTILLATION, data.consistency, pairs_of(data)) < 1e-10
    assert loss_of(DISTILLATION, data.denoiser, pairs_of(data)) > 0.1


def test_pairs_of_more_levels_are_nearer_to_the_exact_flow():
    def defect(levels):
        walk = KnowledgeDistillation(levels=levels)
        noise = pairs_of(DATA).noise
        x0 = solve(DATA.denoiser, SIGMA_MAX * noise, walk.pair_levels(), walk.solver, to_zero=True)
        return loss_of(walk, DATA.consistency, Batch(x0, None, noise))

    assert defect(10) > 10 * defect(20) > 100 * defect(40)  # second order: the squared error falls by 16


def test_a_short_fit_finds_the_flow():
    offset, scale = fit(
        DISTILLATION,
        lambda offset, scale: lambda x, *_: offset + scale * x / SIGMA_MAX,
        start=(0.0, 1.0),
        batches=lambda n: pairs_of(DATA, seed=n),
    )
    assert offset == pytest.approx(DATA.m * (1 - SCALE), abs=0.005)
    assert scale == pytest.approx(SCALE * SIGMA_MAX, abs=0.005)


def test_the_student_is_evaluated_once_at_the_highest_level_with_labels_and_dropout_mask():
    student, batch = Watched(DATA.consistency), pairs_of(DATA, 8)
    batch = Batch(batch.x0, torch.arange(8), batch.noise)
    dropout_mask = torch.ones(8, 5)
    terms = terms_of(DISTILLATION, student, batch, dropout_mask=dropout_mask)
    (x, sigma, labels, given, _), *others = student.calls
    assert not others and student.grads == [True]
    assert labels is batch.labels and given is dropout_mask
    assert torch.equal(x, SIGMA_MAX * batch.noise)
    assert sigma.tolist() == terms.sigma.tolist() == [SIGMA_MAX] * 8


@pytest.mark.parametrize("metric", ["l1", "l2", "pseudo_huber"])
def test_the_metric_is_taken_by_name(metric):
    batch = pairs_of(DATA, 4)
    terms = terms_of(KnowledgeDistillation(metric=metric), lambda *_: batch.x0 + 0.5, batch)
    expected = {"l1": 0.5, "l2": 0.25, "pseudo_huber": 2.0 - 0.00054 * 4}[metric]  # 16 values: the norm is 2
    assert terms.per_picture.tolist() == pytest.approx([expected] * 4, rel=1e-3)


def test_a_perfect_answer_has_a_gradient_of_zero():
    batch, scale = pairs_of(DATA, 4), torch.ones(1, requires_grad=True)
    loss_of(DISTILLATION, lambda x, *_: batch.x0 * scale, batch).backward()
    assert scale.grad.item() == 0


def test_a_pair_of_the_defaults_takes_35_evaluations():
    assert DISTILLATION.pair_levels() == karras_sigmas(18)
    assert evaluations(DISTILLATION.pair_levels(), DISTILLATION.solver, to_zero=True) == 35
    assert DISTILLATION.needs_teacher
    assert OBJECTIVES["kd"] is KnowledgeDistillation


@pytest.mark.parametrize(
    ("settings", "word"),
    [({"pairs": 0}, "pairs"), ({"solver": "ddim"}, "ddim"), ({"levels": 0}, "levels"), ({"metric": "l7"}, "l7")],
)
def test_settings_that_make_no_sense_are_refused(settings, word):
    with pytest.raises(ConfigError, match=word):
        KnowledgeDistillation(**settings)
