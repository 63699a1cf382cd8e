"""Pairs of noise and picture, made beforehand by walking a teacher's probability flow down from its noise.

Knowledge distillation (Luhman & Luhman 2021) and reflow (Liu et al. 2023) learn from these instead of data. Pair i of a
run has the noise of a seed of its own, which is drawn again whenever it is asked for: only pictures are stored, as
float16. That is an eighth of an 8-bit level near 1 at most, and unlike 8 bits it keeps what lies outside [-1, 1], so a
student can be as near to its teacher as float16 allows; noise and picture in float32 would take four times the space.

RUN/pairs.safetensors is written whole at the end. Until then RUN/pairs/ holds a portion for every minute of work, and a
run that was stopped goes on after the last one.

Shapes: N pairs, B of them in a batch, C channels, R side.
"""

import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import safetensors
import torch
from safetensors.torch import load as tensors_of
from safetensors.torch import save as safetensors_bytes
from torch import Tensor
from tqdm import tqdm

from core.errors import CheckpointError, ConfigError
from core.files import write_whole
from core.models import ScaledModel
from core.noise import SEED_LIMIT, SeededNoise
from core.sampling import finite
from core.solvers import evaluations, solve
from training.loop.logs import RunLog
from training.loop.weights import fingerprint
from training.objectives.base import Objective

PORTION_SECONDS = 60.0  # work that a kill may cost
RECIPE_KEY = "pairs"
FIRST_SEED = SEED_LIMIT // 2  # people and evaluations use small seeds: a student is never judged on noise it has seen
SEEDS_OF_A_RUN = 2**32


@dataclass(frozen=True)
class Recipe:
    """Everything that a run's pairs depend on."""

    count: int
    seed: int  # of the run
    sigmas: tuple[float, ...]  # the sampler's levels; one evaluation more takes the rest of the noise away
    solver: str
    shape: tuple[int, int, int]  # (C, R, R)
    classes: int
    teacher: str  # fingerprint of its weights

    @property
    def evaluations(self) -> int:
        """What the pairs cost: evaluations of the teacher in all."""
        return self.count * evaluations(self.sigmas, self.solver, to_zero=True)

    def noise(self, indices: Sequence[int], device: torch.device | str) -> Tensor:
        """[B,C,R,R] of these pairs."""
        first = FIRST_SEED + (self.seed * SEEDS_OF_A_RUN) % FIRST_SEED
        return SeededNoise([first + int(index) for index in indices]).draw(0, self.shape, device)

    def labels(self) -> Tensor | None:
        """[N], every class as likely; None without classes."""
        if not self.classes:
            return None
        rng = np.random.Generator(np.random.Philox(key=np.array([self.seed, FIRST_SEED], dtype=np.uint64)))
        return torch.from_numpy(rng.integers(self.classes, size=self.count))

    def to_json(self) -> str:
        """One JSON object."""
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class Pairs:
    """pictures [N,C,R,R] float16 and labels [N] on the teacher's device, and the recipe that gives their noise."""

    recipe: Recipe
    pictures: Tensor
    labels: Tensor | None

    def __len__(self) -> int:
        return len(self.pictures)

    def batch(self, indices: Tensor) -> tuple[Tensor, Tensor | None, Tensor]:
        """x0 [B,C,R,R] float32, labels [B] (None without classes) and noise [B,C,R,R] of the pairs at indices [B]."""
        device = self.pictures.device
        chosen = indices.to(device)
        labels = None if self.labels is None else self.labels[chosen]
        return self.pictures[chosen].float(), labels, self.recipe.noise(indices.tolist(), device)


def load_or_make_pairs(
    folder: str | Path, teacher: ScaledModel, objective: Objective, *, count: int, seed: int, batch: int, log: RunLog
) -> Pairs:
    """The pairs of a run folder: read if they are there, else made, where an earlier start left off.

    The objective names the sampler (`pair_levels`, `solver`). batch: number of pictures at a time; it changes the speed
    and nothing else. Raises ConfigError for a teacher that is no denoiser, and for pairs that were made for other
    settings or by another teacher; CheckpointError for a damaged file.
    """
    if teacher.card.parameterisation != "edm" and teacher.rules.move == "renoise":
        raise ConfigError(f"{teacher.card.name} is a consistency model: pairs are made by walking a denoiser's flow.")
    recipe = Recipe(
        count=count,
        seed=seed,
        sigmas=tuple(objective.pair_levels()),
        solver=objective.solver,
        shape=teacher.shape,
        classes=len(teacher.card.classes),
        teacher=fingerprint(teacher),
    )
    labels = recipe.labels()
    labels = None if labels is None else labels.to(teacher.device)
    path = Path(folder) / "pairs.safetensors"
    if not path.is_file():
        log.say(f"{count} pairs from the teacher, {recipe.evaluations} evaluations in all")
        pictures = _make(path.with_suffix(""), recipe, teacher, labels, batch, log)
        write_whole(path, _file_of(pictures, recipe))
    shutil.rmtree(path.with_suffix(""), ignore_errors=True)  # also what a kill right after writing left behind
    return Pairs(recipe, _read(path, recipe).to(teacher.device), labels)


def _make(folder: Path, recipe: Recipe, teacher: ScaledModel, labels: Tensor | None, batch: int, log: RunLog) -> Tensor:
    """All pictures [N,C,R,R], portion by portion: those of earlier runs are read, the rest is made and kept there."""
    folder.mkdir(exist_ok=True)
    portions = _portions(folder, recipe)
    done = sum(map(len, portions))
    fresh: list[Tensor] = []
    with tqdm(total=recipe.count, initial=done, unit=" pairs", dynamic_ncols=True, disable=log.silent) as bar:
        started = time.monotonic()
        while done < recipe.count:
            indices = range(done, min(done + batch, recipe.count))
            fresh.append(_sample(recipe, indices, teacher, labels))
            done = indices.stop
            bar.update(len(indices))
            if done == recipe.count or time.monotonic() - started >= PORTION_SECONDS:
                portions.append(torch.cat(fresh))
                write_whole(_portion_path(folder, done - len(portions[-1])), _file_of(portions[-1], recipe))
                fresh, started = [], time.monotonic()
    return torch.cat(portions)


def _sample(recipe: Recipe, indices: range, teacher: ScaledModel, labels: Tensor | None) -> Tensor:
    """The teacher's pictures [B,C,R,R] float16 from the noise of these pairs, on the CPU.

    Raises CheckpointError for a teacher whose pictures are not finite.
    """
    x = recipe.sigmas[0] * recipe.noise(indices, teacher.device)
    chosen = None if labels is None else labels[indices.start : indices.stop]
    return finite(solve(teacher, x, recipe.sigmas, recipe.solver, chosen, to_zero=True).half()).cpu()


def _portions(folder: Path, recipe: Recipe) -> list[Tensor]:
    """What is there from the first pair on without a gap."""
    found: list[Tensor] = []
    while (path := _portion_path(folder, sum(map(len, found)))).is_file():
        found.append(_read(path, recipe))
    return found


def _portion_path(folder: Path, first: int) -> Path:
    return folder / f"{first:09d}.safetensors"


def _file_of(pictures: Tensor, recipe: Recipe) -> bytes:
    return safetensors_bytes({"pictures": pictures.contiguous()}, metadata={RECIPE_KEY: recipe.to_json()})


def _read(path: Path, recipe: Recipe) -> Tensor:
    """The pictures of a file. Raises CheckpointError, or ConfigError if it has another recipe."""
    try:
        with safetensors.safe_open(str(path), framework="pt") as file:
            found = (file.metadata() or {}).get(RECIPE_KEY)
        pictures = tensors_of(path.read_bytes())["pictures"]  # read, not mapped: a mapped file may be cut short in use
    except Exception as error:  # safetensors raises its own kind for anything malformed
        raise CheckpointError(f"{path} is damaged; without it, the same command makes its pairs again.") from error
    if found != recipe.to_json():
        raise ConfigError(
            f"{path} holds pairs of another teacher or of other settings; another --out starts a new run."
        )
    return pictures
