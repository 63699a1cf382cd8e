"""What a run says: lines for a person on the terminal, log.jsonl for programs, events for TensorBoard, one progress
line in between."""

import json
import resource
import sys
import time
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import torch
from tqdm import tqdm

from core.files import append_whole, write_whole


class RunLog:
    """The written side of one run folder. A silent one says and writes nothing: only one process of a run speaks."""

    def __init__(self, folder: Path, *, silent: bool = False):
        self.folder = folder
        self.silent = silent
        self.seen = 0  # pictures before the first new record

    @cached_property
    def events(self):
        """TensorBoard's writer, opened with the first record."""
        from torch.utils.tensorboard import SummaryWriter  # slow to import, and only training needs it

        _wait_for_a_new_second(self.folder)
        return SummaryWriter(str(self.folder), purge_step=self.seen + 1)  # what a killed run wrote beyond is hidden

    def say(self, line: str) -> None:
        """One line on the terminal, above the progress line."""
        if not self.silent:
            tqdm.write(line)

    def write_config(self, toml: str) -> None:
        """Write config.toml whole. Raises OSError."""
        if not self.silent:
            write_whole(self.folder / "config.toml", toml.encode())

    def record(self, values: dict[str, float], seen: int) -> None:
        """Append one JSON line and one event, and say it. Raises OSError, with the log as it was or one line longer."""
        rounded = {name: value if name == "kimg" else float(f"{value:.5g}") for name, value in values.items()}
        append_whole(self.folder / "log.jsonl", (json.dumps(rounded) + "\n").encode())
        try:
            for name, value in rounded.items():
                self.events.add_scalar(name, value, seen)
            self.events.flush()
        except OSError:
            vars(self).pop("events", None)  # a writer that has failed once fails for ever
            raise
        self.say("  ".join(f"{name} {value:g}" for name, value in rounded.items()))

    def cut_after(self, kimg: float) -> None:
        """Drop lines from beyond this point, which a resumed run will write again, and a line that was cut short."""
        self.seen = round(1000 * kimg)
        path = self.folder / "log.jsonl"
        if path.is_file() and not self.silent:
            lines = path.read_text(errors="replace").splitlines(keepends=True)
            write_whole(path, "".join(line for line in lines if _kimg_of(line) <= kimg).encode())

    @contextmanager
    def progress(self, kimg: float, seen: int):
        """A line with pictures a second, the time left, the loss and the memory in use."""
        total = int(kimg * 1000)
        with tqdm(
            total=total, initial=seen, unit=" pictures", mininterval=2, dynamic_ncols=True, disable=self.silent
        ) as bar:
            yield _Progress(bar)


def _wait_for_a_new_second(folder: Path) -> None:
    """Until no events file is of this second: TensorBoard reads them by name, which is the second, then the pid."""
    seconds = {path.name.split(".")[3] for path in folder.glob("events.out.tfevents.*")}
    while f"{int(time.time()):010d}" in seconds:
        time.sleep(0.05)


def _kimg_of(line: str) -> float:
    """Where a line of the log was written; infinity for one that a kill cut short."""
    try:
        return json.loads(line)["kimg"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return float("inf")


def peak_memory() -> float:
    """The most memory that this process has held, GB: of the GPU if it uses one, else of the machine."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_reserved() / 1e9
    unit = 1 if sys.platform == "darwin" else 1024  # the kernel counts in bytes there, in kilobytes elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


class _Progress:
    def __init__(self, bar: tqdm):
        self.bar = bar
        self.smooth: float | None = None

    def show(self, seen: int, record: dict[str, float]) -> None:
        self.smooth = record["loss"] if self.smooth is None else 0.98 * self.smooth + 0.02 * record["loss"]
        self.bar.set_postfix(loss=f"{self.smooth:.4f}", memory=f"{peak_memory():.1f} GB", refresh=False)
        self.bar.update(seen - self.bar.n)
