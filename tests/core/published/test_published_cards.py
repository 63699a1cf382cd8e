"""The cards of the published models, held against what their authors published."""

from pathlib import Path

import pytest

import core
from core.card import ModelCard
from core.edit_schedules import edit_sigmas
from core.published.cards import SECONDS, class_names, published_card
from tests.core.published.test_openai_files import IMAGENET, LSUN

ROOT = Path(__file__).resolve().parents[3]
# openai/consistency_models, scripts/launch.sh: --ts, as noise levels.
SECOND_LEVELS = {
    "cd_imagenet64_lpips": 1.382368, "cd_imagenet64_l2": 1.382368, "ct_imagenet64": 1.912844,
    "cd_bedroom256_lpips": 4.365562, "cd_bedroom256_l2": 3.519699, "ct_bedroom256": 3.991219, "ct_cat256": 5.248503,
    "cd_cat256_lpips": 4.365562, "cd_cat256_l2": 3.519699,
}  # fmt: skip


def card_of(name: str, parameterisation=None) -> ModelCard:
    return published_card(IMAGENET if "imagenet" in name else LSUN, ["models", name], parameterisation)


@pytest.mark.parametrize("name", SECOND_LEVELS)
@pytest.mark.parametrize("spelt", ["{}", "diffusers-{}", "my {} (2)"])
def test_two_steps_are_those_that_were_published(name, spelt):
    card = card_of(spelt.format(name))
    assert (card.name, card.parameterisation, card.default_steps, card.licence) == (name, "consistency", 2, "MIT")
    for edit in ("generate", "interpolate"):
        assert edit_sigmas(card, edit, 2) == [80.0, pytest.approx(SECOND_LEVELS[name], rel=1e-6)]
        assert edit_sigmas(card, edit, 1) == [80.0]
    assert "research" in card.limits


def test_all_published_names_are_known():
    assert SECONDS.keys() == SECOND_LEVELS.keys()


def test_strokes_begin_where_the_paper_begins_them():
    assert card_of("cd_bedroom256_lpips").stroke_sigmas == pytest.approx((5.38, 2.24), abs=1e-3)


@pytest.mark.parametrize("edit", ["inpaint", "colorize", "super-resolve"])
def test_forty_levels_of_an_edit_are_the_papers(edit):
    card = card_of("cd_bedroom256_l2")
    assert edit_sigmas(card, edit, 40) == edit_sigmas(card, edit, 40, "paper") == core.karras_sigmas(40)
    few = edit_sigmas(card, edit, 4)
    assert few[0] == 80 and set(few) < set(core.karras_sigmas(40))


def test_a_teacher_is_walked_as_a_denoiser():
    card = card_of("edm_bedroom256_ema")
    assert (card.parameterisation, card.sampling.move, card.schedules) == ("edm", "carry", {})


def test_a_name_of_other_pictures_says_the_kind_alone():
    """A network of 64-pixel pictures is no bedroom, whatever its file is called."""
    card = published_card(IMAGENET, ["cd_bedroom256_l2"], None)
    assert (card.parameterisation, card.licence) == ("consistency", "")
    assert "generate" not in card.schedules


def test_the_last_name_of_a_path_counts():
    assert published_card(LSUN, ["edm_cat256_ema", "cd_bedroom256_l2"], None).name == "cd_bedroom256_l2"


@pytest.mark.parametrize("name", ["abcd_bedroom256_l2", "model", "redm_x"])
def test_a_part_of_a_word_says_nothing(name):
    with pytest.raises(core.CheckpointError, match="Neither weights nor name"):
        published_card(LSUN, [name], None)


def test_the_classes_of_imagenet_are_in_the_order_of_their_labels():
    names = class_names(IMAGENET)
    assert len(set(names)) == 1000
    assert [names[k] for k in (0, 145, 207, 281, 999)] == [
        "tench", "king penguin", "golden retriever", "tabby", "toilet tissue"
    ]  # fmt: skip
    from training.metrics.torchvision_shim import import_torchvision

    import_torchvision()
    from torchvision.models._meta import _IMAGENET_CATEGORIES

    assert list(names) == _IMAGENET_CATEGORIES
    assert class_names(LSUN) == ()


def test_cards_survive_their_file():
    for name in (*SECOND_LEVELS, "edm_cat256_ema"):
        card = card_of(name)
        assert ModelCard.from_json(card.to_json()) == card


def test_the_table_in_the_documents_says_the_same():
    text = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    for name, second in SECOND_LEVELS.items():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{name}"))
        assert f" {second:.4f} " in row
