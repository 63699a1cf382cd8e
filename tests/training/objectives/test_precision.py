"""How near the levels lie that a loss compares, and that its gradient is float32's in the precision chosen by that."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

from core import choose_runtime
from core.runtime import NEAREST, train_precision
from tests import tiny
from tests.training.objectives.steps import DATA, Watched, batch_of, step_for
from training.config import load_config
from training.objectives.base import Batch, Objective
from training.objectives.cd import ConsistencyDistillation
from training.objectives.ct import ConsistencyTraining
from training.objectives.ect import EasyConsistencyTuning
from training.objectives.edm import Denoising
from training.objectives.ict import ImprovedConsistencyTraining
from training.objectives.kd import KnowledgeDistillation
from training.objectives.mcm import MultistepConsistency
from training.objectives.pd import ProgressiveDistillation
from training.objectives.walk import WalkDistillation

CONFIGS = Path(__file__).resolve().parents[3] / "training" / "configs"
WEIGHTS_NEEDED = ("lpips", "lpips_average", "features")  # metrics that a test has no network for


def finest_progress(objective: Objective) -> float:
    """The progress of the run at which its levels lie nearest: in stages, whose steps get longer, that is the start."""
    return 0.0 if objective.hand_overs else 1.0


# ---- how near the levels lie


@pytest.mark.parametrize(
    "objective",
    [
        ConsistencyDistillation(points=40), ConsistencyDistillation(points=2), ConsistencyTraining(s1=200),
        ImprovedConsistencyTraining(std=0.01), ImprovedConsistencyTraining(mean=1.0, std=0.01),
        EasyConsistencyTuning(std=0.0, stages=(256.0, 2.0), stage_ends=(0.5, 1.0)),
        EasyConsistencyTuning(mean=2.0, std=0.0), MultistepConsistency(), MultistepConsistency(distil=False),
        MultistepConsistency(segments=(2,), borders=(2.0,)), ProgressiveDistillation(64),
    ],
    ids=lambda objective: type(objective).__name__,
)  # fmt: skip
def test_no_levels_are_nearer_than_the_objectives_level_gap(objective):
    """The levels at which its loss asks student and teacher, for each picture."""
    student, batch, asked = Watched(DATA.denoiser), batch_of(count=20_000, shape=(1, 1, 1)), []
    for progress in (0.0, 0.25, 1.0):
        teacher = Watched(DATA.denoiser)
        objective.loss(batch, step_for(student, batch, progress=progress, teacher=teacher))
        levels = torch.stack([call[1].double() for call in (*student.calls, *teacher.calls)])
        ratios = levels[:, None] / levels
        asked.append(1 - ratios[ratios < 1 - 1e-6].max())
        student.calls.clear()
    assert float(min(asked)) == pytest.approx(objective.level_gap, rel=0.02)


@pytest.mark.parametrize("objective", [Denoising(), KnowledgeDistillation()])
def test_a_loss_that_compares_no_levels_has_a_level_gap_of_1(objective):
    assert objective.level_gap == 1


@pytest.mark.parametrize("end", [0.05, 1.0])
def test_a_step_of_walk_distillation_is_no_shorter_than_its_level_gap(end):
    objective = WalkDistillation(points=40)
    top = torch.tensor([80.0], dtype=torch.float64)
    assert 1 - objective.next_lower(top, end) / top >= objective.level_gap - 1e-9


# ---- the gradient


BATCHES = 3


def gradient(objective: Objective, precision: str | torch.dtype, number: int = 0) -> Tensor:
    """Of the loss of batch `number` by all weights, where the objective's levels lie nearest.

    The weights are random, and those of the teacher: then near levels have the least to say.
    """
    student, teacher = tiny.model(objective.parameterisation), tiny.model("edm").requires_grad_(False)
    for model in (student, teacher):
        train_precision(model.network, choose_runtime("cpu", precision))
    x0 = tiny.photos(32 * BATCHES)[32 * number :][:32]
    batch = Batch(x0, None, torch.randn(x0.shape, generator=torch.Generator().manual_seed(2)))
    lent = {"teacher": teacher, "weighting": objective.weighting(), "critic": objective.critic(0)}
    if lent["critic"] is not None:
        lent["critic"].precision = student.network.precision
    step = step_for(student, batch, progress=finest_progress(objective), **lent)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**10, enabled=precision in ("float16", torch.float16))
    scaler.scale(objective.loss(batch, step).per_picture.mean()).backward()
    return torch.cat([p.grad.flatten() for p in student.network.parameters()]) / scaler.get_scale()


def cosine(objective: Objective, precision: str | torch.dtype) -> float:
    """Between its gradients in that precision and in float32, the median of several batches.

    Some losses have a kink, and rounding may bring a picture of one batch to its other side; not of most.
    """
    found = [
        cosine_similarity(gradient(objective, precision, n), gradient(objective, "float32", n), dim=0)
        for n in range(BATCHES)
    ]
    return float(torch.stack(found).median())


def _without_downloads(objective: Objective) -> dict:
    """The settings that let an objective work on tiny pictures with nothing but this repository."""
    if objective.has_critic:
        return {"features": "random", "scales": (1, 2, 4), "coarse": (2, 4)}
    return {"metric": "l2"} if objective.metric in WEIGHTS_NEEDED else {}


def of_presets() -> dict[Objective, str]:
    """The objectives of all presets but the toys, by the first preset that has them."""
    found = {}
    for path in [*sorted(CONFIGS.glob("*.toml")), *sorted(CONFIGS.glob("paper/*.toml"))]:
        objective = load_config(path).objective
        found.setdefault(replace(objective, **_without_downloads(objective)), path.stem)
    return found


PRESETS = of_presets()


@pytest.fixture(autouse=True)
def tf32_as_before(monkeypatch):
    """`train_precision` sets it for the whole process."""
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", torch.backends.cudnn.allow_tf32)


@pytest.fixture
def modern_card(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (9, 0))


@pytest.mark.parametrize("objective", PRESETS, ids=PRESETS.values())
def test_a_presets_gradient_is_float32s_in_the_precision_that_a_card_takes_for_it(objective, modern_card):
    """For TF32, which processors lack, float16 stands in: it rounds to as many digits, and more often."""
    runtime = choose_runtime("cuda", level_gap=objective.level_gap)
    in_tf32 = runtime.dtype == torch.float32 and runtime.tf32
    assert cosine(objective, torch.float16 if in_tf32 else runtime.dtype) > 0.99


@pytest.mark.parametrize(
    ("objective", "precision"),
    [
        (ConsistencyTraining(s1=200), "bfloat16"), (ImprovedConsistencyTraining(), "bfloat16"),
        (ProgressiveDistillation(4096), "float16"),
    ],
)  # fmt: skip
def test_coarser_precisions_drown_losses_that_compare_near_levels(objective, precision):
    assert objective.level_gap < NEAREST[precision]
    assert cosine(objective, precision) < 0.99
