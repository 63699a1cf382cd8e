"""Knowledge distillation (Luhman & Luhman 2021): a teacher's whole walk from noise to picture in one evaluation."""

from dataclasses import dataclass

from core.schedule import MAX_STEPS, SIGMA_MAX, karras_sigmas
from core.solvers import SOLVERS
from training.metrics.pairwise import metric_of
from training.objectives.base import Batch, LossTerms, Objective, Step


@dataclass(frozen=True)
class KnowledgeDistillation(Objective):
    """Regress the picture that the teacher's deterministic sampler makes of a noise.

    The student learns a single noise level, SIGMA_MAX, and is of use in one step only. It starts from the teacher's
    weights (`start = "teacher"`), so it keeps the denoiser's scalings.
    """

    pairs: int = 1000  # the paper: 1,024,000
    metric: str = "l2"  # a name in training/metrics/pairwise.py; the paper: "l1" for CIFAR-10, "l2" for LSUN
    solver: str = "heun"  # of the teacher's walk, a name in core.solvers.SOLVERS; the paper: "euler", which is DDIM
    levels: int = 18  # of the walk, on the Karras grid: with "heun" 35 evaluations a pair

    parameterisation = "edm"
    needs_teacher = True

    def __post_init__(self):
        metric_of(self.metric)
        check_walk(self.solver, self.levels, most=MAX_STEPS)
        if self.pairs < 1:
            raise TypeError("pairs must be at least 1: knowledge distillation learns from nothing else.")

    def pair_levels(self) -> list[float]:
        """The denoiser's own grid (Karras et al. 2022, equation 5)."""
        return karras_sigmas(self.levels)

    def schedules(self) -> dict:
        """One step from SIGMA_MAX, the only level that the student knows."""
        return {"generate": {"1": [SIGMA_MAX]}}

    def loss(self, batch: Batch, step: Step) -> LossTerms:
        """The paper's equation 11: metric(f(sigma_max z, sigma_max), y) for the pair (z, y)."""
        return one_step_regression(self.metric, batch, step)


def one_step_regression(metric: str, batch: Batch, step: Step) -> LossTerms:
    """metric(f(sigma_max z, sigma_max), x0): the student's one step from the noise z against the picture paired to it.

    The noise alone, without the picture under it, is what a sampler starts from.
    """
    assert batch.noise is not None  # batches of pairs have it
    sigma_B = batch.noise.new_full((len(batch.noise),), SIGMA_MAX)
    answer = step.student(SIGMA_MAX * batch.noise, sigma_B, batch.labels, step.dropout_mask)
    return LossTerms(metric_of(metric)(answer, batch.x0), sigma_B)


def check_walk(solver: str, levels: int, *, most: int) -> None:
    """Whether these settings describe a walk of the teacher. Raises TypeError."""
    if solver not in SOLVERS:
        raise TypeError(f'There is no solver "{solver}"; {", ".join(SOLVERS)} are known.')
    if not 1 <= levels <= most:
        raise TypeError(f"levels must be 1 to {most}.")
