"""`python -m benchmarks.multistep`: the effect of each setting of a multistep consistency model, on synthetic bedrooms.

A denoiser is trained first, then one student for each row and seed, all with the same number of pictures. A student's
samples are compared with the teacher's pictures from the same noise in 64 steps of Heun. The figure is the mean squared
difference in model range, [-1, 1], for 1, 2, 4, 8 and 16 steps. The kernel distance (KID) is that to other bedrooms, by
features of EfficientNet-Lite0, for the largest step count that the student was trained for. Both are printed times
1000.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev

import torch

import core
from benchmarks.timing import print_table
from core.edit_schedules import edit_sigmas
from core.open_model import load_model
from core.runtime import machine, use_threads
from core.solvers import solve
from training.data.synthetic import synthetic_pictures
from training.loop.chain import train_chain
from training.metrics.distribution import kernel_distance
from training.metrics.features import ImageNetFeatures

CONFIGS = Path("training/configs/tiny")
PICTURES = 256  # samples of each model
STEPS = (1, 2, 4, 8, 16)  # step counts of the samples
TEACHER_STEPS = 64  # of Heun
OTHERS_SEED = 1  # of the bedrooms that samples are compared with; those of training have another seed


@dataclass(frozen=True)
class Row:
    """One student: a configuration in training/configs/tiny and the settings that differ from it."""

    question: str
    name: str
    overrides: tuple[str, ...] = ()
    config: str = "mcm_cd"
    counts: tuple[int, ...] = (4,)  # step counts that it is trained for

    @property
    def slug(self) -> str:
        """The name of its folder."""
        return re.sub(r"[^a-z0-9]+", "-", f"{self.question} {self.name}".lower())


def segments(*counts: int) -> str:
    """The setting for these step counts."""
    return f"objective.segments={list(counts)}"


BASE = Row("baseline", "distilled, 4 equal segments, eta 0.75, from the teacher's weights")
ROWS = [
    BASE,
    *(Row("eta", f"eta {eta}", (f"objective.eta={eta}",)) for eta in (0.0, 0.25, 0.5, 1.0)),
    Row("eta", "analytic variance", ('objective.variance="analytic"',)),
    Row("borders", "even in sigma^(1/7)", ("objective.borders=[17.5, 2.53, 0.17]",)),
    Row("borders", "even in ln sigma, 10 to 0.1", ("objective.borders=[10.0, 1.0, 0.1]",)),
    Row("borders", "three of four segments above 1", ("objective.borders=[5.03, 2.41, 1.0]",)),
    Row("distance", "squared (l2)", ('objective.metric="l2"',)),
    Row("distance", "LPIPS of an untrained VGG", ('objective.metric="lpips_random"',)),
    Row("start", "random weights", ('start=""',)),
    Row("teacher's steps", "128 throughout", ("objective.teacher_steps=[128, 128]",)),
    Row("teacher's steps", "1280 throughout", ("objective.teacher_steps=[1280, 1280]",)),
    Row("teacher", "none: training from pictures", config="mcm_ct"),
    *(Row("step count", f"own model for {n}", (segments(n),), counts=(n,)) for n in (1, 2, 8, 16)),
    Row(
        "step count",
        "one model told 1, 2, 4, 8 or 16",
        (segments(*STEPS), f"network.step_counts={list(STEPS)}"),
        counts=STEPS,
    ),
    Row("critic", "adversarial consistency", config="adversarial", counts=(1,)),
    Row("critic", "the same without its critic", ("objective.convince=0",), config="adversarial", counts=(1,)),
    Row("method", "progressive distillation to 4", ("objective.start_steps=16", "objective.end_steps=4"), config="pd"),
]


class Judge:
    """Measures models on the same noise."""

    def __init__(self, teacher: str | Path):
        """teacher: the denoiser's model file. Raises OnestrokeError if the packages for features are not installed."""
        self.noise = core.SeededNoise(range(PICTURES))
        self.teacher = load_model(teacher, "cpu", "float32")
        x = 80.0 * self.noise.draw(0, self.teacher.shape)
        self.reference = solve(self.teacher, x, core.karras_sigmas(TEACHER_STEPS), "heun", to_zero=True).clamp(-1, 1)
        self.features = ImageNetFeatures()
        self.others = self.features(
            synthetic_pictures(PICTURES, self.teacher.card.resolution, OTHERS_SEED).transpose(0, 2, 3, 1)
        )

    def distance(self, x0: torch.Tensor) -> float:
        """The mean squared difference of samples [N,C,R,R] to the teacher's pictures from the same noise."""
        return float((x0 - self.reference).square().mean())

    def kid(self, x0: torch.Tensor) -> float:
        """The KID of samples [N,C,R,R] to other bedrooms, times 1000."""
        return 1000 * kernel_distance(self.features(core.to_uint8(x0)), self.others)

    def samples(self, model, steps: int) -> torch.Tensor:
        """[N,C,R,R] samples of a model in that many steps."""
        return core.sample(model, edit_sigmas(model.card, "generate", steps), self.noise)


def train(row: Row, teacher: Path, folder: Path, seed: int, kimg: float) -> Path:
    """Train the student of a row, unless it has been trained. Returns its model file."""
    own = [f'teacher="{teacher}"', *row.overrides, f"run.seed={seed}", f"run.kimg={kimg}"]
    own += [f'start="{teacher}"'] * (row.config in ("mcm_ct", "adversarial"))
    return _quietly(CONFIGS / f"{row.config}.toml", [*own, 'run.device="cpu"'], folder)


def _quietly(config: Path, overrides: list[str], folder: Path) -> Path:
    """Train, with the run's messages on standard error, since standard output is for the table."""
    with redirect_stdout(sys.stderr):
        return train_chain(config, overrides, folder)


def figures(row: Row, judge: Judge, models: Sequence[Path]) -> list[str]:
    """The cells of a row: the distance for each number of steps, then the KID; mean and deviation over seeds."""
    loaded = [load_model(path, "cpu", "float32") for path in models]
    sampled = {steps: [judge.samples(model, steps) for model in loaded] for steps in STEPS}
    distances = [_cell([1000 * judge.distance(x0) for x0 in sampled[steps]], steps in row.counts) for steps in STEPS]
    return [*distances, _cell([judge.kid(x0) for x0 in sampled[max(row.counts, default=4)]])]


def _cell(values: Sequence[float], emphasised: bool = False) -> str:
    text = f"{mean(values):.1f}" + (f" ± {stdev(values):.1f}" if len(values) > 1 else "")
    return f"**{text}**" if emphasised else text


def main() -> None:
    """Train what is missing, measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.multistep", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("runs/multistep"), help="where the models are kept")
    parser.add_argument("--kimg", type=float, default=4.0, help="pictures of each student, in thousands")
    parser.add_argument("--teacher-kimg", type=float, default=30.0)
    parser.add_argument("--seeds", type=int, default=2, help="students of each row")
    parser.add_argument("--only", default="", help="rows of this question alone")
    parser.add_argument("--threads", type=int)
    options = parser.parse_args()
    use_threads(options.threads)
    teacher = options.out / "teacher" / "model.safetensors"
    if not teacher.is_file():
        _quietly(CONFIGS / "edm.toml", [f"run.kimg={options.teacher_kimg}"], teacher.parent)
    judge = Judge(teacher)
    print(f"{machine()}; {options.kimg:g} kimg a student, {options.seeds} of each, {PICTURES} samples.\n")
    rows = [
        ["", f"the teacher, {TEACHER_STEPS} steps of Heun", *["0.0"] * len(STEPS), f"{judge.kid(judge.reference):.1f}"],
        ["", "the teacher over the same levels", *figures(Row("", "", counts=()), judge, [teacher])],
    ]
    for row in ROWS:
        if options.only in ("", row.question):
            folders = [options.out / f"{row.slug}-{options.kimg:g}-{seed}" for seed in range(options.seeds)]
            models = [train(row, teacher.absolute(), folder, seed, options.kimg) for seed, folder in enumerate(folders)]
            rows.append([row.question, row.name, *figures(row, judge, models)])
    print_table(["question", "student", *(f"{n} step{'s' * (n > 1)}" for n in STEPS), "KID"], rows)


if __name__ == "__main__":
    main()
