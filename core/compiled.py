"""A network whose compiled form takes over where it is ready, right and faster: `--compile`.

torch.compile takes minutes, so it works behind the first pictures, on a thread of its own, for each of the first shapes
that are asked for. Until it is done the network answers as it is; so it does for ever where the compiled form fails,
where its picture differs or where it is not faster, as measured in turns.

The thread that compiles evaluates the compiled form, too: CUDA graphs belong to the thread that recorded them. On a CPU
the compiler gets plain convolutions and packs them itself: it cannot read packed weights (core/packed.py), and stops at
each of them.
"""

import copy
import os
import shutil
import sys
import time
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from itertools import chain
from math import log10
from queue import SimpleQueue
from statistics import median
from threading import Lock, Thread
from typing import Any

import torch
from torch import Tensor

from core.compile_cache import use_compile_cache
from core.errors import OnestrokeError, RequestError
from core.network_base import Network, at_once
from core.packed import unpack_convolutions

MOST_SHAPES = 4  # that are compiled; each takes time and memory
WARM = 2  # calls: the first one compiles, the second one records CUDA graphs
PAIRS = 5  # of evaluations, one as it is and one compiled, that are compared
FASTER = 0.95  # of the time, at most
HOW: dict[str, dict[str, Any]] = {"cuda": {"mode": "reduce-overhead"}, "cpu": {"options": {"freezing": True}}}
LEAST_PSNR = 40.0  # dB
NO_COMPILER = "There is no C++ compiler ({}), so the model is not compiled."

Inputs = Sequence[Tensor | None]
Evaluate = Callable[..., Tensor]


def compile_behind(network: Network, tell: Callable[[str], None]) -> None:
    """Let a network for inference be compiled from its next evaluation on. tell: hears in a sentence how it went."""
    try:
        _check_compiler(next(network.parameters()).device)
        use_compile_cache()
    except OnestrokeError as error:
        tell(str(error))
    else:
        network.evaluate = CompiledBehind(network.evaluate, tell)


def _check_compiler(device: torch.device) -> None:
    compiler = os.environ.get("CXX") or {"darwin": "clang++", "win32": "cl"}.get(sys.platform, "g++")
    if device.type == "cpu" and shutil.which(compiler) is None:
        raise RequestError(NO_COMPILER.format(compiler))


def compiled_twin(network: Network) -> Network:
    """A network of the same weights whose `compiled_modules` are compiled at its first evaluation.

    The weights are held once, but on a CPU: there the compiler wants plain ones, which it packs itself (`freezing`).
    """
    device = next(network.parameters()).device.type
    shared = {id(tensor): tensor for tensor in chain(network.parameters(), network.buffers())}
    twin = copy.deepcopy(network, {**shared, id(network.evaluate): at_once})
    unpack_convolutions(twin)
    for part in twin.compiled_modules():
        part.compile(dynamic=False, **HOW.get(device, {}))
    return twin


class CompiledBehind:
    """Evaluates batches as `evaluate` does, or by the compiled form, for shapes for which that has proved better."""

    def __init__(
        self,
        evaluate: Evaluate,
        tell: Callable[[str], None],
        *,
        compiler: Callable[[Network], Evaluate] = compiled_twin,
        clock: Callable[[], float] = time.perf_counter,
    ):
        """evaluate: (network, inputs, guidance=..) -> F. compiler: makes the compiled form, which may compile at its
        first call.
        """
        self._evaluate, self._tell, self._compiler, self._clock = evaluate, tell, compiler, clock
        self._better: dict[Hashable, bool] = {}  # whether the compiled form is, by shape; False until it is known
        self._compiled: Evaluate | None = None

    def __call__(self, network: Network, inputs: Inputs, *, guidance: float = 0.0) -> Tensor:
        """F [B,C,H,W] of inputs [B,...], as `Network.evaluate`."""
        assert inputs[0] is not None
        shape = (inputs[0].shape, tuple(each is None for each in inputs), guidance)
        if self._better.get(shape) and not COMPILER.compiling:
            try:
                return COMPILER.run(self._compiled_answer, inputs, guidance).result()
            except Exception as error:
                self._better[shape] = False
                self._tell(_failed(error))
        answer = self._evaluate(network, inputs, guidance=guidance)
        if shape not in self._better and len(self._better) < MOST_SHAPES:
            self._better[shape] = False
            COMPILER.compile(self._compile, network, inputs, guidance, shape)
        return answer

    def _compile(self, network: Network, inputs: Inputs, guidance: float, shape: Hashable) -> None:
        """On the thread: compile, judge, and say it."""
        try:
            if self._compiled is None:
                self._compiled = self._compiler(network)
            self._better[shape], sentence = self._judged(network, inputs, guidance)
        except Exception as error:
            self._better[shape], sentence = False, _failed(error)
        self._tell(sentence)

    def _judged(self, network: Network, inputs: Inputs, guidance: float) -> tuple[bool, str]:
        """Whether the compiled form is to be used for such inputs, and what is told of it."""
        with torch.inference_mode():
            exact = self._evaluate(network, inputs, guidance=guidance)
            for _ in range(WARM):
                self._compiled_answer(inputs, guidance)
            near = _psnr(self._compiled_answer(inputs, guidance), exact)
            if not near >= LEAST_PSNR:
                return False, f"The compiled model makes other pictures ({near:.0f} dB), so it is not used."
            pairs = [self._pair(network, inputs, guidance) for _ in range(PAIRS)]
        ratio = median(compiled / plain for plain, compiled in pairs)
        pictures = f"{len(exact)} picture{'s' if len(exact) > 1 else ''} at once"
        if ratio > FASTER:
            return False, f"For {pictures} the compiled model is not faster ({ratio:.2f} of the time): it is not used."
        return True, f"For {pictures} the compiled model is used: it takes {ratio:.2f} of the time."

    def _pair(self, network: Network, inputs: Inputs, guidance: float) -> tuple[float, float]:
        """Seconds of the network as it is, and compiled, one after the other: other work affects both alike."""
        began = self._clock()
        _complete(self._evaluate(network, inputs, guidance=guidance))
        between = self._clock()
        _complete(self._compiled_answer(inputs, guidance))
        return between - began, self._clock() - between

    def _compiled_answer(self, inputs: Inputs, guidance: float) -> Tensor:
        """On the thread: F of the compiled form, in memory of its own: a CUDA graph always writes to one place."""
        assert self._compiled is not None
        with torch.inference_mode():
            if torch.cuda.is_initialized():
                torch.compiler.cudagraph_mark_step_begin()
            return at_once(self._compiled, inputs, guidance=guidance).clone()


def _complete(answer: Tensor) -> None:
    """Wait until the answer is there: otherwise the time is that of the launch."""
    if answer.device.type != "cpu":
        torch.accelerator.synchronize(answer.device)


def _psnr(answer: Tensor, exact: Tensor) -> float:
    """Of F, in dB, for a range of 2: c_out is at most 1/2, so pictures are nearer by 6 dB or more."""
    error = (answer - exact).square().mean().item()
    return -10 * log10(error / 4) if error > 0 else float("inf") if error == 0 else float("nan")


def _failed(error: Exception) -> str:
    return f"The model cannot be compiled here ({type(error).__name__}): it goes on without."


class CompilerThread:
    """The one thread of this process that compiles, and evaluates what is compiled. Nobody waits for it at the end.

    One for all models: torch prepares CUDA graphs for the first thread that asks for them, and for no other.
    """

    def __init__(self) -> None:
        self.compiling = 0  # tasks that are compiled or wait for it: an evaluation would wait as long
        self._tasks: SimpleQueue[tuple[Future, Callable, tuple]] = SimpleQueue()
        self._start = Lock()
        self._thread: Thread | None = None

    def run(self, function: Callable[..., Any], *arguments: Any) -> Future:
        """The future of function(*arguments), after what was asked for before."""
        with self._start:
            if self._thread is None:
                self._thread = Thread(target=self._work, name="compiler", daemon=True)
                self._thread.start()
        future: Future = Future()
        self._tasks.put((future, function, arguments))
        return future

    def compile(self, function: Callable[..., Any], *arguments: Any) -> Future:
        """The same for a task of minutes."""
        self.compiling += 1
        future = self.run(function, *arguments)
        future.add_done_callback(self._compiled)
        return future

    def _compiled(self, future: Future) -> None:
        self.compiling -= 1

    def _work(self) -> None:
        while True:
            future, function, arguments = self._tasks.get()
            try:
                future.set_result(function(*arguments))
            except BaseException as error:
                future.set_exception(error)
            del future, function, arguments  # else they are held until the next task comes


COMPILER = CompilerThread()
