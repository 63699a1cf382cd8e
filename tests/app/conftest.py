"""Stand-ins: a model of a few lines that paints at once, and paintings for it."""

import asyncio

import numpy as np
import pytest
import torch

import core
from app.edits.data_url import painting_bytes, to_data_url
from app.edits.material import Material
from app.edits.requests import edit_request
from app.engine.engine import Engine
from core.card import ModelCard
from core.unet import UNetConfig

SIDE = 8


class TinyModel:
    """A denoiser that blends what it is given with a grey level of its class: quick, and sensitive to every setting."""

    device = torch.device("cpu")

    def __init__(self, classes: tuple[str, ...] = ("photo", "render")):
        network = UNetConfig(resolution=SIDE, classes=len(classes))
        self.card = ModelCard(name="tiny", network=network, classes=classes)

    @property
    def rules(self):
        return self.card.sampling

    def walking(self, sigmas, guidance):
        return self

    def __call__(self, x, sigma, labels=None):
        tone = 0.0 if labels is None else labels.float()[:, None, None, None] / 2
        return torch.tanh(0.5 * x + tone - 0.1 * torch.as_tensor(sigma).reshape(-1, 1, 1, 1))


def paint_request(url, *, look, steps, strength, seed, classes=("photo", "render")):
    """What the page's painting becomes."""
    settings = {"look": look, "steps": steps, "seed": seed, "schedule": None}
    material = Material(layer=painting_bytes(url))
    return edit_request(
        "paint", material, settings=settings, extra={"strength": strength}, card=TinyModel(classes).card
    )


@pytest.fixture
def tiny_model():
    return TinyModel()


@pytest.fixture
def engine(tiny_model):
    """An engine whose model is there at once."""
    engine = Engine(tiny_model.card, lambda: tiny_model)
    engine.start().result()
    yield engine
    engine.close()


def painting_url(seed: int = 0, side: int = 16) -> str:
    """A painting of random colours as the page sends it."""
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    return to_data_url(core.png_bytes(pixels), "png")


@pytest.fixture
def painting():
    """A canvas value: of visitor "ann", at her first change."""
    return {"seq": 1, "visitor": "ann", "task": "paint", "image": painting_url(), "untouched": False}


async def until(condition) -> None:
    """Let the event loop run until this is so; a test that waits in vain is stopped after 10 s."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0)


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()
