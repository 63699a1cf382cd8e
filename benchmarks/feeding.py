"""`python -m benchmarks.feeding`: does training wait for its pictures?

The denoiser of photos-64.toml, the objective with the cheapest step, trains on pictures from memory and from streams of
JPEG files of 64 and of 256 pixels, which are decoded in advance (`data.stream`). The table has the pictures per second
that a stream alone delivers, those that training uses, and the fraction of a step that waits for pictures. The pictures
are synthetic bedrooms, in tar files that are written first.

Use `--threads 1` on a machine with other work, `--device cuda` for a GPU.
"""

import argparse
import io
import tarfile
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

import torch
from PIL import Image

from benchmarks.timing import print_table, time_method
from core.runtime import machine, use_threads
from training.config import Config, Source, load_config
from training.data.loader import open_loader
from training.data.synthetic import synthetic_pictures
from training.loop.trainer import Trainer

CONFIG = Path("training/configs/photos-64.toml")
PICTURES = 256  # in each tar file
QUALITY = 90  # of the JPEG files, 1 to 95
SIDES = (64, 256)  # pixels along each side of the files; the network sees 64
TAKEN = 40  # batches that are taken to measure a loader alone
STEPS, WARM_UP, ROUNDS = 8, 3, 3  # steps that count and do not in a turn; turns. Early steps use decoded pictures


def write_tar(path: Path, side: int) -> Path:
    """Write a tar file of synthetic bedrooms as JPEG files of `side` pixels. Returns its path."""
    with tarfile.open(path, "w") as tar:
        for number, picture in enumerate(synthetic_pictures(PICTURES, side, seed=0)):
            content = io.BytesIO()
            Image.fromarray(picture.transpose(1, 2, 0)).save(content, "JPEG", quality=QUALITY)
            member = tarfile.TarInfo(f"{number:05d}.jpg")
            member.size = content.tell()
            content.seek(0)
            tar.addfile(member, content)
    return path


def config_of(options: argparse.Namespace, **data) -> Config:
    """The configuration of the run with other settings of its data."""
    config = load_config(CONFIG, [f"run.batch={options.batch}", f"run.device={options.device}"])
    return replace(config, data=replace(config.data, workers=options.workers, **data))


def loader_rate(config: Config) -> float:
    """Pictures per second of a loader alone, whose batches are only taken, without the first quarter of them."""
    run = config.run
    loader = open_loader(config.data, (), config.network.resolution, torch.device("cpu"), run.seed, run.batch)
    try:
        for number in range(TAKEN):
            if number == TAKEN // 4:
                started = time.perf_counter()
            loader.batch(number * run.batch, 0, run.batch)
        return (TAKEN - TAKEN // 4) * run.batch / (time.perf_counter() - started)
    finally:
        loader.close()


class TimedTrainer:
    """One trainer, and for each step that counts the seconds that it took and the seconds that it waited."""

    def __init__(self, config: Config, folder: Path):
        self.trainer, self.steps = Trainer(config, folder), []
        self.waits = time_method(self.trainer.loader, "batch")

    def take_turn(self) -> None:
        """Some training steps in a row."""
        for number in range(WARM_UP + STEPS):
            self.waits.clear()
            started = time.perf_counter()
            self.trainer.step()
            if number >= WARM_UP:
                self.steps.append((time.perf_counter() - started, sum(self.waits)))

    @property
    def pictures_per_second(self) -> float:
        """By the median step."""
        return self.trainer.config.run.batch / median(seconds for seconds, _ in self.steps)

    @property
    def waiting_fraction(self) -> float:
        """The waiting time of all steps over their whole time, 0 to 1: a slow stream makes some steps wait, not all."""
        return sum(waited for _, waited in self.steps) / sum(seconds for seconds, _ in self.steps)


def rows_of(options: argparse.Namespace, folder: Path) -> list[list]:
    """Rows: source, pictures/s of the loader alone, pictures/s in training, % of the time that waits."""
    configs = {"memory": config_of(options, train=(Source(made=PICTURES),))}
    for side in SIDES:
        tar = write_tar(folder / f"{side}.tar", side)
        configs[f"JPEG, {side} px"] = config_of(options, root=str(folder), train=(Source(tar.name),), stream=True)
    rates = {name: loader_rate(config) for name, config in configs.items()}
    trainers = {name: TimedTrainer(config, folder / name) for name, config in configs.items()}
    for _ in range(ROUNDS):
        for timed in trainers.values():
            timed.take_turn()
    for timed in trainers.values():
        timed.trainer.loader.close()
    return [
        [name, f"{rates[name]:.0f}", timed.pictures_per_second, f"{timed.waiting_fraction:.1%}"]
        for name, timed in trainers.items()
    ]


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.feeding", description=__doc__)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--threads", type=int, help="by default all cores")
    parser.add_argument("--workers", type=int, default=2, help="threads that decode")
    parser.add_argument("--batch", type=int, default=32)
    options = parser.parse_args(arguments)
    threads = use_threads(options.threads)
    where = torch.cuda.get_device_name() if options.device == "cuda" else machine()
    print(f"{where}, {threads} thread(s), batch {options.batch}, {options.workers} decoding\n")
    with tempfile.TemporaryDirectory() as folder:
        rows = rows_of(options, Path(folder))
    print_table(["pictures", "alone, pictures/s", "in training, pictures/s", "waits for data"], rows)


if __name__ == "__main__":
    main()
