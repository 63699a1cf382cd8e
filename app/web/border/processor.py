"""Processor time of the event loop: whose requests take it, measured step by step.

Gradio's part of a request is some milliseconds for a stroke and dozens for a large body. A count of requests does not
tell them apart, and while one step runs nobody else's can.
"""

import time
from collections.abc import Callable, Coroutine, Generator
from types import coroutine
from typing import Any, TypeVar

T = TypeVar("T")


@coroutine
def metered(
    work: Coroutine[Any, Any, T], charge: Callable[[float], None], clock: Callable[[], float] = time.thread_time
) -> Generator[Any, Any, T]:
    """Awaits a coroutine; `charge` gets the seconds that each of its steps takes on this thread's processor.

    What it waits for costs nothing, nor do tasks and threads that it starts. Raises what the coroutine raises.
    """
    step: Callable[..., Any] = work.send
    sent: Any = None
    while True:
        began = clock()
        try:
            awaited = step(sent)
        except StopIteration as ended:
            return ended.value
        finally:
            charge(clock() - began)
        try:
            step, sent = work.send, (yield awaited)
        except BaseException as error:
            step, sent = work.throw, error
