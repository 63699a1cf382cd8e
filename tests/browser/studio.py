"""One visitor's page, with the words that the tests speak: strokes, keys, settings, waiting for what comes of them."""

import base64
import io
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page

PAPER = "#paint-canvas .os-paper canvas"
RESULT = "#paint-result .os-frame > img"
CANVAS = "document.querySelector('#paint-canvas .os-canvas')?.onestroke"
TASK = "onestroke.task('paint')"
STATE = "document.querySelector('#paint-result .os-result').dataset.state"

BURST = """async ([selector, strokes, pauseMs]) => {
  const canvas = document.querySelector(selector);
  const fire = (type, x, y) => {
    const box = canvas.getBoundingClientRect();
    canvas.dispatchEvent(new PointerEvent(type, { bubbles: true, isPrimary: true, pointerId: 1, pointerType: 'mouse',
      button: 0, clientX: box.left + x * box.width / 256, clientY: box.top + y * box.height / 256 }));
  };
  for (const [x0, y0, x1, y1] of strokes) {
    fire('pointerdown', x0, y0); fire('pointermove', x1, y1); fire('pointerup', x1, y1);
    await new Promise((done) => setTimeout(done, pauseMs));
  }
}"""
DROP = """([kind, data, type]) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], 'file', { type }));
  const canvas = document.querySelector('#paint-canvas canvas');
  const event = kind === 'paste' ? ClipboardEvent : DragEvent;
  for (const name of kind === 'paste' ? ['paste'] : ['dragover', 'drop']) {
    const carries = { clipboardData: transfer, dataTransfer: transfer };
    canvas.dispatchEvent(new event(name, { bubbles: true, cancelable: true, ...carries }));
  }
}"""
PIXELS = """(selector) => {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 256;
  const context = canvas.getContext('2d');
  context.drawImage(document.querySelector(selector), 0, 0, 256, 256);
  return canvas.toDataURL('image/png');
}"""
WATCH = """window.pictures = [];
document.addEventListener('onestroke-picture', (event) => window.pictures.push(event.detail));"""


class Studio:
    def __init__(self, context: BrowserContext, address: str, script: str = ""):
        """script: runs in the page before its own scripts."""
        self.context, self.address = context, address
        self.problems: list[str] = []
        context.set_default_timeout(30_000)
        self.page: Page = context.new_page()
        self.page.add_init_script(WATCH + script)
        self.page.on("console", lambda said: self._complain(said.text, said.type in ("error", "warning")))
        self.page.on("pageerror", lambda error: self._complain(str(error)))
        self.page.on("request", lambda asked: self._complain(f"asks {asked.url[:80]}", not self._ours(asked.url)))
        self.page.goto(address)
        self.ready()

    def _complain(self, problem: str, is_one: bool = True) -> None:
        if is_one:
            self.problems.append(problem)

    def _ours(self, url: str) -> bool:
        return url.startswith((self.address, "data:", "blob:"))

    # ---- what is there ----
    def ready(self) -> None:
        """The page is up and has heard its first painting, which a reload brings back a moment later."""
        self.page.wait_for_function(f"() => document.querySelector('{PAPER}') && window.onestroke && {TASK}.painting")
        self.page.wait_for_function(
            f"() => {{ {TASK}.on('painting', () => {{ window.heard = true; }}); return window.heard; }}"
        )

    def state(self) -> dict:
        return self.page.evaluate(f"{CANVAS}.state()")

    def strokes(self) -> int:
        return self.page.evaluate(f"{CANVAS}.strokes()")

    def settings(self) -> dict:
        return self.page.evaluate(f"{TASK}.settings")

    def tool(self, name: str):
        """A property of the tools: tool, color, size."""
        return self.page.evaluate(f"{CANVAS}.tools.{name}")

    def pictures(self, kind: str) -> list[dict]:
        """Every picture of that kind that came on the page since it was loaded."""
        return [each for each in self.page.evaluate("window.pictures") if each["kind"] == kind]

    def canvas(self) -> np.ndarray:
        return self._pixels(PAPER)

    def result(self) -> np.ndarray:
        return self._pixels(RESULT)

    def _pixels(self, selector: str) -> np.ndarray:
        """256x256 RGB of a canvas or picture, rows first."""
        url = self.page.evaluate(PIXELS, selector)
        return np.array(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))).convert("RGB"), dtype=int)

    def source(self) -> str:
        """The picture, byte for byte."""
        return self.page.locator(RESULT).get_attribute("src")

    def find(self, selector: str, **options) -> Locator:
        return self.page.locator(selector, **options)

    def button(self, does: str, within: str = "") -> Locator:
        return self.page.locator(f"{within} [data-do={does}]").first

    # ---- what a person does ----
    def at(self, x: float, y: float) -> tuple[float, float]:
        """A point of the paper, 256 a side, on the screen."""
        box = self.page.locator(PAPER).bounding_box()
        return box["x"] + x * box["width"] / 256, box["y"] + y * box["height"] / 256

    def press(self, x: float, y: float) -> None:
        self.page.mouse.move(*self.at(x, y))
        self.page.mouse.down()

    def stroke(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.press(x0, y0)
        self.page.mouse.move(*self.at(x1, y1), steps=4)
        self.page.mouse.up()

    def burst(self, strokes: list[tuple], pause_ms: int = 5) -> None:
        """Strokes faster than a hand, each in two points."""
        self.page.evaluate(BURST, [PAPER, strokes, pause_ms])

    def click(self, x: float, y: float) -> None:
        self.page.mouse.click(*self.at(x, y))

    def key(self, combination: str) -> None:
        self.page.keyboard.press(combination)

    def choose(self, name: str, value: float) -> None:
        """Type a number into a setting."""
        field = self.page.locator(f"#paint-{name} input[type=number]")
        field.fill(str(value))
        field.press("Enter")
        field.blur()
        self.page.wait_for_function(f"([name, value]) => {TASK}.settings[name] === value", arg=[name, value])

    def paint(self, seed: int = 2417, steps: int = 3) -> None:
        """A stroke of the first colour, and the picture of it."""
        if seed != 2417:
            self.choose("seed", seed)
        if steps != 3:
            self.choose("steps", steps)
        self.stroke(40, 60, 120, 60)
        self.refined()

    def bring(self, data: bytes, kind: str = "image/png", how: str = "drop") -> None:
        """A file, dropped on the page or pasted."""
        self.page.evaluate(DROP, [how, base64.b64encode(data).decode(), kind])

    def download(self, folder: Path) -> Path:
        with self.page.expect_download() as download:
            self.key("d")
        path = folder / download.value.suggested_filename
        download.value.save_as(path)
        return path

    def reload(self) -> None:
        self.page.reload()
        self.ready()

    # ---- what they wait for ----
    def settled(self) -> None:
        """The picture on the page is of what is painted."""
        self.page.wait_for_function(f"() => {{ const s = {CANVAS}.state(); return s.seq > 0 && !s.busy && !s.dirty; }}")

    def until(self, state: str) -> None:
        """idle, ready, painting, thinking, refined, cancelled, queue, loading or error."""
        self.page.wait_for_function(f"(state) => {STATE} === state", arg=state)

    def refined(self) -> None:
        """The last step is done; at one step the live picture is the last."""
        self.page.wait_for_function(
            f"""() => {{ const s = {CANVAS}?.state(); if (!s) return false; const now = {STATE};
              return s.seq > 0 && !s.busy && !s.dirty && !s.refining && now === (s.steps > 1 ? 'refined' : 'painting');
            }}"""
        )

    def varied(self) -> None:
        """Four variations, each with its last step done."""
        self.page.wait_for_function(
            f"() => !{CANVAS}.state().varying && document.querySelectorAll('#paint-variations img').length === 4"
        )

    def says(self, text: str) -> None:
        """The banner over the picture says this."""
        self.page.locator("#paint-result .os-banner", has_text=text).wait_for()

    def touch(self, kind: str, *points: tuple[float, float]) -> None:
        """touchStart, touchMove or touchEnd, with fingers at points of the screen."""
        if not hasattr(self, "_devtools"):
            self._devtools = self.context.new_cdp_session(self.page)
        fingers = [{"x": x, "y": y, "id": at} for at, (x, y) in enumerate(points)]
        self._devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    def pen(self, kind: str, x: float, y: float, force: float) -> None:
        """mousePressed, mouseMoved or mouseReleased, by a pen at a point of the paper."""
        if not hasattr(self, "_devtools"):
            self._devtools = self.context.new_cdp_session(self.page)
        x, y = self.at(x, y)
        event = {"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "pointerType": "pen", "force": force}
        self._devtools.send("Input.dispatchMouseEvent", event)


def mustard(rgb: np.ndarray) -> bool:
    """The colour of the first brush, or what the stand-in makes of it; paper has more blue (wall 195, floor 136)."""
    return rgb[2] < 130
