"""What a model's pictures show, as words for the page's sentences, where they stand in braces: "Another {one}".

The page fills them in (app/web/static/shared/subject.js), since the model may be another one at any time.
"""

import re

from core.card import ModelCard

BEDROOM = {"a": "a bedroom", "one": "room", "many": "rooms", "things": "a bed, a wall, a window", "sketch": "bed"}
NAMED = re.compile(r"(?<![a-z])(bedroom|cat)(?:s|(?![a-z]))")  # in the names of models whose cards do not say it
ANYTHING = "picture"


def subject_words(card: ModelCard) -> dict[str, str]:
    """a, one, many: the subject with its article, alone and in the plural. things: what to paint first.

    sketch: what is drawn faintly on the empty paper, if something is.
    """
    subject = card.subject or subject_in(card.name)
    return BEDROOM if subject == "bedroom" else _words(subject or ANYTHING)


def subject_in(name: str) -> str:
    """What the name of a model says that it shows; "" if it does not say it."""
    found = NAMED.search(name.lower())
    return found[1] if found else ""


def _words(noun: str) -> dict[str, str]:
    article = "an" if noun[0].lower() in "aeiou" else "a"
    return {"a": f"{article} {noun}", "one": noun, "many": _plural(noun), "things": "large shapes in colour"}


def _plural(noun: str) -> str:
    if re.search(r"[^aeiou]y$", noun):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "z", "ch", "sh")) else f"{noun}s"
