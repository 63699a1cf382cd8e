"""What is known about an edit stays known: exactly, whatever the model says."""

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch.nn import functional as F

from core import Colorize, Inpaint, Nothing, Product, RequestError, SeededNoise, SuperResolve, edit, sample, to_uint8
from core.constraint import AXES, LUMA
from tests import tiny

KINDS = (
    "inpaint", "colorize", "colorize by the paper", "sharpen", "nothing", "colorize in a hole", "sharpen in a hole",
)  # fmt: skip


def measure_luma(x):
    return (torch.tensor(LUMA, dtype=x.dtype)[None, :, None, None] * x).sum(1, keepdim=True)


def make(kind: str, photo: torch.Tensor, factor: int, seed: int):
    """A constraint around a photo, and what it measures: (constraint, measure)."""
    rng = torch.Generator().manual_seed(seed)
    rows, columns = photo.shape[-2] // factor, photo.shape[-1] // factor
    mask = (torch.rand(len(photo), 1, rows, columns, generator=rng) < 0.5).float()
    mask = mask.repeat_interleave(factor, -1).repeat_interleave(factor, -2)
    hole = Inpaint(photo, mask)
    small = F.avg_pool2d(photo, factor)
    return {
        "inpaint": (hole, lambda x: x * (1 - mask)),
        "colorize": (Colorize(photo), measure_luma),
        "colorize by the paper": (Colorize(photo, "paper"), measure_luma),
        "sharpen": (SuperResolve(small, factor), lambda x: F.avg_pool2d(x, factor)),
        "nothing": (Nothing(), lambda x: x * 0),
        "colorize in a hole": (
            Product(Colorize(photo), hole),
            lambda x: torch.cat([measure_luma(x), x * (1 - mask)], 1),
        ),
        "sharpen in a hole": (Product(SuperResolve(small, factor), hole), lambda x: F.avg_pool2d(x, factor)),
    }[kind]


@st.composite
def situations(draw):
    """(kind, photo, constraint, measure, wild estimate) for shapes from 1x1 to wide ones."""
    kind = draw(st.sampled_from(KINDS))
    factor = draw(st.integers(1, 4))
    rows, columns = (factor * draw(st.integers(1, 6)) for _ in range(2))
    seed = draw(st.integers(0, 10_000))
    photo = tiny.photos(draw(st.integers(1, 2)), rows, columns, seed)
    if draw(st.booleans()):  # black and white reach the ends of the range
        photo = photo.sign()
    estimate = draw(st.sampled_from([0.3, 1.0, 10.0])) * SeededNoise([seed] * len(photo)).draw(0, photo.shape[1:])
    return kind, photo, *make(kind, photo, factor, seed), estimate


@given(situations())
def test_what_is_known_re_measures_equal_after_apply_and_after_settle(situation):
    kind, photo, constraint, measure, estimate = situation
    tolerance = 0 if kind == "inpaint" else 1e-5 * max(1.0, float(estimate.abs().max()) / 4)
    torch.testing.assert_close(measure(constraint.apply(estimate)), measure(photo), rtol=0, atol=tolerance)
    torch.testing.assert_close(measure(constraint.project_in_range(estimate)), measure(photo), rtol=0, atol=tolerance)


@given(situations())
def test_applying_twice_changes_nothing_more(situation):
    *_, constraint, _, estimate = situation
    once = constraint.apply(estimate)
    torch.testing.assert_close(constraint.apply(once), once, rtol=0, atol=1e-5)


@given(situations())
def test_a_settled_picture_lies_inside_model_range(situation):
    *_, constraint, _, estimate = situation
    assert constraint.project_in_range(estimate).abs().max() <= 1 + 1e-5


@given(situations())
def test_a_picture_that_satisfies_the_constraint_is_left_alone(situation):
    _, photo, constraint, _, _ = situation
    torch.testing.assert_close(constraint.apply(photo), photo, rtol=0, atol=1e-6)
    torch.testing.assert_close(constraint.project_in_range(photo), photo, rtol=0, atol=1e-5)


@given(situations())
def test_after_rounding_to_8_bits_at_most_one_level_is_lost_and_pixels_lose_none(situation):
    kind, photo, constraint, measure, estimate = situation
    stored = torch.from_numpy(to_uint8(constraint.project_in_range(estimate))).permute(0, 3, 1, 2) / 127.5 - 1
    off = ((measure(stored) - measure(photo)) * 127.5).abs().max()
    assert off < (1e-3 if kind == "inpaint" else 1.0)


@given(situations())
def test_apply_gives_the_nearest_picture_that_satisfies_the_constraint(situation):
    kind, photo, constraint, _, estimate = situation
    assume(
        kind in ("inpaint", "nothing", "colorize by the paper")
    )  # others keep channels' differences, or add smoothly
    nearest = constraint.apply(estimate).double()
    photo, estimate = photo.double(), estimate.double()
    moved, along = (nearest - estimate).flatten(), (nearest - photo).flatten()
    assert abs(moved @ along) <= 1e-5 * (1 + moved.norm() * along.norm())  # a right angle: the projection is orthogonal


@pytest.mark.parametrize("order", [1, -1])
def test_luminance_and_a_mask_commute(order):
    photo = tiny.photos(2, 8, 12)
    first, second = (make(kind, photo, 4, 5)[0] for kind in ("colorize", "inpaint"))
    estimate = SeededNoise([1, 2]).draw(0, (3, 8, 12))
    expected = Product(first, second).apply(estimate)
    torch.testing.assert_close(Product(*(first, second)[::order]).apply(estimate), expected, rtol=0, atol=1e-6)


def test_colouring_equals_the_matrix_form_with_luma_and_the_differences_of_channels():
    photo, estimate = tiny.photos(2).double(), SeededNoise([1, 2]).draw(0, (3, 8, 8)).double()
    a = torch.tensor([LUMA, (1, -1, 0), (0, 1, -1)], dtype=torch.double)
    coefficients = torch.einsum("kc,bchw->bkhw", a, estimate)
    coefficients[:, 0] = torch.einsum("kc,bchw->bkhw", a, photo)[:, 0]
    expected = torch.einsum("ck,bkhw->bchw", torch.linalg.inv(a), coefficients)
    torch.testing.assert_close(Colorize(photo).apply(estimate), expected, rtol=0, atol=1e-6)


def test_detail_that_a_grey_estimate_has_not_yet_comes_in_grey_and_by_the_papers_axis_in_its_green():
    photo, grey = tiny.photos(2), torch.full((2, 3, 8, 8), 0.1)
    for axis, direction in AXES.items():
        moved = Colorize(photo, axis).apply(grey) - grey
        across = torch.linalg.cross(moved, torch.tensor(direction)[None, :, None, None].expand_as(moved), dim=1)
        assert across.abs().max() < 1e-6 and moved.abs().max() > 0.1


@given(situations())
def test_the_default_axis_is_grey_bit_for_bit(situation):
    _, photo, _, _, estimate = situation
    weights = torch.tensor(LUMA)[None, :, None, None]
    luma, sought = ((weights * x).sum(1, keepdim=True) for x in (estimate, photo))
    expected = estimate + (sought - luma) / weights.sum()
    assert torch.equal(Colorize(photo).apply(estimate), expected)
    assert torch.equal(Colorize(photo, "grey").apply(estimate), expected)


@given(situations())
def test_by_the_papers_axis_a_pixel_is_what_the_papers_orthonormal_transform_makes_of_it(situation):
    """A^-1 [A y where known, A x elsewhere] with any orthonormal A that begins with the luminance weights."""
    _, photo, _, _, estimate = situation
    rest = torch.tensor([(1, -1, 0), (0, 1, -1)], dtype=torch.double)
    axes = torch.linalg.qr(torch.cat([torch.tensor([LUMA], dtype=torch.double), rest]).T)[0].T
    torch.testing.assert_close(axes @ axes.T, torch.eye(3, dtype=torch.double))
    coefficients = torch.einsum("kc,bchw->bkhw", axes, estimate.double())
    coefficients[:, 0] = torch.einsum("kc,bchw->bkhw", axes, photo.double())[:, 0]
    expected = torch.einsum("kc,bkhw->bchw", axes, coefficients).float()
    tolerance = 1e-6 * max(1.0, float(estimate.abs().max()))
    torch.testing.assert_close(Colorize(photo, "paper").apply(estimate), expected, rtol=0, atol=tolerance)


def test_there_is_no_third_axis():
    with pytest.raises(RequestError, match="one of grey and paper"):
        Colorize(tiny.photos(1), "green")


@pytest.mark.parametrize("rows, columns", [(1, 1), (2, 3), (5, 4)])
@pytest.mark.parametrize("factor", [1, 2, 3, 4])
def test_sharpening_adds_the_bilinear_picture_that_has_what_is_missing_as_its_means(factor, rows, columns):
    photo = tiny.photos(2, rows * factor, columns * factor).double()
    estimate = SeededNoise([1, 2]).draw(0, tuple(photo.shape[1:])).double()
    pixels = torch.eye(rows * columns, dtype=torch.double).reshape(-1, 1, rows, columns)
    bilinear = F.interpolate(pixels, scale_factor=factor, mode="bilinear", align_corners=False)
    means = F.avg_pool2d(bilinear, factor).flatten(1).T  # of the enlargement of each single pixel, a column each
    missing = F.avg_pool2d(photo - estimate, factor).flatten(2)
    coefficients = torch.linalg.solve(means, missing.flatten(0, 1).T).T
    expected = estimate + (coefficients @ bilinear.flatten(1)).reshape(estimate.shape)
    ours = SuperResolve(F.avg_pool2d(photo, factor), factor).apply(estimate)
    torch.testing.assert_close(ours, expected, rtol=0, atol=1e-12)


def test_what_is_added_to_reach_the_means_has_no_blocks():
    """Of a smooth ramp that is to become another smooth ramp nothing jumps at the border of two blocks."""
    ramp = torch.linspace(-0.5, 0.5, 32).repeat(1, 3, 32, 1)
    found = SuperResolve(F.avg_pool2d(ramp, 4), 4).apply(torch.zeros(1, 3, 32, 32))
    assert found.diff(dim=-1).abs().max() < 1.5 * ramp.diff(dim=-1).abs().max()


def test_the_published_colour_axes_are_a_completion_of_our_luma():
    published = torch.tensor([[0.4471, -0.8204, 0.3563], [0.8780, 0.4785, 0.0], [0.1705, -0.3129, -0.9343]])
    luma = torch.tensor(LUMA)
    torch.testing.assert_close(published[:, 0], luma / luma.norm(), rtol=0, atol=1e-4)
    torch.testing.assert_close(published.T @ published, torch.eye(3), rtol=0, atol=2e-4)


def test_with_everything_known_an_edit_returns_the_photo():
    photo = tiny.photos(2)
    constraint = Inpaint(photo, torch.zeros(2, 1, 8, 8))
    assert torch.equal(edit(tiny.model(), constraint, [80.0, 2.0, 0.5], SeededNoise([1, 2])), photo)


def test_with_everything_free_an_edit_is_algorithm_1_with_the_same_noise():
    model, sigmas, noise = tiny.model(), [80.0, 2.0, 0.5], SeededNoise([1, 2])
    constraint = Inpaint(tiny.photos(2), torch.ones(2, 1, 8, 8))
    assert torch.equal(edit(model, constraint, sigmas, noise), sample(model, sigmas, noise))


@pytest.mark.parametrize("kind", KINDS)
def test_every_evaluation_of_an_edit_is_held_to_the_constraint(kind):
    photo = tiny.photos(2)
    constraint, measure = make(kind, photo, 2, 3)
    x0 = edit(tiny.model(), constraint, [80.0, 2.0, 0.5], SeededNoise([1, 2]))
    torch.testing.assert_close(measure(x0), measure(photo), rtol=0, atol=1e-5)
    assert x0.abs().max() <= 1 + 1e-5


def test_a_mask_of_ones_is_where_to_fill():
    photo, mask = torch.zeros(1, 3, 2, 3), torch.tensor([[1.0, 0, 0], [0, 0, 1]])[None, None]
    filled = Inpaint(photo, mask).apply(torch.ones_like(photo))
    assert torch.equal(filled, mask.expand_as(photo))


def test_soft_masks_and_masks_of_another_size_are_refused():
    photo = tiny.photos(1)
    with pytest.raises(RequestError, match=r"0 .keep. and 1 .fill."):
        Inpaint(photo, torch.full((1, 1, 8, 8), 0.5))
    with pytest.raises(RequestError, match="same size"):
        Inpaint(photo, torch.zeros(1, 1, 7, 8))


def test_a_factor_below_one_is_refused():
    with pytest.raises(RequestError, match="factor 0"):
        SuperResolve(tiny.photos(1), 0)
