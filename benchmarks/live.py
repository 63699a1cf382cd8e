"""`python -m benchmarks.live`: the time from the end of a stroke to the new picture on the page, in Chromium.

The script starts the app, paints with the mouse and measures inside the page, from `pointerup` to the first frame after
the answer is decoded. It prints the median and the 95th percentile, the part of the model, the same over a connection
with a round trip of 80 ms, and the time from `python -m app` until one can paint on the page.
"""

import argparse
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from playwright.sync_api import Page, sync_playwright

from app.models import DEFAULT_MODEL
from benchmarks.slow_line import slow_line
from benchmarks.timing import busy_machine, print_table
from core.runtime import machine

FLAGS = [  # of Chromium
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]
ROUND_TRIP_MS = 80
ROUNDS = 4  # turns of each model, when several are compared
WATCH = """() => {
    window.strokes = []; let ended = 0;
    addEventListener('pointerup', () => { ended = performance.now(); }, true);
    document.addEventListener('onestroke-picture', (event) => requestAnimationFrame(() => {
        if (event.detail.kind === 'live')
            window.strokes.push({ ms: performance.now() - ended, model: event.detail.model_ms });
    }));
}"""


@contextmanager
def running_app(model: str = DEFAULT_MODEL) -> Iterator[tuple[int, subprocess.Popen]]:
    """A context with the app on a free port, started as a person does; yields the port and the process."""
    command = [sys.executable, "-m", "app", "--port", "0", "--model", model]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        address = next(word for line in process.stdout for word in line.split() if word.startswith("http://"))
        yield int(address.rstrip("/").rsplit(":", 1)[1]), process
    finally:
        process.terminate()
        process.wait(timeout=20)


def open_page(browser, port: int) -> Page:
    """The page of that port, once one can paint on it."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"http://127.0.0.1:{port}/")
    page.wait_for_selector("#paint-canvas canvas")
    return page


def paint(page: Page, count: int) -> tuple[list[float], list[float]]:
    """Milliseconds from stroke to picture, and those of the model, for each of `count` strokes."""
    page.evaluate(WATCH)
    box = page.locator("#paint-canvas .os-paper canvas").first.bounding_box()
    rng = np.random.default_rng(0)
    for stroke in range(count + 3):
        (x0, y0), (x1, y1) = rng.uniform(0.1, 0.9, (2, 2)) * box["width"] + (box["x"], box["y"])
        page.mouse.move(x0, y0)
        page.mouse.down()
        page.mouse.move(x1, y1, steps=6)
        page.mouse.up()
        page.wait_for_function(f"window.strokes.length > {stroke}", timeout=60_000)
    strokes = page.evaluate("window.strokes")[3:]  # the first three are the warm-up
    return [stroke["ms"] for stroke in strokes], [stroke["model"] for stroke in strokes]


def row(name: str, times: list[float], models: list[float]) -> list:
    """A row: name, median, 95th percentile, the model's median, the median of the rest, all in milliseconds."""
    rest = float(np.median(np.array(times) - np.array(models)))
    return [name, float(np.median(times)), float(np.percentile(times, 95)), float(np.median(models)), rest]


def compare(browser, models: list[str], count: int) -> None:
    """Print a row for each model. They take turns, so that other work on the machine affects all alike."""
    measured: dict[str, tuple[list[float], list[float]]] = {model: ([], []) for model in models}
    for _ in range(ROUNDS):
        for model in models:
            with running_app(model) as (port, process):
                next(line for line in process.stdout if line.startswith("Ready"))
                page = open_page(browser, port)
                for times, new in zip(measured[model], paint(page, count // ROUNDS), strict=True):
                    times += new
                page.close()
    print_table(
        ["model", "median ms", "p95 ms", "model ms", "the rest, median ms"],
        [row(model, *times) for model, times in measured.items()],
    )
    first, *others = (float(np.median(times)) for times, _ in measured.values())
    print("Medians relative to the first:", ", ".join(f"{median / first:.2f}" for median in others))


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live", description=__doc__)
    parser.add_argument("--strokes", type=int, default=40)
    parser.add_argument("--compare", nargs="+", metavar="MODEL", help="paint with these models in turns, and no more")
    options = parser.parse_args()
    count = options.strokes
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        if options.compare:
            print(f"{machine()}; {count} strokes with each\n")
            compare(browser, options.compare, count)
            browser.close()
            return
        started = time.perf_counter()
        with running_app() as (port, process):
            page = open_page(browser, port)
            start_s = time.perf_counter() - started
            next(line for line in process.stdout if line.startswith("Ready"))
            near = paint(page, count)
            rows = [row("this machine", *near)]
            with busy_machine():
                rows.append(row("the same, all cores kept busy", *paint(page, count)))
            page.close()
            with slow_line(port, round_trip_s=ROUND_TRIP_MS / 1000) as far_port:
                page = open_page(browser, far_port)
                far = paint(page, count // 2)
                rows.append(row(f"round trip of {ROUND_TRIP_MS} ms", *far))
                page.close()
        browser.close()
    trips = (np.median(far[0]) - np.median(near[0])) / ROUND_TRIP_MS
    print(f"{machine()}; {count} strokes\n")
    print_table(["page and server on", "median ms", "p95 ms", "model ms", "the rest, median ms"], rows)
    print(f"Round trips a stroke: {trips:.2f}. From `python -m app` to a page that can be painted on: {start_s:.1f} s.")


if __name__ == "__main__":
    main()
