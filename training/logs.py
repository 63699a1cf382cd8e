"""What a run says: lines for a person on the terminal, log.jsonl for programs, one progress line in between."""

import json
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from core.images import write_whole


class RunLog:
    """The written side of one run folder."""

    def __init__(self, folder: Path):
        self.folder = folder

    def say(self, sentence: str) -> None:
        """One line on the terminal, above the progress line."""
        tqdm.write(sentence)

    def write_config(self, toml: str) -> None:
        write_whole(self.folder / "config.toml", toml.encode())

    def record(self, values: dict[str, float]) -> None:
        """Append one JSON line, and say it."""
        rounded = {name: value if name == "kimg" else float(f"{value:.5g}") for name, value in values.items()}
        with (self.folder / "log.jsonl").open("a") as file:
            file.write(json.dumps(rounded) + "\n")
        self.say("  ".join(f"{name} {value:g}" for name, value in rounded.items()))

    def cut_after(self, kimg: float) -> None:
        """Drop lines from beyond this point, which a resumed run will write again."""
        path = self.folder / "log.jsonl"
        if path.is_file():
            lines = [line for line in path.read_text().splitlines(keepends=True) if json.loads(line)["kimg"] <= kimg]
            write_whole(path, "".join(lines).encode())

    @contextmanager
    def progress(self, kimg: float, seen: int):
        """A line with pictures a second and the time left."""
        with tqdm(total=int(kimg * 1000), initial=seen, unit=" pictures", mininterval=2, dynamic_ncols=True) as bar:
            yield _Progress(bar)


class _Progress:
    def __init__(self, bar: tqdm):
        self.bar = bar
        self.smooth = None

    def show(self, seen: int, record: dict[str, float]) -> None:
        self.smooth = record["loss"] if self.smooth is None else 0.98 * self.smooth + 0.02 * record["loss"]
        self.bar.set_postfix(loss=f"{self.smooth:.4f}", refresh=False)
        self.bar.update(seen - self.bar.n)
