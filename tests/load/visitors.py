"""Visitors who paint a stroke a second and look closely at what comes back."""

import asyncio
import base64
import io
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np
from PIL import Image

from app.edits.data_url import to_data_url
from tests.load.page import JSON, RUN, Page, visit

STROKE_S = 1.0  # seconds between two strokes
ROUNDING = 6  # levels of 255 by which a picture may differ from itself made alone (app/engine/sharing.py)
SETTINGS = {"look": None, "steps": 1, "strength": 0.5}


@dataclass(frozen=True)
class Stroke:
    """at: seconds of the clock on the wall. ms: from the stroke to its picture.

    apart: levels of 255 from what it has to be; None: there is no picture.
    """

    at: float
    ms: float
    apart: int | None
    said: str = ""  # instead of a picture

    @property
    def wrong(self) -> bool:
        """Whether this is another picture than it has to be."""
        return self.apart is not None and self.apart > ROUNDING


@dataclass
class Visitor:
    """Somebody at an address of their own, whose paintings follow each other. `alone`: what each of them becomes."""

    number: int
    sheets: Sequence[bytes]  # PNG files
    alone: list[np.ndarray] = field(default_factory=list)
    seq: int = 0

    @property
    def address(self) -> str:
        """From the block of documentation addresses."""
        return f"198.51.100.{self.number + 1}"

    @property
    def name(self) -> str:
        """As pages name themselves: nobody else can guess it."""
        return f"visitor-of-the-page-{self.number:04}"

    async def look_alone(self, page: Page) -> None:
        """Have each painting made once. For a time in which nobody else is there."""
        async with visit(page, self.address) as client:
            self.alone = [pixels_of((await self._answer(page, client, k))["png"]) for k in range(len(self.sheets))]

    async def paint(self, page: Page, go_on: Callable[[], bool], stroke_s: float = STROKE_S) -> list[Stroke]:
        """A stroke every `stroke_s` seconds, while this goes on. As on the page, those that come while a picture is
        awaited are one: the next request has the newest."""
        strokes: list[Stroke] = []
        async with visit(page, self.address) as client:
            due = time.perf_counter() + stroke_s * (self.number % 10) / 10
            while go_on():
                await asyncio.sleep(max(due - time.perf_counter(), 0))
                strokes.append(await self._stroke(page, client, len(strokes) % len(self.sheets), due))
                late = time.perf_counter() - due
                due += stroke_s * max(late // stroke_s, 1)
        return strokes

    async def _stroke(self, page: Page, client: httpx.AsyncClient, sheet: int, due: float) -> Stroke:
        answer = await self._answer(page, client, sheet)
        ms = 1000 * (time.perf_counter() - due)
        at = time.time() - ms / 1000
        if answer["state"] != "done":
            return Stroke(at, ms, None, answer.get("error", answer["state"]))
        return Stroke(at, ms, int(np.abs(pixels_of(answer["png"]) - self.alone[sheet]).max()))

    async def _answer(self, page: Page, client: httpx.AsyncClient, sheet: int) -> dict[str, Any]:
        self.seq += 1
        value = {"seq": self.seq, "visitor": self.name, "task": "paint", "kind": "live"}
        value |= {"image": to_data_url(self.sheets[sheet], "png"), "settings": SETTINGS | {"seed": self.number}}
        try:
            answer = (await client.post(RUN, content=page.asked(page.live, value), headers=JSON)).json()
        except (httpx.HTTPError, ValueError) as error:
            return {"state": "error", "error": type(error).__name__}
        return answer["data"][0] if "data" in answer else {"state": "error", **answer}  # the border's refusal


def pixels_of(url: str) -> np.ndarray:
    """[H,W,3] int16 of a PNG data URL."""
    with Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) as picture:
        return np.asarray(picture).astype(np.int16)
