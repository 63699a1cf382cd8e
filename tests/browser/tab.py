"""An edit tab of a visitor's page, with the words that its tests speak."""

import base64
import io
from pathlib import Path

import numpy as np
from PIL import Image

from tests.browser.studio import Studio

DROP = """([selector, files]) => {
  const transfer = new DataTransfer();
  for (const [name, type, data] of files) {
    transfer.items.add(new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], name, { type }));
  }
  for (const name of ['dragover', 'drop']) {
    const drop = new DragEvent(name, { bubbles: true, cancelable: true, dataTransfer: transfer });
    document.querySelector(selector).dispatchEvent(drop);
  }
}"""


class Tab:
    """One of the edit tabs, opened. Points are of what is seen of the photo, 256 a side."""

    def __init__(self, studio: Studio, task: str):
        self.studio, self.page, self.task = studio, studio.page, task
        self.name = {"super-resolve": "Super-resolve"}.get(task, task.capitalize())
        self.show()

    def show(self) -> None:
        tab = self.page.get_by_role("tab", name=self.name).first
        if not tab.is_visible():  # a narrow page has the later tabs in a menu
            self.page.locator(".overflow-menu > button").click()
            tab = self.page.locator(".overflow-menu button", has_text=self.name)
        tab.click()
        self.page.locator(f"#{self.task}-settings").wait_for()
        self.page.wait_for_function(
            f"() => {self.js}.loop && {self.js}.painting && {self.js}.settings.look !== undefined"
        )

    @property
    def js(self) -> str:
        return f"onestroke.task('{self.task}')"

    def find(self, part: str, selector: str):
        """A selector within the tab's canvas, result, settings, variations or history."""
        return self.page.locator(f"#{self.task}-{part} {selector}")

    def state(self) -> dict:
        return self.page.evaluate(f"{self.js}.loop.state()")

    def settings(self) -> dict:
        return self.page.evaluate(f"{self.js}.settings")

    # ---- what a person does ----
    def open(self, data: bytes, kind: str = "image/png", name: str = "photo.png") -> None:
        """Drop a file and wait until it is open or refused."""
        before = self.page.evaluate(f"{self.js}.painting.count")
        self.drop((name, kind, data))
        self.page.wait_for_function(f"n => {self.js}.painting.count !== n", arg=before)

    def drop(self, *files: tuple[str, str, bytes], on: str = "") -> None:
        encoded = [(name, kind, base64.b64encode(data).decode()) for name, kind, data in files]
        self.page.evaluate(DROP, [on or f"#{self.task}-canvas .os-paper", encoded])

    def at(self, x: float, y: float) -> tuple[float, float]:
        box = self.find("canvas", ".os-paper").bounding_box()
        return box["x"] + x * box["width"] / 256, box["y"] + y * box["height"] / 256

    def stroke(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.page.mouse.move(*self.at(x0, y0))
        self.page.mouse.down()
        self.page.mouse.move(*self.at(x1, y1), steps=4)
        self.page.mouse.up()

    def tool(self, name: str) -> None:
        self.find("canvas", f"[data-tool={name}]").click()

    def click(self, does: str, part: str = "result") -> None:
        self.find(part, f"[data-do={does}]").first.click()

    def advanced(self) -> None:
        """Open it. Its fields are built as it opens; what is typed before they listen, faster than by hand, is lost."""
        self.page.locator(f"#{self.task}-advanced > button").first.click()
        self.page.wait_for_timeout(500)

    def choose(self, name: str, value: float) -> None:
        """Type a number into a setting."""
        field = self.find(name, "input[type=number]")
        field.fill(str(value))
        field.press("Enter")
        field.blur()
        self.page.wait_for_function(
            f"([name, value]) => {self.js}.settings[name] === value", arg=[name.replace("-", "_"), value]
        )

    def send_to(self, label: str, part: str = "result") -> None:
        self.click("menu", part)
        self.find(part, "[role=menuitem]").filter(has_text=label).first.click()

    # ---- what they wait for ----
    def until(self, state: str) -> None:
        self.page.wait_for_function(
            "([task, state]) => document.querySelector(`#${task}-result .os-result`).dataset.state === state",
            arg=[self.task, state],
        )

    def done(self) -> None:
        """Nothing is on its way, and the last thing asked for is there."""
        self.page.wait_for_timeout(100)  # a slider that was let go of asks a moment later
        self.page.wait_for_function(
            f"""(task) => {{ const s = {self.js}.loop.state();
              const now = document.querySelector(`#${{task}}-result .os-result`).dataset.state;
              return s.seq > 0 && !s.busy && !s.dirty && (now === 'refined' || now === 'original'); }}""",
            arg=self.task,
        )

    def says(self, text: str) -> None:
        self.find("result", ".os-banner").filter(has_text=text).wait_for()

    def status(self) -> str:
        return self.find("result", ".os-status").inner_text()

    # ---- what is there ----
    def download(self, folder: Path, does: str = "download", part: str = "result") -> Path:
        with self.page.expect_download() as download:
            self.click(does, part)
        path = folder / download.value.suggested_filename
        download.value.save_as(path)
        return path

    def picture(self, folder: Path) -> np.ndarray:
        """The result at full size, [H,W,3]."""
        return np.array(Image.open(self.download(folder)).convert("RGB"))

    def mask(self) -> np.ndarray | None:
        """What is marked, [h,w] of 0 to 255, at the size of the photo's view."""
        url = self.page.evaluate(f"{self.js}.painting.maskUrl()")
        return (
            None if url is None else np.array(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))).convert("L"))
        )

    def source(self) -> str | None:
        return self.find("result", ".os-frame > img").get_attribute("src")

    def history(self) -> int:
        return self.find("history", ".os-thumb").count()


def photograph(width: int, height: int, seed: int = 0) -> np.ndarray:
    """A synthetic photograph [H,W,3]: soft light on a wall and a floor, with grain."""
    y, x = np.mgrid[0:height, 0:width] / max(width, height)
    light = 1 - 0.5 * np.hypot(x - 0.3, y - 0.2)
    wall = np.stack([200 * light, 170 * light, 140 * light], 2)
    floor = np.stack([120 * light, 80 * light, 50 * light], 2)
    picture = np.where((y > 0.4)[..., None], floor, wall)
    grain = np.random.default_rng(seed).normal(0, 5, picture.shape)
    return (picture + grain).clip(0, 255).astype(np.uint8)


def png(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()
