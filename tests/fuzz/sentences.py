"""What a person may be told."""

LONGEST = 1000  # characters: an error may name a file or a list of choices


def check_sentence(said: object) -> None:
    """Fails for what is no text, or more than a few lines of it, or speaks of the program's inside."""
    assert isinstance(said, str) and 0 < len(said) <= LONGEST, said
    said.encode()  # half a surrogate pair could not be sent
    assert said.endswith((".", "!", "?")) and "\n" not in said, said
    assert "Something went wrong" not in said and "Traceback" not in said, said
