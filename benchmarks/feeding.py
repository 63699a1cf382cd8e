"""`python -m benchmarks.feeding`: does reading pictures hold training up?

The denoiser of photos-64.toml, the cheapest objective, takes its pictures from memory and from streams of JPEG files
that are decoded ahead of the step (`data.stream`), small ones and ones of 256 pixels. Printed are pictures a second
that a stream alone delivers and that training uses, and the share of a step that waits for them. The pictures are
bedrooms that the project draws, in tar files that are made first.

`--threads 1` on a machine with other work; `--device cuda` for a GPU.
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

from benchmarks.timing import print_table, watched
from core.runtime import machine, use_threads
from training.config import Config, Source, load_config
from training.data.loader import open_feed
from training.data.synthetic import made_pictures
from training.loop.trainer import Trainer

CONFIG = Path("training/configs/photos-64.toml")
PICTURES = 256
QUALITY = 90  # of the JPEG files
SIDES = (64, 256)  # pixels of the files; the network sees 64
TAKEN = 40  # batches, to measure a feed alone
STEPS, WARM_UP, ROUNDS = 8, 3, 3  # the first steps of a turn still profit from what was decoded before it


def write_tar(path: Path, side: int) -> Path:
    """A tar of that many JPEG files, drawn at that side."""
    with tarfile.open(path, "w") as tar:
        for number, picture in enumerate(made_pictures(PICTURES, side, seed=0)):
            content = io.BytesIO()
            Image.fromarray(picture.transpose(1, 2, 0)).save(content, "JPEG", quality=QUALITY)
            member = tarfile.TarInfo(f"{number:05d}.jpg")
            member.size = content.tell()
            content.seek(0)
            tar.addfile(member, content)
    return path


def config_of(options: argparse.Namespace, **data) -> Config:
    """That run, on other pictures."""
    config = load_config(CONFIG, [f"run.batch={options.batch}", f"run.device={options.device}"])
    return replace(config, data=replace(config.data, workers=options.workers, **data))


def delivered(config: Config) -> float:
    """Pictures a second that a feed gives to somebody who only takes them, once it runs."""
    run = config.run
    feed = open_feed(config.data, (), config.network.resolution, torch.device("cpu"), run.seed, run.batch)
    try:
        for number in range(TAKEN):
            if number == TAKEN // 4:
                started = time.perf_counter()
            feed.batch(number * run.batch, 0, run.batch)
        return (TAKEN - TAKEN // 4) * run.batch / (time.perf_counter() - started)
    finally:
        feed.close()


class Turns:
    """One trainer, and for each of its steps that count the seconds and those of them in which it waited."""

    def __init__(self, config: Config, folder: Path):
        self.trainer, self.steps = Trainer(config, folder), []
        self.waits = watched(self.trainer.feed, "batch")

    def take(self) -> None:
        """Some steps in a row."""
        for number in range(WARM_UP + STEPS):
            self.waits.clear()
            started = time.perf_counter()
            self.trainer.step()
            if number >= WARM_UP:
                self.steps.append((time.perf_counter() - started, sum(self.waits)))

    @property
    def pictures(self) -> float:
        """A second, at the median step."""
        return self.trainer.config.run.batch / median(seconds for seconds, _ in self.steps)

    @property
    def waited(self) -> float:
        """Share of all the time: a stream that is too slow lets a step wait now and then."""
        return sum(waited for _, waited in self.steps) / sum(seconds for seconds, _ in self.steps)


def rows_of(options: argparse.Namespace, folder: Path) -> list[list]:
    """source, pictures/s alone, pictures/s in training, % waiting."""
    configs = {"memory": config_of(options, train=(Source(made=PICTURES),))}
    for side in SIDES:
        tar = write_tar(folder / f"{side}.tar", side)
        configs[f"JPEG, {side} px"] = config_of(options, root=str(folder), train=(Source(tar.name),), stream=True)
    alone = {name: delivered(config) for name, config in configs.items()}
    turns = {name: Turns(config, folder / name) for name, config in configs.items()}
    for _ in range(ROUNDS):
        for one in turns.values():
            one.take()
    for one in turns.values():
        one.trainer.feed.close()
    return [[name, f"{alone[name]:.0f}", one.pictures, f"{one.waited:.1%}"] for name, one in turns.items()]


def main(arguments: list[str] | None = None) -> None:
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
