"""Threads for work on pictures that needs no model: decoding, composing, compressing. Addresses take turns at them."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from app.engine.turns import FairGate

THREADS = 2  # beside the model's; one large photo leaves room for a small one
MAX_WAITING = 64


class PicturePool:
    """A few threads and the line in front of them. Belongs to one event loop."""

    def __init__(self, threads: int = THREADS):
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="pictures")
        self._gate = FairGate(width=threads, max_waiting=MAX_WAITING)

    async def run(self, address: str, work: Callable, *arguments: Any) -> Any:
        """work(*arguments) on one of the threads, in the address's turn. Raises Busy, and what the work raises."""
        async with self._gate.own_turn(address):
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
