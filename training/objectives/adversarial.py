"""Adversarial consistency: a consistency function whose answers a critic cannot tell from pictures.

Every loss that compares with one clean picture is least for the mean of all pictures that a noisy one allows: a blur.
A critic (training/adversary) asks for one of them instead. Consistency training with a discriminator is that of Kong et
al. 2024 (ACT); with a teacher's step in between it is distillation, as in Kim et al. 2024 (CTM) and Sauer et al. 2023
(ADD), and as there a reconstruction keeps the answer near what the noise still shows.

Of a picture x0 at the level sigma, x = x0 + sigma z, y = f(x, sigma); of some, x = strokes of x0, or x0 enlarged from
few pixels, + sigma z:

    loss   = reconstruct R(y, x0) + perceive P(y, x0) + agree C(y, y') + convince A(y) sigma^2 / (sigma^2 + quiet^2)
           + even G(y, x0)
    R      the mean over scales k of w_k |m_k(y) - m_k(x0)|^2, m_k means over k x k pixels, w_k a Wiener filter's gain
    P      the distance of frozen maps (training/metrics/efficientnet.py) / (1 + (sigma / quiet)^2)
    C      the mean over coarse scales k of |m_k(y) - m_k(y')|^2, y' the target network's answer at spread sigma
    G      how much stronger a pattern repeats with every patch in y than in x0 (training/objectives/patch_grid.py)
    A      minus the critic's mean score of y, summed over its heads
    critic the hinge loss of its scores of x0 and of y (Lim & Ye 2017)

The critic speaks where the noise leaves much open and is silent where it leaves little: there P takes over, and the
answer is a denoiser's, sharpened. The weight is that of what a Gaussian picture of deviation `quiet` loses.

Shapes: B pictures, C channels, H rows, W columns.
"""

from dataclasses import dataclass
from math import log, pi

import torch
from torch import Tensor
from torch.nn import functional as F

from core.schedule import SIGMA_MAX, SIGMA_MIN
from training.adversary.critic import Critic, Sight
from training.adversary.hues import turn_hues
from training.adversary.views import View
from training.draws import Draws
from training.metrics.efficientnet import map_distance
from training.objectives.addim import ddim
from training.objectives.base import Batch, LossTerms, Objective, Step, expand, no_grad_call
from training.objectives.enlargements import enlargements
from training.objectives.flat_strokes import flat_strokes
from training.objectives.patch_grid import pattern_strength

MEAN_POWER = 0.09  # variance of a picture's means over some pixels, for the Wiener gains
LEAK = 0.1  # of the gradient where an answer is outside [-1, 1]


@dataclass(frozen=True)
class AdversarialConsistency(Objective):
    """Reconstruction, consistency and a critic; without a teacher training, with one distillation."""

    levels: tuple[float, ...] = (0.1, 1.0, 6.0, 20.0, 80.0)  # borders of bands, in which ln sigma is uniform
    shares: tuple[float, ...] = (0.2, 0.4, 0.15, 0.25)  # of the pictures in each band
    features: str = "lite2"  # what the critic sees with (training/metrics/efficientnet.py)
    reconstruct: float = 300.0
    scales: tuple[int, ...] = (1, 2, 4, 8, 16)  # k of R, pixels
    perceive: float = 30.0
    agree: float = 100.0
    coarse: tuple[int, ...] = (4, 8, 16)  # k of C, pixels
    every: int = 2  # one picture in so many is asked for consistency, to save time
    spread: float = 0.55  # the lower level of C, as a share of sigma
    mu: float = 0.995  # decay of the target network
    convince: float = 1.0  # 0: as if there were no critic
    even: float = 0.0  # against a grid of patches
    patch: int = 4  # pixels, side of a patch of G
    quiet: float = 1.0  # level at which the critic has half of its weight
    turned: float = 0.25  # share of the pictures whose hues are turned by any angle, of those with a known hue
    hue_known: float = 2.0  # level below which the noise leaves the hue of a picture known; that of strokes always is
    painted: float = 0.0  # share of the pictures of which the student sees strokes
    painted_between: tuple[float, float] = (0.5, 8.0)  # levels at which it does
    painted_from: float = 1.0  # the lowest level at which painting begins
    enlarged: float = 0.0  # share of the pictures that the student sees enlarged from few pixels
    enlarged_between: tuple[float, float] = (0.15, 1.0)  # levels at which it does; where strokes are shown it does not

    has_critic = True

    def __post_init__(self):
        if len(self.levels) != len(self.shares) + 1 or list(self.levels) != sorted(set(self.levels)):
            raise TypeError("levels must ascend, one more than shares.")
        if not SIGMA_MIN < self.levels[0] < self.levels[-1] <= SIGMA_MAX or min(self.shares, default=0) <= 0:
            raise TypeError(f"levels must lie between {SIGMA_MIN:g} and {SIGMA_MAX:g}, shares above 0.")
        weights = (self.reconstruct, self.perceive, self.agree, self.even, self.convince, self.hue_known)
        if min(weights) < 0 or min(self.quiet, self.painted_from) <= 0:
            raise TypeError(
                "reconstruct, perceive, agree, even, convince, hue_known must be 0 at least, "
                "quiet and painted_from above 0."
            )
        if not self.scales or not self.coarse or min(*self.scales, *self.coarse, self.every, self.patch) < 1:
            raise TypeError("scales, coarse, every and patch must be whole numbers, 1 at least.")
        shares = (self.turned, self.painted, self.enlarged)
        if not (0 < self.spread < 1 and 0 <= self.mu < 1 and min(shares) >= 0 and max(shares) <= 1):
            raise TypeError("spread must be between 0 and 1, mu below 1, turned, painted and enlarged 0 to 1.")

    @property
    def level_gap(self) -> float:
        return 1 - self.spread

    def critic(self, classes: int) -> Critic:
        return Critic(self.features, classes, len(self.shares))

    def target_decay(self, share: float) -> float:
        return self.mu

    def loss(self, batch: Batch, step: Step) -> LossTerms:
        """The sum above; the critic's own loss beside it."""
        sigma_B = self.sigmas(step.draws)
        painted_B = self._chosen(self.painted, self.painted_between, sigma_B, step.draws)
        x0 = self._turned(batch.x0, painted_B | (sigma_B < self.hue_known), step.draws)
        z, seen = step.normal_like(x0), self._seen(x0, painted_B, sigma_B, step.draws)
        x = seen + expand(sigma_B) * z
        y = step.student(x, sigma_B, batch.labels, step.dropout_mask)
        view, band_B, critic = View.draw(step.draws, x0.shape[-1]), self.bands(sigma_B), step.critic
        assert critic is not None  # this objective's own
        with torch.no_grad():
            real = critic.look(view(x0))
        made = critic.look(view(leaky_cut(y)))
        per_picture_B = (
            self.reconstruct * reconstruction(y, x0, sigma_B, self.scales)
            + self.perceive * map_distance(made.maps, real.maps) / (1 + (sigma_B / self.quiet).square())
            + self.agree * self._disagreement(batch, step, seen, x, z, y, sigma_B)
            + self.convince * critic_weight(sigma_B, self.quiet) * adversarial(critic, made, batch.labels, band_B)
            + self.even * excess_pattern(y, x0, self.patch)
        )
        return LossTerms(per_picture_B, sigma_B, critic=hinge(critic, real, made.detached(), batch.labels, band_B))

    def sigmas(self, draws: Draws) -> Tensor:
        """[B] levels: a band by its share, then ln sigma uniform in it."""
        shares = torch.tensor(self.shares, device=draws.rng.device)
        borders = torch.tensor([log(level) for level in self.levels], device=draws.rng.device)
        edges = torch.cat([shares.new_zeros(1), shares.cumsum(0) / shares.sum()])
        u_B = draws.spread()
        band_B = torch.bucketize(u_B, edges[1:-1], right=True)
        inside_B = (u_B - edges[band_B]) / (edges[band_B + 1] - edges[band_B])
        return torch.lerp(borders[band_B], borders[band_B + 1], inside_B).exp()

    def bands(self, sigma_B: Tensor) -> Tensor:
        """[B] in which band each level lies."""
        borders = torch.tensor(self.levels[1:-1], device=sigma_B.device)
        return torch.bucketize(sigma_B, borders, right=True)

    def _chosen(self, share: float, between: tuple[float, float], sigma_B: Tensor, draws: Draws) -> Tensor:
        """[B] bool: by chance, of the pictures whose level lies between two."""
        if not share:
            return torch.zeros_like(sigma_B, dtype=torch.bool)
        low, high = between
        return (draws.uniform() < share) & (low < sigma_B) & (sigma_B < high)

    def _turned(self, x0: Tensor, known_B: Tensor, draws: Draws) -> Tensor:
        """Pictures some of which have other hues, so that a purple wall stays purple.

        known_B: bool, of which the hue is known. Where the model has to guess colours, all have their natural ones.
        """
        if not self.turned or x0.shape[1] != 3:
            return x0
        chosen_B = (draws.uniform() < self.turned) & known_B
        angle_B = pi * (2 * draws.uniform() - 1)
        return torch.where(expand(chosen_B), turn_hues(x0, angle_B).clamp(-1, 1), x0)

    def _seen(self, x0: Tensor, painted_B: Tensor, sigma_B: Tensor, draws: Draws) -> Tensor:
        """What the noise is put over: the pictures, or what edits put it over.

        A noisy stroke looks flat even where the noise hides as much, and a network that has seen photographs alone
        leaves it flat; a blurred picture it leaves blurred. Painting begins at some level and mixes strokes into the
        lower ones (core.paint_steps): so it is here.
        """
        seen = x0
        if self.painted:
            lowest, highest = log(self.painted_from), log(self.painted_between[1])
            begins_B = (lowest + (highest - lowest) * draws.uniform()).exp()
            strokes_share_B = expand((sigma_B / begins_B).clamp(max=1))
            mixed = torch.lerp(x0, flat_strokes(x0, draws), strokes_share_B)
            seen = torch.where(expand(painted_B), mixed, seen)
        if self.enlarged:
            enlarged_B = self._chosen(self.enlarged, self.enlarged_between, sigma_B, draws) & ~painted_B
            seen = torch.where(expand(enlarged_B), enlargements(x0, draws), seen)
        return seen

    def _disagreement(self, batch: Batch, step: Step, seen, x, z, y, sigma_B) -> Tensor:
        """[B] C, times `every` for the pictures that are asked and 0 for the others: in the mean it is C."""
        places = (torch.arange(step.draws.whole) % self.every == 0)[step.draws.first : step.draws.last]
        chosen = places.nonzero().flatten().to(x.device)
        found_B = torch.zeros_like(sigma_B)
        if len(chosen) and self.agree:
            labels, asked = None if batch.labels is None else batch.labels[chosen], step.only(chosen)
            upper_B, lower_B = sigma_B[chosen], self.spread * sigma_B[chosen]
            if step.teacher is None:
                lower = seen[chosen] + expand(lower_B) * z[chosen]
            else:
                estimate = no_grad_call(step.teacher, x[chosen], upper_B, labels).clamp(-1, 1)
                lower = ddim(estimate, x[chosen], upper_B, lower_B)
            target = no_grad_call(asked.target, lower, lower_B, labels, asked.dropout_mask).clamp(-1, 1)
            found_B[chosen] = self.every * coarse_difference(y[chosen], target, self.coarse)
        return found_B


def wiener_gain(sigma_B: Tensor, k: int) -> Tensor:
    """[B] what share of the means over k x k pixels the noise leaves: S / (S + sigma^2 / k^2) with S = MEAN_POWER."""
    return MEAN_POWER / (MEAN_POWER + (sigma_B / k).square())


def reconstruction(y: Tensor, x0: Tensor, sigma_B: Tensor, scales: tuple[int, ...]) -> Tensor:
    """[B] R: squared differences of means, each scale by its Wiener gain."""
    return torch.stack([wiener_gain(sigma_B, k) * _mean_square(y, x0, k) for k in scales]).mean(0)


def coarse_difference(y: Tensor, target: Tensor, scales: tuple[int, ...]) -> Tensor:
    """[B] C: squared differences of means."""
    return torch.stack([_mean_square(y, target, k) for k in scales]).mean(0)


def _mean_square(a: Tensor, b: Tensor, k: int) -> Tensor:
    return F.avg_pool2d(a - b, k).square().mean(dim=(1, 2, 3))


def excess_pattern(y: Tensor, x0: Tensor, patch: int) -> Tensor:
    """[B] G: 0 where the pattern in y is no stronger than in x0."""
    return F.relu(pattern_strength(y, patch) - pattern_strength(x0, patch))


def critic_weight(sigma_B: Tensor, quiet: float) -> Tensor:
    """[B] sigma^2 / (sigma^2 + quiet^2)."""
    return sigma_B.square() / (sigma_B.square() + quiet**2)


def adversarial(critic: Critic, made: Sight, labels: Tensor | None, band_B: Tensor) -> Tensor:
    """[B] A: minus the mean score of each head, summed over the heads. The critic gets no gradient."""
    with critic.unmoved():
        return -torch.stack([scores.mean(1) for scores in critic.scores(made, labels, band_B)]).sum(0)


def hinge(critic: Critic, real: Sight, made: Sight, labels: Tensor | None, band_B: Tensor) -> Tensor:
    """[B] the critic's loss: scores of real pictures should be above 1, of made ones below -1."""
    pairs = zip(critic.scores(real, labels, band_B), critic.scores(made, labels, band_B))
    return torch.stack([F.relu(1 - r).mean(1) + F.relu(1 + m).mean(1) for r, m in pairs]).sum(0)


def leaky_cut(y: Tensor) -> Tensor:
    """y cut to [-1, 1], but for a tenth of what is beyond, so that a gradient leads back."""
    inside = y.clamp(-1, 1)
    return inside + LEAK * (y - inside)
