"""Easy consistency tuning (Geng et al. 2024) on points in the plane: `python -m examples.toy_ect`.

The whole method in one file, to be read from top to bottom: data, scalings, network, denoiser, tuning, sampling. The
same loss for pictures is in training/objectives/ect.py. It takes less than a minute on one core of a CPU.

Shapes: B points, [B,2,1,1]: pictures of one pixel with two channels, so that core samples them like any other.
"""

import copy
from collections.abc import Callable

import torch
from torch import Tensor, nn

import core

SIGMA_MIN, SIGMA_MAX, SIGMA_DATA = 0.002, 80.0, 0.5  # of the noise; standard deviation of the data
BATCH = 512

# ---- Data: three Gaussians on a circle, of unequal weight ----

CENTRES = torch.tensor([[0.0, 0.8], [-0.6, -0.4], [0.6, -0.4]])
WEIGHTS = torch.tensor([0.5, 0.3, 0.2])
SPREAD = 0.1  # standard deviation of each


def draw_data() -> Tensor:
    """x0 [BATCH,2,1,1]."""
    modes = torch.multinomial(WEIGHTS, BATCH, replacement=True)
    return (CENTRES[modes] + SPREAD * torch.randn(BATCH, 2))[:, :, None, None]


# ---- A network F in the scalings of a consistency function: f(x, sigma_min) = x, whatever F says ----


class Model(nn.Module):
    """f(x, sigma) = c_skip x + c_out F(c_in x, ln sigma) (Song et al. 2023, equation 5 and appendix C)."""

    def __init__(self, width: int = 64):
        super().__init__()
        self.network = nn.Sequential(
            nn.Linear(3, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(),
            nn.Linear(width, width), nn.SiLU(), nn.Linear(width, 2),
        )  # fmt: skip

    def forward(self, x: Tensor, sigma: Tensor | float, labels: Tensor | None = None) -> Tensor:
        """x0 [B,2,1,1] of noisy points x [B,2,1,1]. sigma: [B,1,1,1], or one level for all."""
        sigma = torch.as_tensor(sigma).expand(len(x), 1, 1, 1)
        norm = (sigma**2 + SIGMA_DATA**2).sqrt()
        c_skip = SIGMA_DATA**2 / ((sigma - SIGMA_MIN) ** 2 + SIGMA_DATA**2)
        c_out = (sigma - SIGMA_MIN) * SIGMA_DATA / norm
        answer = self.network(torch.cat([x / norm, sigma.log() / 4], dim=1).flatten(1))
        return c_skip * x + c_out * answer[:, :, None, None]


def train(model: Model, loss: Callable[[Model, float], Tensor], steps: int, rate: float) -> Model:
    """A trained copy. loss: of the model and of the progress of the training, 0 to 1."""
    model = copy.deepcopy(model)
    optimiser = torch.optim.Adam(model.parameters())
    for step in range(steps):
        progress = step / steps
        optimiser.param_groups[0]["lr"] = rate * (1 - progress)
        optimiser.zero_grad()
        loss(model, progress).backward()
        optimiser.step()
    return model


# ---- First a denoiser: the mean of all clean points that a noisy one may come from ----


def draw_sigmas(mean: float, std: float) -> Tensor:
    """Noise levels [BATCH,1,1,1], ln sigma normal."""
    return (mean + std * torch.randn(BATCH, 1, 1, 1)).exp().clamp(2 * SIGMA_MIN, SIGMA_MAX)


def denoising_loss(model: Model, progress: float) -> Tensor:
    """(sigma^2 + sd^2) / (sigma sd)^2 (f(x0 + sigma z, sigma) - x0)^2 (Karras et al. 2022, equation 108)."""
    x0 = draw_data()
    sigma = draw_sigmas(mean=-0.5, std=1.5)
    error = model(x0 + sigma * torch.randn_like(x0), sigma) - x0
    return ((sigma**2 + SIGMA_DATA**2) / (sigma * SIGMA_DATA) ** 2 * error**2).mean()


# ---- Then the tuning: equal answers at two levels of the same noise, which come closer from stage to stage ----

STAGES = (4.0, 16.0, 64.0)  # q


def lower_level(t: Tensor, q: float) -> Tensor:
    """r = t (1 - n(t) / q) with n(t) = 1 + 8 sigmoid(-t), SIGMA_MIN at least: there f is the identity."""
    return (t * (1 - (1 + 8 * torch.sigmoid(-t)) / q)).clamp(min=SIGMA_MIN)


def tuning_loss(model: Model, progress: float) -> Tensor:
    """||f(x0 + t z, t) - f(x0 + r z, r)|| / (t - r), the second without a gradient (Geng et al. 2024, section 3).

    While r is SIGMA_MIN, the second answer is the clean point but for a trace of noise, and this is denoising.
    """
    x0 = draw_data()
    z = torch.randn_like(x0)
    t = draw_sigmas(mean=-0.4, std=1.8)
    r = lower_level(t, q=STAGES[int(progress * len(STAGES))])
    with torch.no_grad():
        target = model(x0 + r * z, r)
    distance = (model(x0 + t * z, t) - target).square().sum(dim=1, keepdim=True).add(1e-8).sqrt()
    return (distance / (t - r)).mean()


# ---- Sampling, and what came of it ----


def sample(model: Model, sigmas: list[float], count: int = 2000) -> Tensor:
    """Points [count,2] by Algorithm 1 of Song et al. 2023: one evaluation for each level."""
    rules = core.SamplingRules(clamp=False)
    points = core.sample(model, sigmas, core.SeededNoise(range(count)), shape=(2, 1, 1), rules=rules)
    return points.flatten(1)


def describe(name: str, points: Tensor) -> str:
    """One row: how many points lie at a mode, within three standard deviations, and at which."""
    distances = torch.cdist(points, CENTRES)
    at_mode = (distances < 3 * SPREAD).float().mean(dim=0)
    return f"{name:<32}{at_mode.sum():8.3f}     " + "".join(f"{share:8.3f}" for share in at_mode)


def main() -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)  # for matrices this small more would only wait for each other
    denoiser = train(Model(), denoising_loss, steps=1000, rate=5e-3)
    tuned = train(denoiser, tuning_loss, steps=4000, rate=3e-3)
    print(f"{'points':<32}{'at a mode':>9}    " + "".join(f"{f'mode {k}':>8}" for k in (1, 2, 3)))
    print(describe("data", draw_data().flatten(1)))
    print(describe("denoiser, 1 evaluation", sample(denoiser, [SIGMA_MAX])))
    print(describe("tuned, 1 evaluation", sample(tuned, [SIGMA_MAX])))
    print(describe("tuned, 2 evaluations", sample(tuned, [SIGMA_MAX, 0.8])))


if __name__ == "__main__":
    main()
