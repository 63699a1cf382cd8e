"""Untrusted values become a request or one sentence, and never anything else."""

import math
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.edits.data_url import MAX_CHARACTERS, painting_bytes, picture_bytes, to_data_url
from app.edits.inputs import BAD_SEED, read_seed
from app.edits.registry import PAINT
from app.edits.spec import MAX_SEED
from app.web.tickets import read_ticket
from core.errors import OnestrokeError, RequestError
from core.pictures.png import SIGNATURE
from tests.app.conftest import paint_request, painting_url

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.sampled_from("07.-e²: ,data/png;bs64"), max_size=30)
    | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


def header_only(width: int, height: int) -> str:
    """A PNG that claims a size and holds no pixels."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return to_data_url(SIGNATURE + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body)), "png")


def a_request(image=None, classes=("photo", "render"), **changes):
    settings = {"look": "photo", "steps": 2, "strength": 0.5, "seed": 7} | changes
    return paint_request(painting_url() if image is None else image, classes=classes, **settings)


def test_a_good_request_has_the_values_that_were_given():
    request = a_request(steps=3.0, seed=" 2147483647 ", strength=1)
    assert (request.steps, request.seeds, request.strength, request.look) == (3, (MAX_SEED,), 1.0, "photo")


@given(ANYTHING, ANYTHING, ANYTHING, ANYTHING, ANYTHING)
def test_any_values_give_a_request_or_a_sentence(image, look, steps, strength, seed):
    for picture in (image, painting_url()):
        try:
            paint_request(picture, look=look, steps=steps, strength=strength, seed=seed, classes=("photo",))
        except OnestrokeError as error:
            assert str(error).endswith(".") and "\n" not in str(error)


@pytest.mark.parametrize(
    "seed", [-1, MAX_SEED + 1, 0.5, True, None, "", "-1", "1e3", "7" * 19, "²", math.nan, math.inf, [1]]
)
def test_a_bad_seed_is_refused_in_the_page_s_words(seed):
    with pytest.raises(RequestError) as error:
        read_seed(seed)
    assert str(error.value) == BAD_SEED == "The seed is a whole number from 0 to 2147483647."


@given(st.integers(0, MAX_SEED))
def test_every_seed_in_the_range_is_taken_as_number_and_as_text(seed):
    assert read_seed(seed) == read_seed(float(seed)) == read_seed(str(seed)) == seed


@pytest.mark.parametrize("steps", [0, 5, 1.5, True, "3", None, math.inf, 10**400])
def test_steps_outside_1_to_4_are_refused(steps):
    with pytest.raises(RequestError, match="from 1 to 4"):
        a_request(steps=steps)


@pytest.mark.parametrize("strength", [-0.01, 1.01, math.nan, True, "0.5", [0.5]])
def test_strength_outside_0_to_1_is_refused(strength):
    with pytest.raises(RequestError, match="from 0 to 1"):
        a_request(strength=strength)


def test_a_number_that_is_left_out_is_the_default():
    assert a_request(strength=None).strength == PAINT["strength"].default


def test_the_look_is_one_of_the_model_s_or_its_first():
    assert a_request(look=None).look == "photo"
    assert a_request(look=None, classes=()).look is None
    with pytest.raises(RequestError, match="photo, render"):
        a_request(look="watercolour")
    with pytest.raises(RequestError, match="one look only"):
        a_request(look="photo", classes=())


@pytest.mark.parametrize(
    "message",
    [None, [], {}, {"seq": 1}, {"visitor": "ann"}, {"seq": -1, "visitor": "ann"}, {"seq": 1, "visitor": ""},
     {"seq": True, "visitor": "ann"}, {"seq": 1, "visitor": "a" * 41}, {"seq": 2**60, "visitor": "ann"}],
)  # fmt: skip
def test_a_message_without_a_valid_ticket_is_refused(message):
    with pytest.raises(RequestError):
        read_ticket(message)


@pytest.mark.parametrize("size", [(30_000, 30_000), (1, 2_000), (0, 5), (2**31, 1)])
def test_a_painting_is_refused_by_its_size_before_a_pixel_is_decoded(size):
    with pytest.raises(OnestrokeError, match="256 by 256"):
        painting_bytes(header_only(*size))


@pytest.mark.parametrize(
    "url",
    ["", "data:image/png;base64,", "data:image/png;base64,***", "data:image/gif;base64,AAAA", "data:text/html,<b>",
     "https://example.org/a.png", "data:image/png;base64,\udcff", "data:image/jpeg;base64,AAAA"],
)  # fmt: skip
def test_what_is_no_painting_is_refused(url):
    with pytest.raises(OnestrokeError):
        painting_bytes(url)


def test_a_data_url_is_refused_by_its_length_before_it_is_decoded():
    with pytest.raises(OnestrokeError, match="too large"):
        picture_bytes("data:image/png;base64," + "A" * MAX_CHARACTERS)


@given(st.integers(0, MAX_SEED), st.integers(1, 16))
def test_variations_are_the_seeds_that_follow_and_stay_in_the_range(seed, count):
    seeds = a_request(seed=seed).variations(count).seeds
    assert len(set(seeds)) == count and seed not in seeds
    assert all(read_seed(each) == each for each in seeds)
    assert seeds[0] == (seed + 1) % (MAX_SEED + 1)


@pytest.mark.parametrize("count", [0, 17])
def test_at_most_16_variations(count):
    with pytest.raises(RequestError, match="16"):
        a_request().variations(count)
