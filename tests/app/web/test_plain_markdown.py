"""What the model's dialog says of a card: sentences, without markup and without values of the program."""

from pathlib import Path

import pytest

from app.web.model_messages import facts_of
from app.web.plain_markdown import plain_text
from core.card import ModelCard
from core.open_model import read_card

BUNDLED = Path(__file__).resolve().parents[3] / "assets" / "models" / "bedroom-128.safetensors"


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("# A\n\none\ntwo\n\nthree", "A\none two\nthree"),
        ("one\n## B\ntwo", "one\n\nB\ntwo"),
        ("- a\n  goes on\n- b", "\u2022 a goes on\n\u2022 b"),
        ("| x | y |\n|---|---|\n| 1 |  |\n| 2 | 3 |", "x, y\n1\n2, 3"),
        ("**bold** and `code`, [a link](https://example.org)", "bold and code, a link (https://example.org)"),
        ("2 * 3 * 4 - 1 | 2", "2 * 3 * 4 - 1 | 2"),
        ("", ""),
    ],
)
def test_markdown_becomes_lines(markdown, plain):
    assert plain_text(markdown.split("\n")) == plain


def test_training_is_told_without_nested_values():
    card = ModelCard(
        training={"objective": {"kind": "ect", "levels": [1, 2]}, "pictures_seen": 135000, "teacher": "", "x": [1]}
    )
    assert dict(facts_of(card))["Training"] == "objective: ect\npictures seen: 135,000"


def test_the_bundled_model_s_facts_have_no_markup_and_no_brackets_of_the_program():
    for label, said in facts_of(read_card(BUNDLED)):
        assert not any(mark in said for mark in ("{'", "': ", "## ", "| ", "|---", "**")), label
