"""Deblurring against what is known of cosines, of Gaussians and of edges."""

from math import erf, sqrt
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image
from scipy.fft import dctn

from core import Deblur, RequestError, blurred, estimate_blur
from core import blur as core_blur
from core.blur import KEPT, cosines, from_cosines, gains
from tests import tiny

PHOTOS = sorted((Path(__file__).resolve().parents[2] / "assets" / "photos").glob("*.jpg"))


def picture(rows: int = 24, columns: int = 40, seed: int = 0) -> torch.Tensor:
    return 2 * torch.rand(2, 3, rows, columns, generator=torch.Generator().manual_seed(seed)) - 1


@pytest.mark.parametrize("size", [(24, 40), (7, 9), (1, 5), (2, 1)])
def test_the_cosines_are_those_of_the_orthonormal_transform(size):
    x = picture(*size)
    expected = dctn(x.numpy(), axes=(2, 3), norm="ortho")
    torch.testing.assert_close(cosines(x), torch.from_numpy(expected), rtol=0, atol=1e-5)
    torch.testing.assert_close(from_cosines(cosines(x)), x, rtol=0, atol=1e-5)


@pytest.mark.parametrize("size", [(24, 40), (7, 9), (1, 5), (2, 1)])
def test_the_lowest_cosines_are_those_of_the_whole_transform(size):
    x = picture(*size)
    for rows, columns in {(1, 1), ((size[0] + 1) // 2, (size[1] + 1) // 2), (size[0] // 2 + 1, size[1] // 2 + 1), size}:
        lowest = cosines(x)[..., :rows, :columns]
        torch.testing.assert_close(cosines(x, rows, columns), lowest, rtol=0, atol=1e-5)
        padded = torch.zeros_like(x)
        padded[..., :rows, :columns] = lowest
        torch.testing.assert_close(from_cosines(lowest, *size), from_cosines(padded), rtol=0, atol=1e-5)


@pytest.mark.parametrize("blur", [1.0, 2.0])
def test_a_blur_is_a_convolution_with_a_gaussian_mirrored_at_the_borders(blur):
    x = picture()
    rows = x[0].permute(1, 2, 0).numpy().copy()
    expected = cv2.GaussianBlur(rows, (0, 0), blur, borderType=cv2.BORDER_REFLECT)
    found = blurred(x, blur)[0].permute(1, 2, 0).numpy()
    np.testing.assert_allclose(found, expected, atol=3e-3)


def test_blurs_in_a_row_add_by_their_squares():
    x = picture()
    torch.testing.assert_close(blurred(blurred(x, 1.2), 0.9), blurred(x, 1.5), rtol=0, atol=1e-5)


@pytest.mark.parametrize("blur", [0.7, 1.5, 4.0])
def test_holding_to_a_blurred_picture_is_an_orthogonal_projection(blur):
    x, y = picture(seed=1), picture(seed=2)
    constraint = Deblur(blurred(picture(), blur), blur)
    once = constraint.apply(x)
    torch.testing.assert_close(constraint.apply(once), once, rtol=0, atol=1e-5)
    free = constraint.apply(x) - constraint.apply(y)  # what is left of a difference is at right angles to what went
    assert float(((x - y - free) * free).sum().abs()) < 1e-3 * float((x - y).square().sum())


@pytest.mark.parametrize("blur", [0.7, 1.5, 4.0])
def test_the_true_picture_satisfies_its_own_constraint(blur):
    x = 0.9 * picture()
    constraint = Deblur(blurred(x, blur), blur)
    torch.testing.assert_close(constraint.apply(x), x, rtol=0, atol=1e-4)
    torch.testing.assert_close(constraint.project_in_range(x), x, rtol=0, atol=1e-4)


def test_the_kept_cosines_come_back_and_the_others_are_zero():
    x, blur = picture(), 1.5
    sharp = cosines(Deblur(blurred(x, blur), blur).apply(torch.zeros_like(x)))
    kept = gains(24, 40, blur) >= KEPT
    torch.testing.assert_close(sharp[..., kept], cosines(x)[..., kept], rtol=0, atol=1e-4)
    assert float(sharp[..., ~kept].abs().max()) < 1e-4


def test_a_picture_projected_in_range_holds_the_known_part_of_a_file():
    x = tiny.photos(2).clamp(-1, 1)
    x = torch.nn.functional.interpolate(x, scale_factor=8, mode="bilinear").clamp(-1, 1)
    file = (blurred(x, 1.5).clamp(-1, 1) * 127.5).round() / 127.5
    constraint = Deblur(file, 1.5)
    settled = constraint.project_in_range(picture(*x.shape[-2:]))
    assert float(settled.abs().max()) <= 1
    difference = (cosines(settled, *constraint.known.shape) - constraint.sharp)[..., constraint.known]
    assert float(difference.square().mean().sqrt()) < 0.01


def clipped_photo() -> tuple[Deblur, torch.Tensor]:
    """A constraint that pictures in range satisfy, and an estimate beside it of which many pixels leave the range."""
    x = torch.nn.functional.interpolate(1.5 * tiny.photos(2), scale_factor=8, mode="bilinear").clamp(-1, 1)
    return Deblur(blurred(x, 1.5), 1.5), x + 0.3 * picture(*x.shape[-2:])[: len(x)]


def error_of_the_known_part(constraint: Deblur, x: torch.Tensor) -> float:
    known = (cosines(x, *constraint.known.shape) - constraint.sharp)[..., constraint.known]
    return float(known.square().mean().sqrt())


def test_over_relaxed_rounds_lead_to_a_picture_that_is_in_range_and_holds_the_known_part(monkeypatch):
    constraint, x = clipped_photo()
    monkeypatch.setattr(core_blur, "PROJECTION_ROUNDS", 400)
    settled = constraint.project_in_range(x)
    assert float(settled.abs().max()) <= 1
    assert float((constraint.apply(settled) - settled).abs().max()) < 1 / 255


def test_six_over_relaxed_rounds_hold_the_known_part_better_than_eight_plain_ones():
    constraint, x = clipped_photo()
    plain = constraint.apply(x)
    for _ in range(8):
        plain = constraint.apply(plain.clamp(-1, 1))
    error = error_of_the_known_part(constraint, constraint.project_in_range(x))
    assert error < error_of_the_known_part(constraint, plain.clamp(-1, 1))


def test_a_picture_that_is_in_range_is_held_once_and_no_more(monkeypatch):
    x = 0.9 * picture()
    constraint, calls = Deblur(blurred(x, 1.5), 1.5), []
    apply = constraint.apply
    monkeypatch.setattr(constraint, "apply", lambda x: calls.append(1) or apply(x))
    constraint.project_in_range(x)
    assert len(calls) == 1


@pytest.mark.parametrize("blur", [0.0, -1.0, float("nan"), float("inf")])
def test_an_impossible_blur_is_refused(blur):
    with pytest.raises(RequestError, match="above 0"):
        Deblur(picture(), blur)


@pytest.mark.parametrize("blur", [1.0, 1.5, 3.0])
@pytest.mark.parametrize("angle", [0.0, 0.4])
def test_the_blur_of_a_step_edge_is_measured(blur, angle):
    y, x = np.mgrid[0:64, 0:64] - 31.5
    across = x * np.cos(angle) + y * np.sin(angle)
    edge = 60 + 130 * np.vectorize(lambda t: 0.5 * (1 + erf(t / (blur * sqrt(2)))))(across)
    assert estimate_blur(np.repeat(edge.round()[..., None], 3, 2).astype(np.uint8)) == pytest.approx(blur, rel=0.2)


@pytest.mark.parametrize("blur", [1.0, 2.0, 3.0])
def test_the_blur_of_photographs_is_measured(blur):
    found = []
    for path in PHOTOS:
        small = Image.open(path).convert("RGB").resize((128, 128), Image.Resampling.BOX)
        pixels = cv2.GaussianBlur(np.asarray(small), (0, 0), blur, borderType=cv2.BORDER_REFLECT)
        found.append(estimate_blur(pixels))
    assert found and np.median(found) == pytest.approx(blur, rel=0.2)


@pytest.mark.parametrize("size", [(1, 1), (4, 90), (64, 64)])
def test_a_picture_without_edges_has_no_blur(size):
    assert estimate_blur(np.full((*size, 3), 90, np.uint8)) == 0
