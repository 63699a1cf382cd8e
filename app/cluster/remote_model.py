"""The model behind Ray, as a page process sees it: a `core.Model` whose evaluations are made elsewhere.

Shapes: B pictures, C channels, H rows, W columns.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from app.cluster.exchange import Question, Walk
from app.cluster.replicas import Asked, Replicas
from core.card import ModelCard
from core.models import Denoiser
from core.sampling_rules import SamplingRules


class RemoteDenoiser:
    """One of the denoisers of a model that replicas hold, named by the walk that it is for; None: the plain model."""

    def __init__(self, replicas: Replicas, walk: Walk | None = None):
        self.replicas, self.walk = replicas, walk

    def __call__(self, x: Tensor, sigma: Tensor | float, labels: Tensor | None = None) -> Tensor:
        """x0 [B,C,H,W] of x [B,C,H,W]. Waits for a replica. Raises OnestrokeError, as the model does."""
        return torch.tensor(self.ask(x, sigma, labels).result().x0)

    def ask(self, x: Tensor, sigma: Tensor | float, labels: Tensor | None) -> Asked:
        """The same, not waited for."""
        levels = torch.as_tensor(sigma, dtype=torch.float32).numpy()
        classes = None if labels is None else labels.numpy()
        return self.replicas.ask(Question(x.numpy(), levels, classes, self.walk))


class RemoteModel(RemoteDenoiser):
    """A model of this card that replicas hold. Pictures are on the CPU of whoever asks."""

    device = torch.device("cpu")

    def __init__(self, card: ModelCard, replicas: Replicas):
        super().__init__(replicas)
        self.card = card

    @property
    def rules(self) -> SamplingRules:
        """The model's rules."""
        return self.card.sampling

    def walking(self, sigmas: Sequence[float], guidance: float) -> Denoiser:
        """The model's denoiser for this walk. Which one that is, a replica finds out: it knows the network."""
        return RemoteDenoiser(self.replicas, (tuple(map(float, sigmas)), float(guidance)))
