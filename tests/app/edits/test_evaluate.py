"""From a request to finished pictures."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

import core
from app.edits import paint
from app.edits.data_url import to_data_url
from app.edits.previews import PREVIEW_SIDE, enlarged, preview_jpeg
from app.edits.record import read_record
from tests.app.conftest import SIDE, paint_request, painting_url


def a_request(image=None, **changes):
    settings = {"look": "photo", "steps": 2, "strength": 0.5, "seed": 7} | changes
    return paint_request(image or painting_url(), classes=("photo", "render"), **settings)


def evaluations(model, request):
    return paint.evaluations(model, [request])


def last(model, request) -> list[bytes]:
    return [picture.png for picture in [*evaluations(model, request)][-1].pictures]


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


def test_one_evaluation_for_each_step_and_one_picture_for_each_seed(tiny_model):
    done = [*evaluations(tiny_model, a_request(steps=3).variations(4))]
    assert [len(evaluation.pictures) for evaluation in done] == [4, 4, 4]
    assert [picture.seed for picture in done[0].pictures] == [8, 9, 10, 11]
    assert all(evaluation.model_ms > 0 for evaluation in done)


def test_a_picture_is_the_same_alone_and_among_variations(tiny_model):
    assert last(tiny_model, a_request(seed=9)) == last(tiny_model, a_request().variations(4))[1:2]


@pytest.mark.parametrize(
    "change", [{"seed": 8}, {"steps": 3}, {"strength": 0.6}, {"look": "render"}, {"image": painting_url(1)}]
)
def test_every_setting_changes_the_picture(tiny_model, change):
    assert (pixels(*last(tiny_model, a_request())) != pixels(*last(tiny_model, a_request(**change)))).any()


def test_the_record_alone_makes_the_same_picture_again(tiny_model):
    (png,) = last(tiny_model, a_request(strength=0.7, look="render"))
    record = read_record(png)
    again = paint_request(
        record["strokes"], classes=("photo", "render"), **{k: record[k] for k in ("look", "steps", "strength", "seed")}
    )
    assert last(tiny_model, again) == [png]


def test_a_painting_too_large_for_the_record_is_recorded_at_the_model_s_size(tiny_model):
    """Enlarged in square pixels the recorded strokes give the same picture: the model sees the means of squares."""
    image = painting_url(side=256)
    (png,) = last(tiny_model, a_request(image))
    strokes = read_record(png)["strokes"]
    seen = pixels(base64.b64decode(strokes.split(",")[1]))
    assert len(image) > 64 * 1024 and seen.shape == (SIDE, SIDE, 3)
    enlarged = to_data_url(core.png_bytes(seen.repeat(32, 0).repeat(32, 1)), "png")
    assert (pixels(*last(tiny_model, a_request(enlarged))) == pixels(png)).all()


def test_a_preview_is_large_enough_and_close_to_the_picture():
    y, x = np.mgrid[0:64, 0:96]
    soft = np.stack([2 * y, 2 * x, 128 + 0 * x], 2).astype(np.uint8)
    preview = Image.open(io.BytesIO(preview_jpeg(soft)))
    assert preview.size == (768, PREVIEW_SIDE)
    back = np.asarray(preview.resize((96, 64), Image.Resampling.BOX), float)
    assert np.abs(back - soft).mean() < 2


@pytest.mark.parametrize("scale", [2, 4, 8])
def test_an_enlarged_picture_has_the_pixels_for_means_of_its_blocks(scale):
    """Lanczos alone softens: a checkerboard of single pixels, 25 levels from its mean, would be off by 14."""
    y, x = np.mgrid[0:24, 0:32]
    board = (100 + 50 * ((x + y) % 2) + y)[:, :, None].repeat(3, 2).astype(np.uint8)
    blocks = enlarged(board, scale).reshape(24, scale, 32, scale, 3).mean((1, 3))
    assert np.abs(blocks - board)[3:-3, 3:-3].max() < 6


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 7, 3), (5, 2, 3)])
def test_the_smallest_pictures_are_enlarged_too(shape):
    flat = np.full(shape, 77, np.uint8)
    assert (enlarged(flat, 3) == 77).all() and enlarged(flat, 3).shape == (3 * shape[0], 3 * shape[1], 3)


def test_a_damaged_painting_is_an_error(tiny_model):
    whole = base64.b64decode(painting_url().split(",")[1])
    with pytest.raises(core.PictureError):
        next(evaluations(tiny_model, a_request(to_data_url(whole[:60], "png"))))
