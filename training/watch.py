"""`python -m training.watch RUN [RUN ...]`: a local page with the curves of runs and their latest samples.

It reads what the runs have written, while they train or later, and writes nothing. The runs inside a run folder, its
teacher and its start, are shown as runs of their own. All runs are drawn on the same axes.
"""

import argparse
import json
import sys
from math import isfinite
from pathlib import Path

import pandas as pd

from core.console import unbreakable_output
from core.errors import ConfigError, OnestrokeError
from core.pictures.read import read_image

SECONDS = 5  # seconds between two updates of the page
CURVES = {  # the title of each plot, by what the names of its values in the log start with
    "loss": "loss",
    "error_": "denoising error at sigma",
    "norm": "norm of the gradient",
    "rate": "learning rate",
}
COLUMNS = ["kimg", "value", "curve"]  # of the plotted tables


def runs_in(folders: list[str]) -> dict[str, Path]:
    """The runs in these folders by name, also those inside runs. Raises ConfigError for a missing folder."""
    for folder in folders:
        if not Path(folder).is_dir():
            raise ConfigError(f"There is no run folder {folder}.")
    logs = [(Path(folder), log) for folder in folders for log in sorted(Path(folder).rglob("log.jsonl"))]
    return {str(log.parent.relative_to(folder.parent)): log.parent for folder, log in logs}


def read_log(run: Path) -> list[dict[str, float]]:
    """The records of log.jsonl. A last line that is only half written is left out."""
    records = []
    for line in (run / "log.jsonl").read_text(errors="replace").splitlines():
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(record, dict) and "kimg" in record:
            records.append(record)
    return records


def curve(runs: dict[str, Path], start: str) -> pd.DataFrame:
    """All finite values whose name in the log begins with `start`: columns kimg, value and curve.

    kimg are thousands of pictures seen; curve is the name of the run and the rest of the value's name.
    """
    rows = [
        (record["kimg"], value, f"{name} {key.removeprefix(start)}".strip())
        for name, run in runs.items()
        for record in read_log(run)
        for key, value in record.items()
        if key.startswith(start) and isfinite(value)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def latest_sheet(runs: dict[str, Path]) -> Path | None:
    """The sheet of samples that was written last, None if there is none."""
    sheets = [path for run in runs.values() for path in (run / "samples").glob("*.png")]
    return max(sheets, key=lambda path: path.stat().st_mtime_ns, default=None)


def page(folders: list[str]):
    """The page as Gradio Blocks, which updates itself every few seconds."""
    import gradio as gr  # slow to import, and only the page needs it

    def update():
        runs = runs_in(folders)
        sheet = latest_sheet(runs)
        picture = gr.Image(read_image(sheet) if sheet else None, label=str(sheet or "no samples yet"))
        return *(curve(runs, start) for start in CURVES), picture

    with gr.Blocks(title="Onestroke: " + ", ".join(folders), fill_width=True, analytics_enabled=False) as blocks:
        with gr.Row():
            plots = [
                gr.LinePlot(
                    x="kimg", y="value", color="curve", title=title, y_title=" ", color_title=" ", min_width=480
                )
                for title in CURVES.values()
            ]
        sheet = gr.Image(interactive=False, buttons=["download", "fullscreen"])
        for event in (blocks.load, gr.Timer(SECONDS).tick):
            event(update, outputs=[*plots, sheet], show_progress="hidden")
    return blocks


@unbreakable_output()
def main(arguments: list[str] | None = None) -> int:
    """Show the page until Ctrl-C. Returns the exit code: 2 after an error, which is printed."""
    parser = argparse.ArgumentParser(prog="python -m training.watch", description=__doc__)
    parser.add_argument("runs", nargs="+", metavar="RUN", help="run folder")
    parser.add_argument("--port", type=int, help="by default the first free one from 7860 on")
    options = parser.parse_args(arguments)
    try:
        runs_in(options.runs)
        page(options.runs).launch(server_name="127.0.0.1", server_port=options.port, share=False)
    except OnestrokeError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"The page could not be opened: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
