"""Adversarial consistency: a consistency function whose answers a critic cannot tell from photographs.

A loss that compares the answer with one clean picture is smallest at the mean of all clean pictures that fit the noisy
one, and this mean is blurred. A critic (training/adversary) makes the model choose one of them. Consistency training
with a discriminator follows Kong et al. 2024 (ACT). With a teacher's step it is distillation, as in Kim et al. 2024
(CTM) and Sauer et al. 2023 (ADD). As in these papers, a reconstruction loss keeps the answer near what the noise leaves
visible.

For a picture x0 at the noise level sigma, x = x0 + sigma z and y = f(x, sigma). For some pictures the student's input
is strokes of x0, or x0 enlarged from few pixels, instead of x0, plus sigma z:

    loss   = reconstruct R(y, x0) + perceive P(y, x0) + agree C(y, y') + convince A(y) sigma^2 / (sigma^2 + quiet^2)
           + even G(y, x0)
    R      the mean over scales k of w_k |m_k(y) - m_k(x0)|^2, m_k means over k x k pixels, w_k a Wiener filter's gain
    P      the distance of frozen feature maps (training/metrics/efficientnet.py) / (1 + (sigma / quiet)^4)
    C      the mean over coarse scales k of |m_k(y) - m_k(y')|^2, y' the target network's answer at spread sigma
    G      the strength of a pattern of the patches in y, above that in x0 (training/objectives/patch_grid.py)
    A      minus the critic's mean score of y, summed over its heads
    critic the hinge loss of its scores of x0 and of y (Lim & Ye 2017)

The critic has its full weight at high noise levels, where many clean pictures fit, and little weight at low levels.
There P has the larger weight, so the answer is that of a denoiser, sharpened. The critic's weight is the fraction of
its variance that a Gaussian picture of standard deviation `quiet` loses to the noise.

Shapes: B pictures, C channels, H rows, W columns.
"""

from dataclasses import dataclass
from math import log, pi

import torch
from torch import Tensor
from torch.nn import functional as F

from core.errors import ConfigError
from core.schedule import SIGMA_MAX, SIGMA_MIN
from training.adversary.critic import Critic, CriticFeatures
from training.adversary.hues import turn_hues
from training.adversary.views import View
from training.draws import Draws
from training.metrics.efficientnet import map_distance
from training.objectives.addim import ddim
from training.objectives.base import Batch, LossTerms, Objective, Step, expand, no_grad_call
from training.objectives.enlargements import enlargements
from training.objectives.flat_strokes import flat_strokes
from training.objectives.patch_grid import pattern_strength

MEAN_POWER = 0.09  # variance of a picture's means over a few pixels, in model range, for the Wiener gains
LEAK = 0.1  # fraction of the gradient that is left where an answer is outside [-1, 1]


@dataclass(frozen=True)
class AdversarialConsistency(Objective):
    """Reconstruction, consistency and a critic. With a teacher it is distillation, without one it is training."""

    levels: tuple[float, ...] = (
        0.1,
        1.0,
        6.0,
        20.0,
        80.0,
    )  # noise levels, the borders of bands; ln sigma is uniform in each
    shares: tuple[float, ...] = (0.2, 0.4, 0.15, 0.25)  # relative numbers of pictures in each band
    features: str = "lite2"  # the frozen network of the critic (training/metrics/efficientnet.py)
    reconstruct: float = 300.0  # weight of R
    scales: tuple[int, ...] = (1, 2, 4, 8, 16)  # k of R, in pixels
    perceive: float = 30.0  # weight of P
    agree: float = 100.0  # weight of C
    coarse: tuple[int, ...] = (4, 8, 16)  # k of C, in pixels
    every: int = 2  # C is computed for one picture in so many, to save time
    spread: float = 0.55  # the lower level of C as a fraction of sigma
    mu: float = 0.995  # decay of the target network per step
    convince: float = 1.0  # weight of A; 0: no critic's influence
    even: float = 0.0  # weight of G, against a grid of patches
    patch: int = 4  # pixels along each side of a patch, for G
    quiet: float = 1.0  # noise level at which the critic has half of its weight
    turned: float = 0.25  # of the pictures with a known hue, the fraction whose hues are rotated by a random angle
    hue_known: float = 2.0  # noise level below which hues are visible through the noise; hues of strokes always are
    painted: float = (
        0.0  # fraction whose strokes are the student's input, of the pictures at the levels of painted_between
    )
    painted_between: tuple[float, float] = (0.5, 8.0)  # noise levels, both excluded
    painted_from: float = 1.0  # the lowest noise level at which painting starts
    enlarged: float = (
        0.0  # fraction that is enlarged from few pixels, of the pictures at the levels of enlarged_between
    )
    enlarged_between: tuple[float, float] = (0.15, 1.0)  # noise levels; pictures with strokes are left out

    has_critic = True

    def __post_init__(self):
        if len(self.levels) != len(self.shares) + 1 or list(self.levels) != sorted(set(self.levels)):
            raise ConfigError("levels must ascend, one more than shares.")
        if not SIGMA_MIN < self.levels[0] < self.levels[-1] <= SIGMA_MAX or min(self.shares, default=0) <= 0:
            raise ConfigError(f"levels must lie between {SIGMA_MIN:g} and {SIGMA_MAX:g}, shares above 0.")
        weights = (self.reconstruct, self.perceive, self.agree, self.even, self.convince, self.hue_known)
        if min(weights) < 0 or min(self.quiet, self.painted_from) <= 0:
            raise ConfigError(
                "reconstruct, perceive, agree, even, convince, hue_known must be 0 at least, "
                "quiet and painted_from above 0."
            )
        if not self.scales or not self.coarse or min(*self.scales, *self.coarse, self.every, self.patch) < 1:
            raise ConfigError("scales, coarse, every and patch must be whole numbers, 1 at least.")
        shares = (self.turned, self.painted, self.enlarged)
        if not (0 < self.spread < 1 and 0 <= self.mu < 1 and min(shares) >= 0 and max(shares) <= 1):
            raise ConfigError("spread must be between 0 and 1, mu below 1, turned, painted and enlarged 0 to 1.")

    @property
    def level_gap(self) -> float:
        """That of the two levels of C."""
        return 1 - self.spread

    def critic(self, classes: int) -> Critic:
        """A new critic that gets the band of the noise level. Raises OnestrokeError without its frozen network."""
        return Critic(self.features, classes, len(self.shares))

    def target_decay(self, progress: float) -> float:
        """mu, the same during the whole run."""
        return self.mu

    def loss(self, batch: Batch, step: Step) -> LossTerms:
        """The weighted sum above, and the critic's own loss."""
        sigma_B = self.sigmas(step.draws)
        painted_B = self._random_subset(self.painted, self.painted_between, sigma_B, step.draws)
        x0 = self._with_turned_hues(batch.x0, painted_B | (sigma_B < self.hue_known), step.draws)
        z, clean = step.normal_like(x0), self._clean_input(x0, painted_B, sigma_B, step.draws)
        x = clean + expand(sigma_B) * z
        y = step.student(x, sigma_B, batch.labels, step.dropout_mask)
        view, band_B, critic = View.draw(step.draws, x0.shape[-1]), self.bands(sigma_B), step.critic
        assert critic is not None  # this objective's own
        with torch.no_grad():
            real = critic.extract(view(x0))
        fake = critic.extract(view(leaky_clamp(y)))
        per_picture_B = (
            self.reconstruct * reconstruction(y, x0, sigma_B, self.scales)
            + self.perceive * map_distance(fake.maps, real.maps) / (1 + (sigma_B / self.quiet).pow(4))
            + self.agree * self._disagreement(batch, step, clean, x, z, y, sigma_B)
            + self.convince * critic_weight(sigma_B, self.quiet) * adversarial(critic, fake, batch.labels, band_B)
            + self.even * excess_pattern(y, x0, self.patch)
        )
        return LossTerms(per_picture_B, sigma_B, critic=hinge(critic, real, fake.detached(), batch.labels, band_B))

    def sigmas(self, draws: Draws) -> Tensor:
        """[B] random levels: a band by its relative number, then ln sigma uniform in the band."""
        shares = torch.tensor(self.shares, device=draws.rng.device)
        borders = torch.tensor([log(level) for level in self.levels], device=draws.rng.device)
        edges = torch.cat([shares.new_zeros(1), shares.cumsum(0) / shares.sum()])
        u_B = draws.stratified()
        band_B = torch.bucketize(u_B, edges[1:-1], right=True)
        inside_B = (u_B - edges[band_B]) / (edges[band_B + 1] - edges[band_B])
        return torch.lerp(borders[band_B], borders[band_B + 1], inside_B).exp()

    def bands(self, sigma_B: Tensor) -> Tensor:
        """[B] the index of the band in which each level [B] lies."""
        borders = torch.tensor(self.levels[1:-1], device=sigma_B.device)
        return torch.bucketize(sigma_B, borders, right=True)

    def _random_subset(self, fraction: float, between: tuple[float, float], sigma_B: Tensor, draws: Draws) -> Tensor:
        """[B] bool: a random fraction of the pictures whose level lies between two levels."""
        if not fraction:
            return torch.zeros_like(sigma_B, dtype=torch.bool)
        low, high = between
        return (draws.uniform() < fraction) & (low < sigma_B) & (sigma_B < high)

    def _with_turned_hues(self, x0: Tensor, known_B: Tensor, draws: Draws) -> Tensor:
        """[B,C,H,W] the pictures, some with rotated hues, so that the model learns to keep a purple wall purple.

        known_B [B] bool: whose hue the input shows. The others, whose colours the model has to guess, stay natural.
        """
        if not self.turned or x0.shape[1] != 3:
            return x0
        turned_B = (draws.uniform() < self.turned) & known_B
        angle_B = pi * (2 * draws.uniform() - 1)
        return torch.where(expand(turned_B), turn_hues(x0, angle_B).clamp(-1, 1), x0)

    def _clean_input(self, x0: Tensor, painted_B: Tensor, sigma_B: Tensor, draws: Draws) -> Tensor:
        """[B,C,H,W] what noise is added to: the pictures, their strokes, or their enlargements, as edits do it.

        A noisy stroke looks flat even where the noise would hide detail. A network that was trained on photographs
        alone leaves it flat, and leaves an enlarged picture blurred. core.paint_steps starts at some level and mixes
        strokes into the lower levels; the same mixture is made here, for a random start level.
        """
        clean = x0
        if self.painted:
            lowest, highest = log(self.painted_from), log(self.painted_between[1])
            start_B = (lowest + (highest - lowest) * draws.uniform()).exp()
            strokes_weight_B = expand((sigma_B / start_B).clamp(max=1))
            mixed = torch.lerp(x0, flat_strokes(x0, draws), strokes_weight_B)
            clean = torch.where(expand(painted_B), mixed, clean)
        if self.enlarged:
            enlarged_B = self._random_subset(self.enlarged, self.enlarged_between, sigma_B, draws) & ~painted_B
            clean = torch.where(expand(enlarged_B), enlargements(x0, draws), clean)
        return clean

    def _disagreement(
        self, batch: Batch, step: Step, clean: Tensor, x: Tensor, z: Tensor, y: Tensor, sigma_B: Tensor
    ) -> Tensor:
        """[B] `every` times C for one picture in `every`, and 0 for the others: its mean estimates the mean of C.

        clean, x, z and y are [B,C,H,W].
        """
        selected = (torch.arange(step.draws.batch_size) % self.every == 0)[step.draws.first : step.draws.last]
        indices = selected.nonzero().flatten().to(x.device)
        disagreement_B = torch.zeros_like(sigma_B)
        if len(indices) and self.agree:
            labels, subset = None if batch.labels is None else batch.labels[indices], step.subset(indices)
            upper_B, lower_B = sigma_B[indices], self.spread * sigma_B[indices]
            if step.teacher is None:
                lower = clean[indices] + expand(lower_B) * z[indices]
            else:
                estimate = no_grad_call(step.teacher, x[indices], upper_B, labels).clamp(-1, 1)
                lower = ddim(estimate, x[indices], upper_B, lower_B)
            target = no_grad_call(subset.target, lower, lower_B, labels, subset.dropout_mask).clamp(-1, 1)
            disagreement_B[indices] = self.every * coarse_difference(y[indices], target, self.coarse)
        return disagreement_B


def wiener_gain(sigma_B: Tensor, k: int) -> Tensor:
    """[B] the Wiener gain of means over k x k pixels: S / (S + sigma^2 / k^2) with S = MEAN_POWER, 0 to 1."""
    return MEAN_POWER / (MEAN_POWER + (sigma_B / k).square())


def reconstruction(y: Tensor, x0: Tensor, sigma_B: Tensor, scales: tuple[int, ...]) -> Tensor:
    """[B] R of the pictures y and x0 [B,C,H,W]: squared differences of means, each scale times its Wiener gain."""
    return torch.stack([wiener_gain(sigma_B, k) * _mean_square(y, x0, k) for k in scales]).mean(0)


def coarse_difference(y: Tensor, target: Tensor, scales: tuple[int, ...]) -> Tensor:
    """[B] C of the pictures y and target [B,C,H,W]: squared differences of means, averaged over the scales."""
    return torch.stack([_mean_square(y, target, k) for k in scales]).mean(0)


def _mean_square(a: Tensor, b: Tensor, k: int) -> Tensor:
    """[B] the mean square of a - b, averaged over k x k pixels before it is squared."""
    return F.avg_pool2d(a - b, k).square().mean(dim=(1, 2, 3))


def excess_pattern(y: Tensor, x0: Tensor, patch: int) -> Tensor:
    """[B] G of the pictures y and x0 [B,C,H,W]: 0 where the pattern in y is not stronger than in x0."""
    return F.relu(pattern_strength(y, patch) - pattern_strength(x0, patch))


def critic_weight(sigma_B: Tensor, quiet: float) -> Tensor:
    """[B] the weight of A, sigma^2 / (sigma^2 + quiet^2), 0 to 1."""
    return sigma_B.square() / (sigma_B.square() + quiet**2)


def adversarial(critic: Critic, fake: CriticFeatures, labels: Tensor | None, band_B: Tensor) -> Tensor:
    """[B] A: minus the mean score of each head, summed over the heads. The critic gets no gradient."""
    with critic.frozen():
        return -torch.stack([scores.mean(1) for scores in critic.scores(fake, labels, band_B)]).sum(0)


def hinge(critic: Critic, real: CriticFeatures, fake: CriticFeatures, labels: Tensor | None, band_B: Tensor) -> Tensor:
    """[B] the critic's hinge loss: it is 0 if scores are above 1 for real pictures and below -1 for fake ones."""
    pairs = zip(critic.scores(real, labels, band_B), critic.scores(fake, labels, band_B))
    return torch.stack([F.relu(1 - r).mean(1) + F.relu(1 + f).mean(1) for r, f in pairs]).sum(0)


def leaky_clamp(y: Tensor) -> Tensor:
    """y clamped to [-1, 1] plus a tenth of what is outside, so that a gradient leads back. The shape of y [B,C,H,W]."""
    inside = y.clamp(-1, 1)
    return inside + LEAK * (y - inside)
