"""Networks with their scalings: what maps a noisy picture and its noise level to a clean estimate.

Shapes: B pictures, C channels, H rows, W columns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from core.card import ModelCard
from core.errors import RequestError
from core.network_base import AugmentedNetwork, Network
from core.sampling_rules import SamplingRules
from core.scalings import Scalings, boundary_scalings, edm_scalings, sigma_of
from core.segments import nearest_count


class Denoiser(Protocol):
    """Anything that returns the clean estimate x0 [B,C,H,W] of a noisy picture x at noise level sigma."""

    def __call__(self, x: Tensor, sigma: Tensor | float, labels: Tensor | None = None) -> Tensor: ...


@runtime_checkable
class Sampled(Denoiser, Protocol):
    """A denoiser that says how it is sampled. Plain functions become one by `as_sampled`."""

    @property
    def device(self) -> torch.device:
        """Where its pictures have to be."""

    @property
    def rules(self) -> SamplingRules:
        """How it is walked down the noise levels, if nothing else is asked for."""

    def walking(self, sigmas: Sequence[float], guidance: float) -> Denoiser:
        """The denoiser to ask on a walk over these levels: guided, or told how long the walk is."""


@runtime_checkable
class Model(Sampled, Protocol):
    """A denoiser with a card, as a model file has it: what edits ask of it."""

    @property
    def card(self) -> ModelCard:
        """What its file says of it."""


class PlainDenoiser:
    """A plain function of (x, sigma, labels) as something that is sampled: on the CPU, by the usual rules, unguided."""

    def __init__(self, function: Denoiser):
        self.function, self.device, self.rules = function, torch.device("cpu"), SamplingRules()

    def __call__(self, x: Tensor, sigma: Tensor | float, labels: Tensor | None = None) -> Tensor:
        """What the function returns, [B,C,H,W]."""
        return self.function(x, sigma, labels)

    def walking(self, sigmas: Sequence[float], guidance: float) -> Denoiser:
        """The function as it is: it cannot be guided."""
        return self.function


def as_sampled(denoiser: Denoiser) -> Sampled:
    """The denoiser itself if it says how it is sampled, else the function in a `PlainDenoiser`."""
    return denoiser if isinstance(denoiser, Sampled) else PlainDenoiser(denoiser)


def class_labels(card: ModelCard, look: str | None, count: int, device: torch.device | str = "cpu") -> Tensor | None:
    """What `ScaledModel.labels` returns, [count] or None, for anything that has a card.

    Raises RequestError as it does.
    """
    classes = card.classes
    if look is not None and look not in classes:
        known = f"{', '.join(classes)} are" if classes else "it has none"
        raise RequestError(f'The model {card.name} has no look "{look}": {known}.')
    if not classes:
        return None
    return torch.full((count,), classes.index(look) if look else 0, device=device)


class ScaledModel(nn.Module):
    """A network F inside its scalings: c_skip x + c_out F(c_in x, sigma). The children choose the scalings."""

    usual_move = "renoise"  # how such a model is walked, by a name in core.sampling_rules.MOVES

    def __init__(self, network: Network, card: ModelCard):
        super().__init__()
        self.network = network
        self.card = card

    def scalings(self, sigma_B: Tensor) -> Scalings:
        """c_skip, c_out and c_in, [B] each, at noise levels [B]. The base class raises TypeError: it has none."""
        raise TypeError(f"{type(self).__name__} has no scalings of its own")

    @property
    def rules(self) -> SamplingRules:
        """How this model is to be sampled."""
        return self.card.sampling

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of one picture."""
        return (self.network.config.channels, self.network.config.resolution, self.network.config.resolution)

    @property
    def device(self) -> torch.device:
        """Where its weights are."""
        return next(self.network.parameters()).device

    def labels(self, look: str | None, count: int) -> Tensor | None:
        """The class of that name for `count` pictures, [count]; None for a model without classes.

        None as a name means the first class. Raises RequestError for a name that the model does not have.
        """
        return class_labels(self.card, look, count, self.device)

    def walking(self, sigmas: Sequence[float], guidance: float) -> Denoiser:
        """This model, guided if the walk has two steps or more.

        sigmas: the walk's noise levels. guidance: how much further from what the network makes without attention. A
        single step is never guided: live strokes get one, and there the time counts.
        """
        return GuidedModel(self, guidance) if guidance and len(sigmas) > 1 else self

    def augmented(self, augmented_BA: Tensor) -> "ScaledModel":
        """The same model with labels [B, augment_labels] that say how each picture of one batch was varied.

        Labels that it had before are dropped (training/data/augment_nonleaky.py).
        """
        network = self.network.network if isinstance(self.network, AugmentedNetwork) else self.network
        return type(self)(AugmentedNetwork(network, augmented_BA), self.card)

    def forward(
        self,
        x: Tensor,
        sigma: Tensor | float,
        labels: Tensor | None = None,
        dropout_mask: Tensor | None = None,
        steps_B: Tensor | None = None,
        guidance: float = 0.0,
    ) -> Tensor:
        """The clean estimate [B,C,H,W] float32.

        x: noisy pictures [B,C,H,W]. sigma: one noise level for all of them, or [B]. labels: class numbers [B], for a
        model with classes. dropout_mask: see core/network_base.py. steps_B: for a network that is given the number of
        steps, indices [B] into its step counts, by default the last. guidance: how much further from what the network
        makes without attention (core/unet.py).
        Raises RequestError if labels are missing for a model with classes, or given to one without; and if steps are
        given to a network without step counts. Raises NotEnoughMemory if the memory is too small for one picture.
        """
        if (labels is None) != (self.network.config.classes == 0):
            has = f"classes {', '.join(self.card.classes)}" if self.card.classes else "no classes"
            raise RequestError(f"The model {self.card.name} has {has}: labels must be given exactly then.")
        if steps_B is not None and not self.network.config.step_counts:
            raise RequestError(
                f"The model {self.card.name} cannot be told a number of steps: network.step_counts is []."
            )
        sigma_B = torch.as_tensor(sigma, dtype=torch.float32, device=x.device).expand(len(x))
        scale = Scalings(*(value[:, None, None, None] for value in self.scalings(sigma_B)))
        inputs = (scale.in_ * x, sigma_B, labels, dropout_mask, steps_B)
        answer = self.network.evaluate(self.network, inputs, guidance=guidance)
        return scale.skip * x + scale.out * answer


@dataclass(frozen=True)
class GuidedModel:
    """A model whose every estimate is guided. Equal ones give a picture the same estimate."""

    model: ScaledModel
    guidance: float

    def __call__(self, x: Tensor, sigma: Tensor | float, labels: Tensor | None = None) -> Tensor:
        """The estimate [B,C,H,W], as in `ScaledModel.forward`."""
        return self.model(x, sigma, labels, guidance=self.guidance)


@dataclass(frozen=True)
class SteppedModel:
    """A model that is told how long the walk is: its step count of that index. Equal ones give equal estimates."""

    model: ScaledModel
    index: int

    def __call__(self, x: Tensor, sigma: Tensor | float, labels: Tensor | None = None) -> Tensor:
        """The estimate [B,C,H,W], as in `ScaledModel.forward`."""
        return self.model(x, sigma, labels, steps_B=torch.full((len(x),), self.index, device=x.device))


class ConsistencyModel(ScaledModel):
    """f(x, sigma), with f(x, sigma_min) = x exactly (Song et al. 2023, equation 5 and appendix C)."""

    def scalings(self, sigma_B: Tensor) -> Scalings:
        """Those that make f the identity at sigma_min, [B] each."""
        return boundary_scalings(sigma_B, sigma_data=self.card.sigma_data, sigma_min=self.card.sigma_min)


class DiffusionModel(ScaledModel):
    """The EDM denoiser D(x, sigma) (Karras et al. 2022, equation 7): the teacher."""

    usual_move = "carry"

    def scalings(self, sigma_B: Tensor) -> Scalings:
        """EDM's, [B] each."""
        return edm_scalings(sigma_B, sigma_data=self.card.sigma_data)


class MultistepModel(DiffusionModel):
    """A denoiser whose estimate leads to the end of its segment of noise levels (Heek et al. 2024, section 3).

    x0 + (end / sigma) (x - x0) lies at the segment's end, on the path of the probability flow through x. Such an x0 is
    a mean of the denoiser's estimates along that path, so it is within [-1, 1] where pictures are. It has EDM's
    scalings, and the last segment ends at 0. One model may serve several step counts, if its network has the step count
    as an input.
    """

    def walking(self, sigmas: Sequence[float], guidance: float) -> Denoiser:
        """This model for the step count that comes nearest to these levels. It is never guided."""
        if not self.network.config.step_counts:
            return self
        return self.with_steps(nearest_count(self.card, sigmas[0], len(sigmas)))

    def with_steps(self, steps: int) -> Denoiser:
        """This model for whole walks of that many steps. Raises RequestError for a number that it was not made for."""
        counts = self.network.config.step_counts
        if steps not in counts:
            raise RequestError(f"The model {self.card.name} has no walk of {steps} steps, but of {list(counts)}.")
        return SteppedModel(self, counts.index(steps))


class TrigFlowModel(ScaledModel):
    """The consistency function of TrigFlow (Lu & Song 2024): f = cos(t) x_t - sin(t) sd F_trig(x_t / sd, t).

    With x_t = cos(t) x and sigma = sd tan(t) these are the EDM scalings around F = -F_trig, so a denoiser's weights
    start it as they are. f tends to x as sigma tends to 0: the boundary lies there, not at sigma_min.
    """

    def scalings(self, sigma_B: Tensor) -> Scalings:
        """EDM's, [B] each."""
        return edm_scalings(sigma_B, sigma_data=self.card.sigma_data)

    def velocity(
        self, x_t: Tensor, angle_B: Tensor, labels: Tensor | None = None, dropout_mask: Tensor | None = None
    ) -> Tensor:
        """sd F_trig(x_t / sd, t) [B,C,H,W] at the angles t [B]; for a diffusion model it is dx_t/dt."""
        sigma_data = self.card.sigma_data
        sigma_B = sigma_of(angle_B, sigma_data=sigma_data)
        return -sigma_data * self.network(x_t / sigma_data, sigma_B, labels, dropout_mask)


PARAMETERISATIONS = {
    "consistency": ConsistencyModel,
    "edm": DiffusionModel,
    "multistep": MultistepModel,
    "trigflow": TrigFlowModel,
}
