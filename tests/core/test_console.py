"""Printing what cannot be shown, and to nobody."""

import io
import os
import sys
from contextlib import redirect_stdout

import pytest

from core.console import unbreakable_output


@pytest.mark.parametrize(("encoding", "shown"), [("ascii", "caf\\xe9 \\udce9"), ("utf-8", "café \\udce9")])
def test_what_the_encoding_lacks_is_escaped(encoding, shown):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    with redirect_stdout(stream), unbreakable_output():
        print("café \udce9", end="")
    assert stream.buffer.getvalue().decode(encoding) == shown


@pytest.mark.parametrize("flush", [True, False])
def test_a_closed_pipe_is_written_to_in_silence(flush):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream, redirect_stdout(stream):
        with unbreakable_output():
            for _ in range(3):
                print("x" * 10, flush=flush)
        assert sys.stdout is stream


def test_a_stream_that_is_not_there_stays_so(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    with unbreakable_output():
        print("nobody")
        assert sys.stdout is None
