"""One evaluation of the network for several requests.

The evaluations of each request run on a thread of their own. There a `BorrowedModel` stands for the model: its calls
wait in one line. When the model is free, its thread takes what waits and can be one batch, evaluates it, and gives each
call its own pictures.

On a CPU a request's call of many pictures becomes several, one after the other: while one is evaluated, a stroke of
somebody else waits.

A call that is alone gets exactly what the model returns. In a batch the same picture differs by rounding: in float32 by
less than 1e-5, in bfloat16 by a few hundredths at most (`python -m benchmarks.visitors` prints it).

Shapes: B pictures of a call, C channels, H rows, W columns.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Executor, Future
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Protocol

import torch
from torch import Tensor

from app.engine.meters import EVALUATIONS, MODEL_SECONDS, PICTURES
from core.card import ModelCard
from core.models import Denoiser, Model
from core.sampling_rules import SamplingRules

MAX_PICTURES = 16  # in one evaluation: on a CPU a picture costs half as much from 8 on, and no less above 16
MAX_OF_CALL = 4  # on a CPU: a picture costs a sixth more than among 16, and a stroke waits a quarter as long


@dataclass(eq=False)
class Call:
    """Noisy pictures x [B,C,H,W] that wait for an estimate. `x0` gets it; `seconds` is their share of its time."""

    denoiser: Denoiser
    x: Tensor
    sigma: Tensor | float  # [B], or one noise level for all pictures
    labels: Tensor | None  # [B]
    x0: Future[Tensor] = field(default_factory=Future)
    seconds: float = 0.0

    def fits(self, other: "Call") -> bool:
        """Whether both can be one batch. Noise levels and labels belong to each picture, so they may differ."""
        return self.denoiser == other.denoiser and self._form() == other._form()

    def sigma_B(self) -> Tensor:
        """The noise level of each picture, [B] float32."""
        return torch.as_tensor(self.sigma, dtype=torch.float32, device=self.x.device).expand(len(self.x))

    def _form(self) -> tuple:
        return self.x.shape[1:], self.x.dtype, self.x.device, self.labels is None


class Calls(Protocol):
    """Where calls are answered."""

    def add(self, call: Call) -> None:
        """Its `x0` ends with its pictures [B,C,H,W], with an error, or cancelled: later, or before this returns."""

    def close(self) -> None:
        """No call that waits is answered any more."""


class Sharing:
    """The calls that wait for the model, in `waiting`, and the thread that answers them."""

    def __init__(
        self,
        thread: Executor,
        *,
        max_pictures: int = MAX_PICTURES,
        clock: Callable[[], float] = time.perf_counter,
    ):
        """thread: an executor of one thread. max_pictures: of several calls together; a larger call is alone."""
        self._thread, self._max_pictures, self._clock = thread, max_pictures, clock
        self.waiting: list[Call] = []
        self._lock = Lock()

    def add(self, call: Call) -> None:
        """Put a call in line. Its `x0` ends with its pictures [B,C,H,W], with the model's error, or cancelled."""
        with self._lock:
            self.waiting.append(call)
        self._thread.submit(self._answer_waiting)

    def close(self) -> None:
        """After the end of the thread: drop the calls that wait. It takes no others."""
        with self._lock:
            for call in self.waiting:
                call.x0.cancel()

    def _answer_waiting(self) -> None:
        """On the model's thread, once for each call. An earlier batch may have taken the call in already."""
        calls = self._take()
        if calls:
            self._answer(calls)

    def _take(self) -> list[Call]:
        """The call that has waited longest, and those that fit into a batch with it. Dropped calls are forgotten."""
        taken: list[Call] = []
        left, free = [], self._max_pictures
        with self._lock:
            for call in self.waiting:
                if taken and (len(call.x) > free or not call.fits(taken[0])):
                    left.append(call)
                elif call.x0.set_running_or_notify_cancel():
                    taken.append(call)
                    free -= len(call.x)
            self.waiting = left
        return taken

    def _answer(self, calls: Sequence[Call]) -> None:
        """Answer the calls by one evaluation. If it fails, each gets one of its own: the others are not to blame."""
        started = self._clock()
        try:
            answers = _evaluated(calls)
        except Exception as error:
            if len(calls) == 1:
                calls[0].x0.set_exception(error)
                return
            for call in calls:
                self._answer([call])
            return
        taken, pictures = self._clock() - started, sum(len(call.x) for call in calls)
        EVALUATIONS.inc()
        PICTURES.inc(pictures)
        MODEL_SECONDS.inc(taken)
        seconds = taken / pictures
        for call, x0 in zip(calls, answers, strict=True):
            call.seconds = seconds * len(call.x)
            call.x0.set_result(x0)


def _evaluated(calls: Sequence[Call]) -> list[Tensor]:
    """x0 [B,C,H,W] of each call, by one evaluation, complete on the device."""
    first = calls[0]
    with torch.inference_mode():
        if len(calls) == 1:
            answers = [first.denoiser(first.x, first.sigma, first.labels)]
        else:
            x, sigma = torch.cat([call.x for call in calls]), torch.cat([call.sigma_B() for call in calls])
            labels = [call.labels for call in calls if call.labels is not None]
            x0 = first.denoiser(x, sigma, torch.cat(labels) if labels else None)
            parts = x0.split([len(call.x) for call in calls])
            answers = [part.clone() for part in parts]  # a picture that is kept must not keep the whole batch
    if first.x.device.type != "cpu":
        torch.accelerator.synchronize(first.x.device)  # otherwise the time is that of the launch
    return answers


class BorrowedModel:
    """A `core.Model` for the evaluations of one request.

    `seconds`: of the model's time, what they have taken. `pictures`: how many were evaluated in it.
    """

    def __init__(self, model: Model, calls: Calls):
        self.model, self.calls = model, calls
        self.seconds, self.pictures = 0.0, 0
        self._call: Call | None = None
        self._dropped = False

    @property
    def card(self) -> ModelCard:
        """The model's card."""
        return self.model.card

    @property
    def rules(self) -> SamplingRules:
        """The model's rules."""
        return self.model.rules

    @property
    def device(self) -> torch.device:
        """Where the model's pictures have to be."""
        return self.model.device

    def walking(self, sigmas: Sequence[float], guidance: float) -> Denoiser:
        """The model's denoiser for this walk, borrowed as well."""
        return partial(self._estimate, self.model.walking(sigmas, guidance))

    def __call__(self, x: Tensor, sigma: Tensor | float, labels: Tensor | None = None) -> Tensor:
        """x0 [B,C,H,W] of x [B,C,H,W], as the model estimates it. Waits for the model.

        Raises what the model raises, and CancelledError after `drop`.
        """
        return self._estimate(self.model, x, sigma, labels)

    def drop(self) -> None:
        """Nobody wants the pictures any more: the call that waits ends, and so does any later one."""
        self._dropped = True
        if self._call is not None:
            self._call.x0.cancel()

    def _estimate(self, denoiser: Denoiser, x: Tensor, sigma: Tensor | float, labels: Tensor | None = None) -> Tensor:
        most = MAX_OF_CALL if x.device.type == "cpu" else len(x)
        if len(x) <= most:
            return self._answer(Call(denoiser, x, sigma, labels))
        levels = torch.as_tensor(sigma, device=x.device).expand(len(x)).split(most)
        classes = [None] * len(levels) if labels is None else labels.split(most)
        parts = zip(x.split(most), levels, classes, strict=True)
        return torch.cat([self._answer(Call(denoiser, *part)) for part in parts])

    def _answer(self, call: Call) -> Tensor:
        self._call = call
        if self._dropped:  # looked at after the call is there: whichever thread is second sees the other
            raise CancelledError
        self.calls.add(call)
        x0 = call.x0.result()
        self.seconds += call.seconds
        self.pictures += len(x0)
        return x0
