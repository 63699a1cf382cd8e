"""A request at work: its evaluations, one after the other, and what each has cost."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from app.edits.base import Edit
from app.edits.group import BatchRequest
from app.edits.results import Evaluation
from app.engine.sharing import BorrowedModel
from core.models import Model

Evaluate = Callable[[Model, Edit | BatchRequest], Iterator[Evaluation]]


@dataclass(eq=False)
class Work:
    """The evaluations of a request. `cost`: seconds of the model and of the processor that all of them have taken."""

    request: Edit | BatchRequest
    model: BorrowedModel
    evaluate: Evaluate
    processor_s: float = 0.0
    evaluations: Iterator[Evaluation] = field(init=False)

    def __post_init__(self) -> None:
        self.evaluations = self.evaluate(self.model, self.request)

    @property
    def cost(self) -> float:
        """In seconds. Waiting for others costs nothing."""
        return self.model.seconds + self.processor_s

    def close(self) -> None:
        """Nobody wants the next evaluations: what waits for the model is dropped."""
        self.model.drop()

    def next(self) -> Evaluation:
        """The next evaluation. It runs on the caller's thread, and waits there for the model."""
        started = time.thread_time()
        try:
            return next(self.evaluations)
        finally:
            self.processor_s += time.thread_time() - started
