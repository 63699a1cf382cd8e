"""What the model of a finished run and the one that it started from are measured with.

Both get the same held-out bedrooms, which the project draws, and the same random numbers. Two measures: how well a
model does what its run is for (`task`), and its samples (`samples`). Smaller is better.

Shapes: N pictures, C channels, R side.
"""

from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

import core
from core.checkpoint import network_of, open_checkpoint
from core.edit_schedules import edit_sigmas
from core.models import PARAMETERISATIONS, ScaledModel
from core.schedule import SIGMA_MAX
from core.solvers import solve
from core.unet import UNet
from training.config import load_config
from training.data.synthetic import synthetic_pictures
from training.draws import Draws
from training.metrics.distribution import kernel_distance
from training.objectives.base import Batch, Objective, Step
from training.objectives.continuous import ContinuousDistillation
from training.objectives.mcm import MultistepConsistency
from training.objectives.scm import SimplifiedConsistency

HELD_OUT_SEED = 1  # of the bedrooms; training draws its own from another
PICTURES = 256
WALKED = 64  # pictures for which a teacher's whole flow is followed
SIGMAS = (0.25, 0.5, 1.0, 2.0)


class Judge:
    """Measures models of the finished run in a folder."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.config = load_config(folder / "config.toml")
        pixels = synthetic_pictures(PICTURES, self.config.network.resolution, HELD_OUT_SEED)
        self.x0 = torch.from_numpy(pixels).float() / 127.5 - 1
        self.teacher = _frozen(self.config.teacher) if self.config.teacher else None

    def trained(self) -> ScaledModel:
        return _frozen(self.folder / "model.safetensors")

    def started(self) -> ScaledModel:
        """The run's kind of model with the weights that it began with."""
        begins = self.config.teacher if self.config.start == "teacher" else self.config.start
        if begins:
            return self._as_own_kind(network_of(*open_checkpoint(begins)))
        torch.manual_seed(self.config.run.seed)
        network = UNet(self.config.network)
        network.prior.load_state_dict(self.trained().network.prior.state_dict())  # measured, not learnt
        return self._as_own_kind(network)

    def _as_own_kind(self, network: UNet) -> ScaledModel:
        card = open_checkpoint(self.folder / "model.safetensors")[0]
        return PARAMETERISATIONS[card.parameterisation](network.eval().requires_grad_(False), card)

    @property
    def from_scratch(self) -> bool:
        return not self.config.start

    # ---- what the run is for

    def task(self, model: ScaledModel) -> float:
        """The run's own loss, or where that says nothing the distance to where it should lead.

        Training from pictures alone pulls each answer to the one at a lower level on the noise of one picture. What
        that noise adds is most of the loss, and nothing that a consistency function has less of than the denoiser that
        the run starts from: their losses are equal for Gaussian data (test_tiny_runs.py), or have no value at all in
        continuous time. From random weights there is enough else to lose.
        """
        if self.config.start and not self.teacher:
            return self.arrival(model)
        return self.own_loss(model)

    def own_loss(self, model: ScaledModel) -> float:
        """The mean loss of the run's objective, with `model` as its own target."""
        objective, progress = measurable(self.config.objective)
        draws = Draws(torch.Generator().manual_seed(1), PICTURES)
        step = Step(model, draws, progress, None, self._last_teacher(), objective.weighting(), target=model)
        return float(objective.loss(self._batch(objective), step).per_picture.mean())

    def _batch(self, objective: Objective) -> Batch:
        """Held-out pictures, or fresh pairs of the teacher, with noise that the run has not seen."""
        if not objective.pairs:
            return Batch(self.x0, None)
        noise, levels = self._noise(PICTURES), objective.pair_levels()
        ends = solve(self.teacher, levels[0] * noise, levels, objective.solver, to_zero=True)
        return Batch(ends, None, noise)

    def _last_teacher(self) -> ScaledModel | None:
        """The run's teacher, after hand-overs the last of them."""
        if not self.config.objective.hand_overs:
            return self.teacher
        network = UNet(self.config.network)
        network.load_state_dict(torch.load(self.folder / "state.pt", weights_only=True)["learner"]["teacher"])
        return self._as_own_kind(network)

    def arrival(self, model: ScaledModel) -> float:
        """Mean square of one evaluation less where the flow of the denoiser that the run started from leads from there,
        over a few levels."""
        denoiser, draws, total = _frozen(self.config.start), Draws(torch.Generator().manual_seed(1), WALKED), 0.0
        for sigma in SIGMAS:
            x = self.x0[:WALKED] + sigma * draws.normal(*model.shape)
            end = solve(denoiser, x, core.karras_sigmas(12, sigma_max=sigma), "heun", to_zero=True)
            total += float((model(x, sigma) - end).square().mean())
        return total / len(SIGMAS)

    # ---- samples

    def samples(self, model: ScaledModel) -> float:
        """The kernel distance of its samples, in as many steps as its card names, to held-out pictures.

        Where a model makes of a noise what its teacher does, the distance between the two says more. A distance by an
        untrained network is nearly blind to tones, which kernel distances of tiny pictures are about: there, too.
        """
        if self.teacher and (model.rules.move == "carry" or self.config.objective.metric == "lpips_random"):
            return self.likeness(model)
        samples = self._walk(model, self.config.card.default_steps, PICTURES)
        return kernel_distance(_pixels(samples), _pixels(self.x0))

    def likeness(self, model: ScaledModel) -> float:
        """Mean square of its samples less what the teacher's flow makes of the same noise. In one step if others would
        add noise of their own."""
        steps = self.config.card.default_steps if model.rules.move == "carry" else 1
        wanted = solve(self.teacher, SIGMA_MAX * self._noise(WALKED), core.karras_sigmas(32), "heun", to_zero=True)
        return float((self._walk(model, steps, WALKED) - wanted.clamp(-1, 1)).square().mean())

    def _walk(self, model: ScaledModel, steps: int, count: int) -> Tensor:
        """[N,C,R,R] samples."""
        return core.sample(model, edit_sigmas(model.card, "generate", steps), core.SeededNoise(range(count)))

    def _noise(self, count: int) -> Tensor:
        """[N,C,R,R] the noise that samples start from."""
        config = self.config.network
        return core.SeededNoise(range(count)).draw(0, (config.channels, config.resolution, config.resolution))


def measurable(objective: Objective) -> tuple[Objective, float]:
    """The objective with settings under which its loss has a value that tells good from bad, and the progress.

    The gradient that a run follows needs neither: it is that of the loss with its target held still.
    """
    if isinstance(objective, ContinuousDistillation):  # the true loss, which the other has the gradient of
        return replace(objective, stop_gradient=False, weight="discrete"), 1.0
    if isinstance(objective, SimplifiedConsistency):  # a normalised tangent has nearly length 1, however bad
        return replace(objective, tangent="clip"), 1.0
    if isinstance(objective, MultistepConsistency):  # while steps are coarse: of fine ones all weight lies next to 0
        return objective, 0.0
    return objective, 1.0


def _frozen(path: str | Path) -> ScaledModel:
    card, weights = open_checkpoint(path)
    network = network_of(card, weights).eval().requires_grad_(False)
    return PARAMETERISATIONS[card.parameterisation](network, card)


def _pixels(x_NCRR: Tensor):
    """Features of tiny pictures: their values. Networks that were trained on photographs see nothing in them."""
    return x_NCRR.flatten(1).double().numpy()
