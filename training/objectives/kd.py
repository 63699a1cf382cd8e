"""Knowledge distillation (Luhman & Luhman 2021): one evaluation instead of a teacher's whole sampling trajectory.

Shapes: B pictures, C channels, H rows, W columns.
"""

from dataclasses import dataclass

from core.errors import ConfigError
from core.schedule import MAX_STEPS, SIGMA_MAX, karras_sigmas
from core.solvers import SOLVERS
from training.metrics.pairwise import metric_of
from training.objectives.base import Batch, LossTerms, Objective, Step


@dataclass(frozen=True)
class KnowledgeDistillation(Objective):
    """Regression of the picture that the teacher's deterministic sampler makes from a noise.

    The student learns one noise level only, SIGMA_MAX, so it can only sample in one step. It starts from the teacher's
    weights (`start = "teacher"`) and therefore keeps the denoiser's scalings.
    """

    pairs: int = 1000  # of noise and picture; the paper: 1,024,000
    metric: str = "l2"  # a name in training/metrics/pairwise.py; the paper: "l1" for CIFAR-10, "l2" for LSUN
    solver: str = "heun"  # the teacher's sampler, a name in core.solvers.SOLVERS; the paper: "euler", which is DDIM
    levels: int = 18  # noise levels of that sampler, on the Karras grid: with "heun" 35 evaluations per pair

    parameterisation = "edm"
    needs_teacher = True

    def __post_init__(self):
        metric_of(self.metric)
        check_walk(self.solver, self.levels, most=MAX_STEPS)
        if self.pairs < 1:
            raise ConfigError("pairs must be at least 1: knowledge distillation learns from nothing else.")

    def pair_levels(self) -> list[float]:
        """The denoiser's own grid (Karras et al. 2022, equation 5)."""
        return karras_sigmas(self.levels)

    def schedules(self) -> dict:
        """One step from SIGMA_MAX, the only level that the student knows."""
        return {"generate": {"1": [SIGMA_MAX]}}

    def loss(self, batch: Batch, step: Step) -> LossTerms:
        """metric(f(sigma_max z, sigma_max), y) for the pair of noise z and picture y (the paper's equation 11)."""
        return one_step_regression(self.metric, batch, step)


def one_step_regression(metric: str, batch: Batch, step: Step) -> LossTerms:
    """metric(f(sigma_max z, sigma_max), x0): the distance of the student's one step from z to the picture of the pair.

    z [B,C,H,W] is batch.noise, which must not be None; x0 is the picture of each pair. The student's input is noise
    alone, as at the start of sampling, not the picture plus noise.
    """
    assert batch.noise is not None  # batches of pairs have it
    sigma_B = batch.noise.new_full((len(batch.noise),), SIGMA_MAX)
    answer = step.student(SIGMA_MAX * batch.noise, sigma_B, batch.labels, step.dropout_mask)
    return LossTerms(metric_of(metric)(answer, batch.x0), sigma_B)


def check_walk(solver: str, levels: int, *, most: int) -> None:
    """Raises ConfigError unless the solver is known and `levels`, its number of noise levels, is 1 to `most`."""
    if solver not in SOLVERS:
        raise ConfigError(f'There is no solver "{solver}"; {", ".join(SOLVERS)} are known.')
    if not 1 <= levels <= most:
        raise ConfigError(f"levels must be 1 to {most}.")
