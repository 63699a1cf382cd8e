"""What a model shows, as words in sentences."""

from dataclasses import replace

import pytest

from app.web.subject import BEDROOM, subject_in, subject_words
from core.card import ModelCard
from core.errors import CheckpointError


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("bedroom-128", "bedroom"), ("cd_bedroom256_lpips", "bedroom"), ("Bedrooms, small", "bedroom"),
        ("diffusers-ct_cat256", "cat"), ("my cats", "cat"),
        ("ct_imagenet64", ""), ("untitled", ""), ("concatenated", ""), ("category-3", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_name_tells_the_subject_or_nothing(name, subject):
    assert subject_in(name) == subject


def test_what_the_card_says_counts_before_its_name():
    assert subject_words(ModelCard(name="bedroom-128")) == BEDROOM
    assert subject_words(ModelCard(name="bedroom-128", subject="church"))["a"] == "a church"
    assert subject_words(ModelCard(name="x", subject="bedroom")) == BEDROOM


@pytest.mark.parametrize(
    ("noun", "a", "many"),
    [
        ("cat", "a cat", "cats"), ("owl", "an owl", "owls"), ("church", "a church", "churches"),
        ("city", "a city", "cities"), ("tray", "a tray", "trays"), ("box", "a box", "boxes"),
        ("", "a picture", "pictures"),
    ],
)  # fmt: skip
def test_nouns_have_an_article_and_a_plural(noun, a, many):
    words = subject_words(ModelCard(subject=noun))
    assert (words["a"], words["many"]) == (a, many)


def test_the_subject_is_kept_with_the_card_and_is_a_short_name():
    card = ModelCard(name="x", subject="owl")
    assert ModelCard.from_json(card.to_json()) == card
    with pytest.raises(CheckpointError, match="A name in the card"):
        replace(card, subject="a\nb")
