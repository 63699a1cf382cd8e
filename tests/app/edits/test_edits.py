"""Each edit from its request to the finished picture: what it promises is exact in 8 bits."""

import io
from typing import ClassVar

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import core
from app.edits.data_url import picture_bytes
from app.edits.group import BatchRequest
from app.edits.interpolate import ArcNoise, ScaledNoiseDenoiser
from app.edits.material import Material
from app.edits.record import read_record
from app.edits.recorded_marks import layer_url, mask_url
from app.edits.registry import EDITS
from app.edits.requests import edit_request, evaluations_of
from app.edits.squares import fit_mask, layer_view
from app.edits.tiles import Mosaic
from core.compose import Square
from core.constraint import AXES, LUMA
from tests import tiny
from tests.app.conftest import SIDE, TinyModel

SETTINGS = {"look": None, "steps": 4, "seed": 7, "schedule": "default"}


def photo(width: int = 50, height: int = 40, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def png(pixels: np.ndarray) -> bytes:
    return core.png_bytes(pixels)


def mask_of(width: int, height: int, x: int, y: int, w: int, h: int) -> np.ndarray:
    mask = np.zeros((height, width), np.uint8)
    mask[y : y + h, x : x + w] = 255
    return mask


def request(task: str, extra: dict | None = None, *, settings: dict | None = None, **material):
    model = TinyModel()
    return edit_request(
        task, Material(**material), settings=SETTINGS | (settings or {}), extra=extra or {}, card=model.card
    )


def finished(edit):
    evaluations = [*evaluations_of(TinyModel(), edit)]
    assert len(evaluations) == edit.evaluations
    assert [e.finish is None for e in evaluations] == [True] * (len(evaluations) - 1) + [False]
    return evaluations[-1].finish()


def result(task: str, extra: dict | None = None, **material) -> np.ndarray:
    (only,) = finished(request(task, extra, **material)).results
    return np.asarray(Image.open(io.BytesIO(only.png())))


@pytest.mark.parametrize("size", [(50, 40), (8, 8), (200, 30), (3, 3), (1, 1)])
@pytest.mark.parametrize("feather", [None, 0, 5])
def test_inpainting_keeps_every_pixel_outside_the_mask(size, feather):
    pixels, mask = photo(*size), mask_of(*size, size[0] // 3, size[1] // 3, size[0] // 4 + 1, size[1] // 4 + 1)
    filled = result("inpaint", {"feather": feather}, photo=pixels, mask=png(mask))
    assert (filled[mask == 0] == pixels[mask == 0]).all()
    assert (filled[mask != 0] != pixels[mask != 0]).any()


def test_a_hole_longer_than_the_photo_is_high_takes_several_squares_that_cover_it():
    mask = mask_of(200, 40, 10, 10, 170, 20)
    edit = request("inpaint", photo=photo(200, 40), mask=png(mask))
    covered = np.zeros_like(mask)
    for square in edit.squares:
        assert 0 <= square.x <= 200 - square.side and square.side == 40
        covered[square.inside(edit.photo)] = 255
    assert (covered[mask != 0] != 0).all() and edit.evaluations == 4 * len(edit.squares)
    filled = finished(edit).results[0].pixels
    assert (filled[mask == 0] == edit.photo[mask == 0]).all()


@pytest.mark.parametrize("feather", [None, 0, 3])
@pytest.mark.parametrize("size", [(50, 40), (8, 8), (3, 3), (1, 1)])
def test_erasing_keeps_every_pixel_outside_the_mask_and_asks_no_model(size, feather, monkeypatch):
    monkeypatch.setattr(TinyModel, "__call__", None)
    pixels, mask = photo(*size), mask_of(*size, size[0] // 3, size[1] // 3, size[0] // 4 + 1, size[1] // 4 + 1)
    filled = result("inpaint", {"how": "erase", "feather": feather}, photo=pixels, mask=png(mask))
    assert filled.shape == pixels.shape and (filled[mask == 0] == pixels[mask == 0]).all()


def test_what_is_erased_comes_from_the_photo_and_only_inside_a_placed_square():
    flat = np.full((40, 50, 3), (90, 140, 200), np.uint8)
    flat[10:20, 10:20], flat[10:20, 35:45] = (250, 0, 0), (250, 0, 0)
    mask = mask_of(50, 40, 9, 9, 12, 12) | mask_of(50, 40, 34, 9, 12, 12)
    assert (result("inpaint", {"how": "erase"}, photo=flat, mask=png(mask)) == (90, 140, 200)).all()
    half = result("inpaint", {"how": "erase"}, photo=flat, mask=png(mask), square=[5, 5, 20])
    assert (half[:, :25] == (90, 140, 200)).all() and (half[:, 25:] == flat[:, 25:]).all()


def test_erasing_is_told_in_the_record_and_several_photos_are_one_batch():
    requests = [request("inpaint", {"how": "erase"}, photo=photo(seed=k), mask=png(mask_of(50, 40, 9, 9, 12, 12)))
                for k in range(2)]  # fmt: skip
    assert requests[0].batch_key == requests[1].batch_key
    together = [*evaluations_of(TinyModel(), BatchRequest(tuple(requests)))][-1].finish().results
    for one, each in zip(requests, together, strict=True):
        (alone,) = finished(one).results
        assert (alone.pixels == each.pixels).all()
        record = read_record(each.png())
        assert (record["how"], record["steps"]) == ("erase", SETTINGS["steps"])


def test_an_extended_frame_is_filled_and_the_photo_inside_is_unchanged():
    pixels = photo(30, 30)
    filled = result("inpaint", photo=pixels, frame=[6, 0, 4, 2])
    assert filled.shape == (32, 40, 3)
    assert (filled[:30, 6:36] == pixels).all()


def test_a_placed_square_may_reach_into_the_new_frame():
    edit = request("inpaint", photo=photo(30, 30), frame=[10, 0, 0, 0], square=[-10, 0, 20])
    assert edit.squares == (Square(0, 0, 20),)


def test_the_mask_grows_and_shrinks_by_pixels():
    pixels, mask = photo(), mask_of(50, 40, 20, 15, 10, 10)
    assert (request("inpaint", {"grow": 3}, photo=pixels, mask=png(mask)).mask[:, 25] != 0).sum() == 16
    assert (request("inpaint", {"grow": -3}, photo=pixels, mask=png(mask)).mask[:, 25] != 0).sum() == 4


def test_a_mask_drawn_on_a_smaller_view_fits_the_photo():
    mask = fit_mask(mask_of(25, 20, 5, 5, 10, 10), photo(50, 40))
    assert mask.shape == (40, 50) and set(np.unique(mask)) == {0, 255}
    assert (mask[10:30, 10:30] != 0).mean() > 0.97 and (mask != 0).sum() < 450


def test_strokes_without_a_mask_change_only_the_pixels_under_them():
    pixels, strokes = photo(), np.zeros((40, 50, 4), np.uint8)
    strokes[10:20, 10:30] = (200, 30, 30, 255)
    painted = result("inpaint", photo=pixels, layer=png(strokes))
    outside = strokes[..., 3] == 0
    assert (painted[outside] == pixels[outside]).all() and (painted[~outside] != pixels[~outside]).any()


def test_strokes_change_what_is_painted():
    results = []
    for colour in ((250, 0, 0, 255), (0, 0, 250, 255)):
        strokes = np.zeros((40, 50, 4), np.uint8)
        strokes[10:30, 10:30] = colour
        results.append(result("inpaint", photo=photo(), layer=png(strokes)))
    assert (results[0] != results[1]).any()


@pytest.mark.parametrize("square", [None, Square(0, 0, 16), Square(-8, 4, 16), Square(8, 8, 4), Square(3, 5, 2)])
def test_the_view_of_a_layer_shows_strokes_where_they_were_drawn(square):
    """The left half of the layer is red, the right half transparent. It has half the photo's size."""
    layer = np.zeros((8, 8, 4), np.uint8)
    layer[:, :4] = (255, 0, 0, 255)
    seen = layer_view(layer, (16, 16), square, 8)
    placed = square or Square(0, 0, 16)
    centres = placed.x + (np.arange(8) + 0.5) * placed.side / 8
    inside = (centres > 0) & (centres < 16)
    clear = inside & (abs(centres - 8) > 1) & (abs(centres) > 1)
    assert seen.shape == (8, 8, 4)
    rows = placed.y + (np.arange(8) + 0.5) * placed.side / 8
    row = int(np.argmin(abs(rows - 8)))
    assert np.allclose(seen[row, clear, 0], (centres < 8)[clear], atol=0.01)


@pytest.mark.parametrize("axis", EDITS["colorize"]["axis"].words)
@pytest.mark.parametrize("square", [None, [5, 5, 30]])
def test_colorizing_keeps_the_luminance_of_every_pixel(square, axis):
    pixels = photo(seed=3)
    coloured = result("colorize", {"axis": axis}, photo=pixels, square=square)
    weights = np.array(LUMA) / sum(LUMA)
    assert abs(coloured @ weights - pixels @ weights).max() <= 1.001
    if square:
        assert (coloured[:, 36:] == pixels[:, 36:]).all()


def test_the_axis_of_luminance_is_grey_unless_another_is_asked_for_and_the_record_says_which():
    pictures = {axis: result("colorize", {"axis": axis}, photo=photo()) for axis in AXES}
    assert (result("colorize", photo=photo()) == pictures["grey"]).all() and (
        pictures["paper"] != pictures["grey"]
    ).any()
    (only,) = finished(request("colorize", {"axis": "paper"}, photo=photo())).results
    assert read_record(only.png())["axis"] == "paper" and tuple(AXES) == EDITS["colorize"]["axis"].words
    with pytest.raises(core.RequestError, match="The axis is grey or paper"):
        request("colorize", {"axis": "green"}, photo=photo())


def test_dabs_change_the_colours():
    dabs = np.zeros((40, 50, 4), np.uint8)
    plain = result("colorize", photo=photo(), layer=png(dabs))
    assert (plain == result("colorize", photo=photo())).all()
    dabs[10:30, 10:30] = (255, 0, 0, 255)
    assert (plain != result("colorize", photo=photo(), layer=png(dabs))).any()


def block_sums(large: np.ndarray, factor: int) -> np.ndarray:
    rows, columns = large.shape[0] // factor, large.shape[1] // factor
    return large.reshape(rows, factor, columns, factor, 3).astype(int).sum((1, 3))


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (4, 4), (3, 11), (25, 20)])
@pytest.mark.parametrize("factor", [2, 4, 8])
def test_a_larger_picture_of_any_size_has_the_input_as_its_block_means_exactly(factor, size):
    small = photo(*size, seed=factor)
    small[0, 0], small[-1, -1] = 255, 0
    large = result("super-resolve", {"factor": factor}, photo=small)
    assert large.shape == (size[1] * factor, size[0] * factor, 3)
    assert (block_sums(large, factor) == small.astype(int) * factor**2).all()


def test_neither_blocks_nor_tiles_are_seen_in_what_the_model_leaves_empty(monkeypatch):
    """A model that sees nothing: what brings its answer to the known means is as smooth as the picture."""
    monkeypatch.setattr(TinyModel, "__call__", lambda self, x, sigma, labels=None: torch.zeros_like(x))
    ramp = np.arange(20, 236, 12, dtype=np.uint8)
    large = result("super-resolve", {"factor": 2}, photo=np.tile(ramp[None, :, None], (7, 1, 3)))
    expected = np.interp(np.arange(2 * len(ramp)), 2 * np.arange(len(ramp)) + 0.5, ramp)
    inner = slice(12, -12)  # at the ends the enlargement of a ramp is level
    assert abs(large[:, inner, 0] - expected[inner]).max() <= 1.5


def test_a_square_of_a_picture_is_enlarged_alone():
    pixels = photo()
    large = result("super-resolve", {"factor": 2}, photo=pixels, square=[10, 5, 20])
    assert (block_sums(large, 2) == pixels[5:25, 10:30].astype(int) * 4).all()


def test_the_factor_is_four_unless_the_result_would_be_too_large(monkeypatch):
    monkeypatch.setattr("app.edits.super_resolve.MAX_PIXELS", 6400)
    assert [request("super-resolve", photo=photo(20, n)).factor for n in (1, 20, 21, 80)] == [4, 4, 2, 2]
    assert finished(request("super-resolve", photo=photo(4, 4))).facts["factor"] == 4
    with pytest.raises(core.RequestError, match=r"20 x 21 pixels .*Choose 2 x, or place the square"):
        request("super-resolve", {"factor": 4}, photo=photo(20, 21))
    with pytest.raises(core.RequestError, match="Place the square"):
        request("super-resolve", photo=photo(20, 81))
    assert request("super-resolve", photo=photo(20, 81), square=[0, 0, 20]).factor == 4


def test_the_small_picture_is_in_the_record_unless_it_is_large(monkeypatch):
    monkeypatch.setattr("app.edits.super_resolve.RECORD_INPUT", 400)
    records = [read_record(finished(request("super-resolve", photo=photo(n, n))).results[0].png()) for n in (5, 15)]
    small = np.asarray(Image.open(io.BytesIO(picture_bytes(records[0]["input"]))))
    assert (small == photo(5, 5)).all() and records[1]["input"] is None and records[1]["factor"] == 4


def test_denoising_is_one_evaluation_at_the_chosen_or_estimated_level():
    assert request("denoise", {"sigma": 0.3}, photo=photo(8, 8)).sigma == 0.3
    edit = request("denoise", photo=photo(8, 8))
    assert edit.evaluations == 1 and 0.002 <= edit.sigma <= 2
    done = finished(edit)
    assert done.facts["sigma"] == round(edit.sigma, 4) and done.results[0].pixels.shape == (SIDE, SIDE, 3)


@pytest.mark.parametrize("size", [(50, 40), (8, 8), (9, 8), (3, 20), (1, 1)])
def test_denoising_in_tiles_equals_denoising_the_whole_photo(size):
    """The stand-in model maps each pixel by itself, so tiles must make no difference."""
    pixels = photo(*size)
    clean = result("denoise", {"sigma": 0.3}, photo=pixels)
    expected = core.to_uint8(TinyModel()(core.to_model(pixels), 0.3))[0]
    assert clean.shape == pixels.shape and abs(clean.astype(int) - expected).max() <= 1


def test_denoising_a_square_changes_no_pixel_outside_it():
    pixels = photo()
    clean = result("denoise", {"sigma": 0.3}, photo=pixels, square=[10, 5, 20])
    inside = np.zeros((40, 50), bool)
    inside[5:25, 10:30] = True
    assert (clean[~inside] == pixels[~inside]).all() and (clean[inside] != pixels[inside]).mean() > 0.5


def test_a_large_photo_takes_several_evaluations_and_a_huge_one_is_refused(monkeypatch):
    monkeypatch.setattr("app.edits.tiled.EVALUATION_PIXELS", 16 * SIDE**2)
    edit = request("denoise", photo=photo(50, 40))
    assert (edit.tiles, edit.evaluations) == (56, 14) and len(finished(edit).results) == 1
    monkeypatch.setattr("app.edits.tiled.MAX_PIXELS", 1999)
    with pytest.raises(core.RequestError, match="Place the square"):
        request("denoise", photo=photo(50, 40))
    assert request("denoise", photo=photo(50, 40), square=[0, 0, 20]).tiles == 9


def blurry(width: int = 50, height: int = 40, blur: float = 1.5) -> np.ndarray:
    soft = cv2.resize(photo(13, 10), (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.GaussianBlur(soft, (0, 0), blur, borderType=cv2.BORDER_REFLECT)


def test_a_deblurred_photo_keeps_the_cosines_that_the_blur_left():
    given = blurry()
    sharp = result("deblur", {"blur": 1.5}, photo=given)
    assert sharp.shape == given.shape and (sharp != given).any()
    known = core.Deblur(core.to_model(given), 1.5)
    difference = (known.apply(core.to_model(sharp)) - core.to_model(sharp)) * 127.5
    assert difference.abs().mean() < 1 and difference.abs().max() < 4  # rounding to 8 bits


def test_the_blur_is_estimated_unless_it_is_given():
    edit = request("deblur", photo=blurry(blur=3.0))
    assert edit.blur == min(max(core.estimate_blur(blurry(blur=3.0)), 0.3), 8)
    assert request("deblur", {"blur": 2.5}, photo=blurry()).facts == {"blur": 2.5}
    assert finished(edit).facts["blur"] == round(edit.blur, 2)


def test_deblurring_a_square_changes_no_pixel_outside_it():
    given = blurry()
    sharp = result("deblur", {"blur": 1.5}, photo=given, square=[10, 5, 20])
    inside = np.zeros((40, 50), bool)
    inside[5:25, 10:30] = True
    assert (sharp[~inside] == given[~inside]).all() and (sharp[inside] != given[inside]).any()


def test_every_tile_of_a_blurred_photo_has_its_own_noise():
    given = np.full((SIDE, 3 * SIDE, 3), 128, np.uint8)
    sharp = finished(request("deblur", {"blur": 3.0}, photo=given, settings={"steps": 1})).results[0].pixels
    assert (sharp[:, :SIDE] != sharp[:, -SIDE:]).any()


@given(st.integers(1, 60), st.integers(1, 60), st.sampled_from([4, 8]))
def test_the_weights_of_overlapping_tiles_add_up_to_one(height, width, side):
    pixels = np.full((height, width, 3), 100, np.uint8)
    mosaic = Mosaic(pixels, side)
    for corner in mosaic.corners:
        assert mosaic.tile(corner).shape == (side, side, 3)
        mosaic.put(corner, mosaic.tile(corner) + 50.0)
    assert (mosaic.pixels() == 150).all() and mosaic.pixels().shape == pixels.shape
    assert mosaic.preview(16).shape[:2] == tuple(
        max(round(n * min(16 / max(height, width), 1)), 1) for n in (height, width)
    )


def test_a_generated_picture_depends_on_its_seed_and_not_on_how_many_are_made():
    alone = finished(request("generate", {"count": 1}, settings={"seed": 9})).results[0].pixels
    among = finished(request("generate", {"count": 4})).results
    assert [r.seed for r in among] == [7, 8, 9, 10] and (among[2].pixels == alone).all()


def test_a_variation_is_near_its_origin_at_a_small_amount():
    origin = np.full((SIDE, SIDE, 3), 200, np.uint8)
    far = [finished(request("generate", {"count": 1, "amount": a}, photo=origin)).results[0].pixels for a in (0, 1)]
    noise = np.std([core.to_model(pixels).std() for pixels in far])
    assert (far[0] != far[1]).any() and np.isfinite(noise)


def test_interpolation_begins_and_ends_with_the_pictures_of_its_two_seeds():
    done = finished(request("interpolate", {"seed_b": 30, "frames": 5}))
    for seed, frame in ((7, done.results[0]), (30, done.results[-1])):
        alone = finished(request("generate", {"count": 1}, settings={"seed": seed})).results[0]
        assert (alone.pixels == frame.pixels).all() and frame.seed == seed
    moving = Image.open(io.BytesIO(done.animation))
    assert (moving.format, moving.n_frames) == ("WEBP", 8)


def seeded(seed: int, **settings) -> bytes:
    """The PNG file of a picture that `generate` made of this seed."""
    return finished(request("generate", {"count": 1}, settings={"seed": seed} | settings)).results[0].png()


def test_two_generated_pictures_are_interpolated_by_their_seeds():
    edit = request("interpolate", {"frames": 5}, ends=(seeded(7), seeded(30)))
    by_seeds = finished(request("interpolate", {"seed_b": 30, "frames": 5}))
    assert edit.seeds == (7, 30) and edit.pictures is None
    for made, same in zip(finished(edit).results, by_seeds.results, strict=True):
        assert (made.pixels == same.pixels).all()


def way(*ends: bytes | None, steps: int = 4, **extra):
    """(request, Finished) of the smallest real consistency model, which changes nothing at the least noise level."""
    model = tiny.model()
    settings = SETTINGS | {"steps": steps}
    edit = edit_request("interpolate", Material(ends=ends), settings=settings, extra=extra, card=model.card)
    *_, last = evaluations_of(model, edit)
    return edit, last.finish()


OTHERS = {"a photo": png(photo(20, 12)), "other steps": seeded(30, steps=3), "another model": seeded(30)}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_other_pictures_are_the_first_and_the_last_frame(other):
    edit, done = way(png(photo(8, 8, 5)), other, frames=5, seed_b=9)
    assert edit.seeds == (7, 9) and done.facts["over"] == "pictures"
    for picture, frame in zip(edit.pictures, (done.results[0], done.results[-1])):
        assert abs(frame.pixels.astype(int) - picture).max() <= 1
    assert (edit.pictures[0] == photo(8, 8, 5)).all()
    middle = read_record(done.results[2].png())
    assert middle["amount"] == 0.3 and [end[:22] for end in middle["ends"]] == ["data:image/png;base64,"] * 2


def test_an_end_that_is_only_a_seed_is_generated_first():
    edit, done = way(png(photo(9, 9)), None, frames=3, seed_b=30)
    assert edit.evaluations == 8 and edit.settings()["steps"] == 4
    model = tiny.model()
    generate = edit_request(
        "generate", Material(), settings=SETTINGS | {"seed": 30}, extra={"count": 1}, card=model.card
    )
    *_, alone = evaluations_of(model, generate)
    assert abs(done.results[-1].pixels.astype(int) - alone.finish().results[0].pixels).max() <= 1


@pytest.mark.parametrize("end", [b"", b"no picture", png(photo())[:200]])
def test_an_end_that_is_no_picture_is_an_error(end):
    with pytest.raises(core.PictureError):
        request("interpolate", ends=(end, None))


def test_the_noise_over_pictures_is_zero_at_the_ends_and_strongest_in_the_middle():
    """Seen with a model that removes no noise: each frame is the arc of the pictures plus noise of its level."""

    class Lazy(TinyModel):
        seen: ClassVar[list] = []

        def __call__(self, x, sigma, labels=None):
            self.seen.append((x.clone(), sigma.clone()))
            return x

    grey = png(np.full((SIDE, SIDE, 3), 150, np.uint8))
    edit = request("interpolate", {"frames": 5}, ends=(grey, grey), settings={"steps": 1})
    for _ in evaluations_of(Lazy(), edit):
        pass
    ((x, sigma),) = Lazy.seen
    level = core.paint_sigmas(Lazy().card, 0.3, 1)[0]
    assert np.allclose(sigma, np.maximum(level * np.sin(np.pi * np.arange(5) / 4), 0.002), atol=1e-6)
    assert np.allclose(x.flatten(1).std(1), level * np.sin(np.pi * np.arange(5) / 4), rtol=0.25, atol=1e-6)


def test_noise_on_the_arc_keeps_its_variance():
    noise = ArcNoise((1, 2), [0, 0.25, 0.5, 1]).draw(0, (3, 64, 64))
    assert np.allclose(noise.flatten(1).std(1), 1, atol=0.03)


def test_the_paper_s_schedule_is_forty_evaluations_whatever_the_steps_say():
    assert request("colorize", settings={"schedule": "paper"}, photo=photo()).evaluations == 40


@pytest.mark.parametrize("task", [name for name in EDITS if name != "paint"])
def test_every_result_has_its_settings_in_its_record(task):
    mask = png(mask_of(50, 40, 5, 5, 9, 9))
    for made in finished(request(task, photo=photo(), mask=mask)).results:
        record = read_record(made.png())
        assert (record["task"], record["model"], record["look"]) == (task, "tiny", "photo")
        assert record["steps"] == (1 if task == "denoise" else SETTINGS["steps"])


def test_the_record_holds_the_mask_at_the_photo_s_own_size_and_the_strokes():
    mask = np.zeros((1500, 2200), np.uint8)
    cv2.line(mask, (300, 200), (1700, 1200), 255, 150)
    strokes = np.zeros((512, 750, 4), np.uint8)
    cv2.line(strokes, (200, 100), (500, 300), (200, 30, 30, 255), 40)
    edit = request("inpaint", photo=np.zeros((1500, 2200, 3), np.uint8), mask=png(mask), layer=png(strokes))
    record = read_record(finished(edit).results[0].png())
    assert (unpacked(record["mask"]) == edit.mask).all()
    assert (unpacked(record["strokes"]) == strokes).all()
    dabbed = request("colorize", photo=photo(), layer=png(strokes))
    assert (unpacked(read_record(finished(dabbed).results[0].png())["dabs"]) == strokes).all()


def unpacked(url: str) -> np.ndarray:
    picture = Image.open(io.BytesIO(picture_bytes(url)))
    return np.asarray(picture.convert("L") if picture.mode == "1" else picture)


def test_masks_and_strokes_too_large_for_a_record_are_made_smaller_or_left_out():
    y, x = np.mgrid[0:1200, 0:1600]
    rings = np.where((np.hypot(x - 800, y - 600) // 6) % 2 == 0, 255, 0).astype(np.uint8)
    url = mask_url(rings)
    assert len(url) <= 24_000 and unpacked(url).shape in [(600, 800), (300, 400), (150, 200)]
    noise = np.random.default_rng(0).integers(0, 256, (500, 500, 4), dtype=np.uint8)
    assert layer_url(noise) is None or max(unpacked(layer_url(noise)).shape[:2]) < 100
    assert layer_url(None) is None
    assert (unpacked(mask_url(rings[:3, :1])) == rings[:3, :1]).all()


WRONG = [
    ("inpaint", {}, {"mask": None}, "Nothing is marked"),
    ("inpaint", {}, {"mask": png(np.zeros((40, 50), np.uint8))}, "Nothing is marked"),
    ("inpaint", {}, {"square": [0, 0, 4]}, "Nothing in the square"),
    ("inpaint", {}, {"square": [500, 0, 4]}, "outside the photo"),
    ("inpaint", {}, {"square": [0, 0]}, "three whole numbers"),
    ("inpaint", {}, {"square": [0, 0, 0]}, "side is a whole number"),
    ("inpaint", {}, {"frame": [1, 2, 3]}, "four whole numbers"),
    ("inpaint", {}, {"frame": [90000, 0, 0, 90000]}, "million work"),
    ("inpaint", {}, {"mask": png(np.zeros((40, 41), np.uint8))}, "must have the same shape"),
    ("inpaint", {}, {"mask": b"no picture"}, "not a picture"),
    ("inpaint", {"how": "erase"}, {"mask": None}, "Nothing is marked"),
    ("inpaint", {"how": "erase"}, {"square": [0, 0, 4]}, "Nothing in the square"),
    ("inpaint", {"how": "magic"}, {}, "fill or erase"),
    ("inpaint", {"how": 1}, {}, "fill or erase"),
    ("inpaint", {"grow": 1e9}, {}, "Grow is"),
    ("inpaint", {"feather": -1}, {}, "Feather is"),
    ("inpaint", {"feather": float("nan")}, {}, "Feather is"),
    ("super-resolve", {"factor": 3}, {}, "factor is 2, 4 or 8"),
    ("super-resolve", {"factor": []}, {}, "factor is 2, 4 or 8"),
    ("denoise", {"sigma": 80}, {}, "noise level is a number"),
    ("denoise", {"sigma": "much"}, {}, "noise level is a number"),
    ("interpolate", {"frames": 33}, {}, "number of frames"),
    ("interpolate", {"seed_b": -1}, {}, "seed is a whole number"),
    ("generate", {"count": 17}, {}, "The number is"),
    ("generate", {"count": True}, {}, "The number is"),
    ("generate", {"amount": 2}, {}, "Strength is"),
    ("colorize", {}, {"photo": None}, "no photo yet"),
    ("sculpt", {}, {}, "The edits are"),
]


@pytest.mark.parametrize("task, extra, material, message", WRONG)
def test_impossible_requests_are_refused_before_anything_is_computed(task, extra, material, message):
    given = {"photo": photo(), "mask": png(mask_of(50, 40, 30, 20, 9, 9))} | material
    with pytest.raises(core.OnestrokeError, match=message):
        request(task, extra, **given)


@pytest.mark.parametrize(
    "settings, message",
    [({"steps": 41}, "1 to 40"), ({"steps": 0}, "1 to 40"), ({"schedule": "fast"}, "default and paper"),
     ({"look": "oil"}, "these looks"), ({"seed": "x"}, "seed")],
)  # fmt: skip
def test_wrong_settings_are_refused(settings, message):
    with pytest.raises(core.OnestrokeError, match=message):
        request("generate", settings=settings)


def test_the_last_seed_is_followed_by_the_first():
    assert request("generate", {"count": 2}, settings={"seed": 2**31 - 1}).seeds == (2**31 - 1, 0)


def test_a_guided_model_evaluates_each_frame_at_its_own_noise_level():
    model, x = tiny.model("edm"), torch.randn(3, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    guided = ScaledNoiseDenoiser(model, [0.0, 1.0, 0.5]).walking([2.0, 1.0], 2.0)
    assert torch.equal(guided(x, 2.0), model(x, torch.tensor([model.card.sigma_min, 2.0, 1.0]), guidance=2.0))
