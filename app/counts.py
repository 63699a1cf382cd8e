"""Counts on a command line."""

import argparse


def count(text: str) -> int:
    """A whole number from 1 on, for argparse. Raises ArgumentTypeError."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 1 on")
    return int(text)
