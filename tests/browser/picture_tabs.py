"""`python -m tests.browser.picture_tabs [--out docs/images]`: the pictures of docs/tabs.md, the real page in Chromium.

Every tab does its work once with the bundled model, at the page's first settings. No seed and no result is picked by
hand.
"""

import argparse
import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter
from playwright.sync_api import sync_playwright

from core.files import write_whole
from tests.browser.chromium import FLAGS, find_chromium
from tests.browser.server import ROOT, Server
from tests.browser.studio import Studio
from tests.browser.tab import Tab, png

DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 1.5, "has_touch": True, "is_mobile": True}
MOST_BYTES = 60_000
QUALITIES = (90, 80, 70, 60, 50, 40)  # of WebP: the best that fits
PATIENCE_MS = 120_000
GRAIN, BLUR, SMALL = 25, 1.5, 32  # deviation of 255, and pixels, of what photos suffer here


def photo(number: int) -> Image.Image:
    """One of the example photos, from 0."""
    return Image.open(sorted((ROOT / "assets" / "photos").glob("*.jpg"))[number]).convert("RGB")


def as_png(picture: Image.Image) -> bytes:
    return png(np.array(picture))


def paint(studio: Studio) -> None:
    studio.find("#paint-result .os-empty .os-thumb").first.click()
    studio.refined()


def paint_and_vary(studio: Studio) -> None:
    paint(studio)
    studio.key("v")
    studio.varied()


def inpaint(studio: Studio) -> None:
    tab = Tab(studio, "inpaint")
    tab.open(as_png(photo(1)))
    for row in (68, 84):  # over the picture on the wall
        tab.stroke(170, row, 206, row)
    tab.done()


def colorize(studio: Studio) -> None:
    edit(studio, "colorize", photo(2))


def super_resolve(studio: Studio) -> None:
    edit(studio, "super-resolve", photo(0).resize((SMALL, SMALL), Image.Resampling.BOX))


def denoise(studio: Studio) -> None:
    clean = np.array(photo(1), dtype=float)
    noisy = clean + np.random.default_rng(0).normal(0, GRAIN, clean.shape)
    edit(studio, "denoise", Image.fromarray(noisy.clip(0, 255).astype(np.uint8)))


def deblur(studio: Studio) -> None:
    edit(studio, "deblur", photo(0).filter(ImageFilter.GaussianBlur(BLUR)))


def edit(studio: Studio, task: str, picture: Image.Image) -> None:
    tab = Tab(studio, task)
    tab.open(as_png(picture))
    tab.done()
    if not tab.find("result", ".os-wipe").is_visible():
        tab.click("compare")


def interpolate(studio: Studio) -> None:
    from_noise(studio, "interpolate")


def generate(studio: Studio) -> None:
    tab = from_noise(studio, "generate")
    tab.find("result", ".os-grid .os-thumb").first.click()


def from_noise(studio: Studio, task: str) -> Tab:
    tab = Tab(studio, task)
    tab.click("generate", "settings")
    tab.done()
    return tab


def models(studio: Studio) -> None:
    studio.page.evaluate("onestroke.show('models')")
    studio.find("#models article").first.wait_for()


JOBS: dict[str, Callable[[Studio], object]] = {
    "paint": paint_and_vary, "inpaint": inpaint, "colorize": colorize, "super-resolve": super_resolve,
    "denoise": denoise, "deblur": deblur, "interpolate": interpolate, "generate": generate, "models": models,
}  # fmt: skip


def take(studio: Studio, file: Path) -> None:
    """Write what is seen now."""
    studio.page.mouse.move(2, 2)  # off every button, whose tips would be seen
    studio.page.wait_for_timeout(600)  # what fades has faded
    seen = Image.open(io.BytesIO(studio.page.screenshot()))
    for quality in QUALITIES:
        stream = io.BytesIO()
        seen.convert("RGB").save(stream, "WEBP", quality=quality, method=6)
        if stream.tell() <= MOST_BYTES:
            break
    print(write_whole(file, stream.getvalue()), stream.tell(), quality)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.picture_tabs", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/images"), help="a folder (docs/images)")
    parser.add_argument("--port", type=int, default=0, help="of the server (any free one)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as empty, sync_playwright() as playwright:
        # The bundled model is the only one. The page names the first of these folders, so it is that of no computer.
        alone = os.environ | {"ONESTROKE_MODELS": "models", "HF_HOME": empty}
        server = Server("app", "--port", str(options.port), surroundings=alone)
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        try:
            for name, job in JOBS.items():
                picture(browser.new_context(**DESKTOP), server.address, job, options.out / f"tab-{name}.webp")
            picture(browser.new_context(**PHONE), server.address, paint, options.out / "tab-phone.webp")
        finally:
            browser.close()
            server.end()


def picture(context, address: str, job: Callable[[Studio], object], file: Path) -> None:
    studio = Studio(context, address)
    context.set_default_timeout(PATIENCE_MS)
    job(studio)
    take(studio, file)
    context.close()


if __name__ == "__main__":
    main()
