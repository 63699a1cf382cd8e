"""Every way to several pictures at once, on a device that has no room for them: the same pictures, or a sentence."""

import asyncio

import numpy as np
import pytest
import torch

import core
from app.cli import main
from app.edits.group import BatchRequest
from app.edits.material import Material
from app.edits.requests import edit_request, evaluations_of
from app.engine.engine import Engine
from app.engine.sharing import Call, Sharing
from app.web.answers import error_sentence
from tests import tiny
from tests.app.edits.test_edits import mask_of, photo, png
from tests.app.engine.test_sharing import Later
from tests.cramped import cramped

STEPS = {"look": None, "steps": 2, "seed": 7, "schedule": "default"}


def request(task: str, extra: dict | None = None, **material):
    return edit_request(task, Material(**material), settings=STEPS, extra=extra or {}, card=tiny.model().card)


def painting(seed: int):
    return request("paint", {"strength": 0.5}, layer=png(photo(16, 16, seed)))


PHOTO = {"photo": photo(), "mask": png(mask_of(50, 40, 10, 10, 12, 9))}
MANY = {
    "a grid": request("generate", {"count": 8}),
    "a grid of variations": request("generate", {"count": 5}, photo=photo()),
    "variations of a painting": painting(7).variations(6),
    "frames": request("interpolate", {"frames": 7, "seed_b": 9}),
    "tiles": request("denoise", {"sigma": 0.3}, photo=photo()),
    "tiles in steps": request("deblur", {"blur": 1.5}, photo=photo()),
    "a batch of photos": BatchRequest(tuple(request("inpaint", **PHOTO) for _ in range(5))),
}


def pictures(model, of) -> list[np.ndarray]:
    """The finished pictures, [H,W,3] float levels."""
    return [each.pixels.astype(float) for each in [*evaluations_of(model, of)][-1].finish().results]


def assert_same(ours: list[np.ndarray], expected: list[np.ndarray]) -> None:
    assert len(ours) == len(expected)
    assert all(np.abs(one - other).max() <= 1 for one, other in zip(ours, expected))  # one level for rounding


@pytest.mark.parametrize("name", MANY)
def test_what_does_not_fit_at_once_is_made_in_parts(name):
    model = cramped(2)
    assert_same(pictures(model, MANY[name]), pictures(tiny.model(), MANY[name]))
    assert max(model.network.sizes) > 2  # so it was no wonder


@pytest.mark.parametrize("name", MANY)
def test_what_does_not_fit_at_all_is_told(name):
    with pytest.raises(core.NotEnoughMemory) as caught:
        pictures(cramped(0), MANY[name])
    assert error_sentence(caught.value).startswith("There is not enough memory for a single picture.")


def test_visitors_who_share_an_evaluation_get_their_own_pictures():
    model, later = cramped(2), Later()
    sharing = Sharing(later)
    x = core.SeededNoise(range(5)).draw(0, model.shape)
    calls = [Call(model, x[k : k + 1], 1.0 + k, None) for k in range(5)]
    for call in calls:
        sharing.add(call)
    later.run()
    with torch.inference_mode():
        for k, call in enumerate(calls):
            expected = tiny.model()(x[k : k + 1], 1.0 + k)
            torch.testing.assert_close(call.x0.result(0), expected, rtol=1e-4, atol=1e-4)
    assert model.network.sizes == [1, 5, 3, 2, 2, 1]


def test_everybody_who_shares_one_is_told_that_it_does_not_fit():
    async def scene(engine):
        return await asyncio.gather(*(refused(engine, name) for name in "abc"))

    async def refused(engine, name):
        with pytest.raises(core.NotEnoughMemory):
            await engine.last_answer(painting(0).quick())

    model = cramped(0)
    engine = Engine(model.card, lambda: model)
    engine.start().result()
    try:
        asyncio.run(scene(engine))
    finally:
        engine.close()


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Colorizes a folder of five photos on the command line with a model; returns the exit code."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    for seed in range(5):
        core.write_png(tmp_path / "in" / f"{seed}.png", photo(seed=seed))

    def colorize(model, out: str) -> int:
        monkeypatch.setattr(core, "load_model", lambda *_, **__: model)
        return main(["colorize", "in", "-o", out])

    return colorize


def test_a_folder_of_photos_on_the_command_line(run, tmp_path):
    model = cramped(2)
    assert run(model, "parts") == run(tiny.model(), "whole") == 0
    for seed in range(5):
        ours, expected = (core.read_image(tmp_path / folder / f"{seed}.png") for folder in ("parts", "whole"))
        assert_same([np.asarray(ours, float)], [np.asarray(expected, float)])
    assert max(model.network.sizes) == 5


def test_the_command_line_tells_it_for_each_file(run, capsys):
    assert run(cramped(0), "out") == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 5 and all("not enough memory for a single picture" in line for line in said)
