"""A model whose file is sound, but which computes what is no number: every edit ends in a sentence."""

import asyncio

import numpy as np
import pytest
import torch

import core
from app.edits.material import Material
from app.edits.registry import EDITS
from app.edits.requests import edit_request, evaluations_of
from app.engine.engine import Engine
from app.engine.jobs import Ticket
from tests import tiny

PNG = core.png_bytes(np.full((32, 32, 3), 120, np.uint8))
MASK = core.png_bytes(np.tri(32, 32, dtype=np.uint8) * 255)


def broken_model(parameterisation: str):
    """A model with finite weights of 1e30, whose squares are too large for float32."""
    model = tiny.model(parameterisation)
    with torch.no_grad():
        for weight in model.parameters():
            weight.fill_(1e30)
    return model


def request_of(task: str, model):
    """A request of this edit with everything that it may take."""
    material = Material(photo=np.full((32, 32, 3), 120, np.uint8), mask=MASK, layer=PNG, ends=(PNG, PNG))
    settings = {"look": None, "steps": 2, "seed": 1, "schedule": "default"}
    return edit_request(task, material, settings=settings, extra={"count": 1, "frames": 2}, card=model.card)


@pytest.mark.parametrize("parameterisation", ["consistency", "edm"])
@pytest.mark.parametrize("task", EDITS)
def test_every_edit_ends_in_a_sentence_and_gives_no_picture(task, parameterisation):
    model = broken_model(parameterisation)
    with pytest.raises(core.CheckpointError, match="not finite"):
        next(evaluations_of(model, request_of(task, model)))


def test_the_page_is_told_so_and_serves_the_next_visitor():
    model, sound = broken_model("edm"), tiny.model("edm")
    answers = iter((model, sound))
    engine = Engine(sound.card, lambda: sound, evaluate=lambda _, request: evaluations_of(next(answers), request))
    engine.start()

    async def ask() -> str:
        return [answer.state async for answer in engine.run(request_of("generate", model), Ticket("visitor", 1))][-1]

    with pytest.raises(core.CheckpointError, match="not finite"):
        asyncio.run(ask())
    assert asyncio.run(ask()) == "done"
    engine.close()


def test_an_estimate_that_is_not_finite_is_not_cut_to_white():
    """Infinity would be cut to 1."""
    noise = core.SeededNoise([0])
    with pytest.raises(core.CheckpointError, match="not finite"):
        core.sample(lambda x, sigma, labels=None: x * float("inf"), [1.0, 0.5], noise, shape=(3, 8, 8))
