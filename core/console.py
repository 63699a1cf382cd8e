"""What is printed never ends a program: neither a name that the terminal cannot show, nor a pipe that was closed."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TextIO, cast


@contextmanager
def unbreakable_output() -> Iterator[None]:
    """Inside, what stdout and stderr cannot encode is escaped, and what goes into a closed pipe is dropped.

    A function may have it as a decorator.
    """
    with redirect_stdout(_unbreakable(sys.stdout)), redirect_stderr(_unbreakable(sys.stderr)):
        try:
            yield
        finally:
            for stream in (sys.stdout, sys.stderr):
                if stream is not None:
                    stream.flush()


@contextmanager
def alone_on_terminal() -> Iterator[tuple[TextIO, TextIO]]:
    """Yields unbreakable streams to what stdout and stderr are. Whatever else is printed meanwhile is seen nowhere.

    For libraries that print by themselves, some of them from compiled code, between lines that a script reads.
    """
    streams = [_copy_of(sys.stdout, 1), _copy_of(sys.stderr, 2)]
    before = [os.dup(1), os.dup(2)]
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        for number in (1, 2):
            os.dup2(nowhere.fileno(), number)
        try:
            yield streams[0], streams[1]
        finally:
            for number, copy in zip((1, 2), before, strict=True):
                os.dup2(copy, number)
                os.close(copy)
            for stream in streams:
                stream.close()


def _copy_of(stream: TextIO, number: int) -> TextIO:
    stream.flush()
    return cast(TextIO, _Unbreakable(open(os.dup(number), "w", encoding=stream.encoding)))


def _unbreakable(stream: TextIO | None) -> TextIO | None:
    """The stream in a `_Unbreakable`; None, which Python has for a stream that was closed before it began, as it is."""
    return cast(TextIO, _Unbreakable(stream)) if stream is not None else None


class _Unbreakable:
    """A text stream that takes any text, and goes on in silence when nobody reads it any more."""

    def __init__(self, stream: TextIO):
        self._stream = stream

    def write(self, text: str) -> int:
        """Write the text, with escapes in place of what the stream's encoding lacks. Returns its length."""
        encoding = self._stream.encoding or "utf-8"
        try:
            self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        except BrokenPipeError:
            self._drop()
        return len(text)

    def flush(self) -> None:
        """Hand on what was written."""
        try:
            self._stream.flush()
        except BrokenPipeError:
            self._drop()

    def _drop(self) -> None:
        """Let the rest go nowhere, also what Python itself flushes at its end."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)

    def __getattr__(self, name: str):
        return getattr(self._stream, name)
