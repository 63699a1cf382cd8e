"""Markdown as plain text with line breaks, for a dialog: headings, lists, tables, links, emphasis."""

import re
from collections.abc import Iterable

LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]*)\)")
MARKS = re.compile(r"(\*\*|__|`)(.+?)\1")
RULE = re.compile(r"[\s|:-]+")  # between the head of a table and its rows


def plain_text(lines: Iterable[str]) -> str:
    """A line for each paragraph, item and row of a table; an empty line before each heading."""
    blocks: list[str] = []
    begins = True  # whether the next line begins a block, and does not go on with the last one
    for line in lines:
        text = line.strip()
        if not text or ("-" in text and RULE.fullmatch(text)):
            begins = True
        elif text.startswith("#"):
            blocks.append("\n" + _bare(text.lstrip("# ")))
            begins = True
        elif text.startswith("|"):
            blocks.append(_bare(", ".join(filter(None, (cell.strip() for cell in text.split("|"))))))
            begins = True
        elif text.startswith(("- ", "* ")):
            blocks.append("\u2022 " + _bare(text[2:]))
            begins = False
        elif begins:
            blocks.append(_bare(text))
            begins = False
        else:
            blocks[-1] += " " + _bare(text)
    return "\n".join(blocks).strip()


def _bare(text: str) -> str:
    return MARKS.sub(r"\2", LINK.sub(r"\1 (\2)", text))
