"""The replicas of the model, to be asked. Whatever happens to one of them, a question is answered or refused in words.

An estimate is a function of its question alone. So a question that a replica has taken with it is put to another one,
and the picture is the same. What a walk has reached lies with whoever asks, and each question carries it.
"""

import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from threading import Lock
from typing import Any, Generic, TypeVar

from ray.exceptions import RayError, RayTaskError, TaskCancelledError
from ray.serve.exceptions import RayServeException

from app.cluster.exchange import Estimate, Question
from core.errors import RequestError

PATIENCE_S = 120.0  # seconds that a question waits for its answer, and for another replica when one has died
PAUSE_S = 0.2  # before a question is put again
NOBODY = "The machines that make the pictures do not answer. What you made is still on your page; try again later."

T = TypeVar("T")


class Replicas:
    """A Serve deployment of `ModelReplica` (app/cluster/replica.py). Any thread may ask."""

    def __init__(self, handle: Any, *, patience_s: float = PATIENCE_S):
        """handle: of the deployment, from Ray Serve."""
        self._handle, self._patience_s = handle, patience_s

    def about(self) -> "Asked[dict]":
        """Ask one of them for what it says of itself."""
        return Asked(self._handle.about.remote, self._patience_s)

    def ask(self, question: Question) -> "Asked[Estimate]":
        """Put a question to one of them."""
        return Asked(lambda: self._handle.answer.remote(question), self._patience_s)


class Asked(Generic[T]):
    """What was asked of the replicas. `result` waits for it; `cancel`, from another thread, ends the wait."""

    def __init__(self, ask: Callable[[], Any], patience_s: float):
        """ask: puts the question to one of the replicas, and returns Serve's response."""
        self._ask, self._until = ask, time.monotonic() + patience_s
        self._lock = Lock()
        self._cancelled = False
        self._response = ask()

    def cancel(self) -> None:
        """Nobody wants the answer any more. A replica that has not begun with it forgets the question."""
        with self._lock:
            self._cancelled = True
            self._response.cancel()

    def result(self) -> T:
        """The answer. Raises what the replica raised, CancelledError, or RequestError where nobody answers."""
        while True:
            try:
                return self._response.result(timeout_s=max(self._until - time.monotonic(), 0))
            except RayTaskError as error:  # raised by our own code, there
                raise error.cause from None
            except (RayError, RayServeException, TimeoutError) as error:
                if self._cancelled or isinstance(error, TaskCancelledError):
                    raise CancelledError from None
                if time.monotonic() + PAUSE_S > self._until:
                    raise RequestError(NOBODY) from error
            time.sleep(PAUSE_S)
            self._ask_again()

    def _ask_again(self) -> None:
        with self._lock:
            if self._cancelled:
                raise CancelledError
            self._response = self._ask()
