"""Blocks of work through Ray Data: workers that keep what they need take one block after the other.

A worker that dies is started again, and its block is given to whoever is free. A block that has cost several workers
their lives is given up, so that the others go on.
"""

import json
import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from types import ModuleType
from typing import Any, TypeVar

from app.cluster.connect import connect, disconnect, part_of
from app.cluster.tries import Tries
from core.errors import OnestrokeError, RequestError

B = TypeVar("B", bound=Sequence)

TRIES = 4  # of a block
Begin = Callable[[], Callable[[Any], list[dict]]]  # in a worker: returns the function from a block to its reports


def each_block(
    blocks: Sequence[B], begin: Begin, *, address: str, workers: int | None, threads: int, gpus: bool
) -> Generator[tuple[B, list[dict] | None], None, None]:
    """Yields each block with its reports, which are JSON, as they are done; None for one that was given up.

    workers: None for as many as have a GPU each, or else the threads. gpus: whether they may use the GPUs. Raises
    RequestError where Ray is not installed, where there is no cluster, and for what `begin` refuses in a worker.
    """
    try:
        ray = connect(address)
        for row in _rows(ray, blocks, begin, _share(ray, workers, threads, gpus)):
            if row["refusal"]:
                raise RequestError(row["refusal"])
            if row["fault"]:
                raise RuntimeError(f"In a worker:\n{row['fault']}")
            yield blocks[row["number"]], json.loads(row["reports"])
    finally:
        disconnect()


def _rows(ray: ModuleType, blocks: Sequence[B], begin: Begin, share: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What `Worker` returns for each block."""
    import ray.data

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars, context.print_on_execution_start = False, False
    tries = ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1)(Tries).remote()
    items = [{"number": number, "block": block} for number, block in enumerate(blocks)]
    data = ray.data.from_items(items, override_num_blocks=len(items))  # a block is what is tried again
    return data.map(Worker, fn_constructor_args=(begin, tries), **share).iter_rows()


def _share(ray: ModuleType, workers: int | None, threads: int, gpus: bool) -> dict[str, Any]:
    """How many workers there are, and which share of the cluster each has, as options of `Dataset.map`."""
    import ray.data

    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    cores = sum(node.get("CPU", 0) for node in nodes)
    cards = sum(node.get("GPU", 0) for node in nodes) if gpus else 0
    room = sum(int(node.get("CPU", 0) // threads) for node in nodes)
    count = workers or max(int(cards) or room, 1)
    return {
        "compute": ray.data.ActorPoolStrategy(size=count, max_tasks_in_flight_per_actor=1),
        "num_cpus": threads if count <= room else part_of(cores, count),
        "num_gpus": part_of(cards, count),
    }


class Worker:
    """What Ray Data keeps in each worker."""

    def __init__(self, begin: Begin, tries: Any):
        """tries: the handle of a `Tries`.

        What `begin` refuses is told with the first block. Raised, it would have Ray Data try again for ever.
        """
        self._refusal, self._tries = "", tries
        try:
            self._work = begin()
        except OnestrokeError as error:
            self._refusal = str(error)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """The reports of a block, null if it was begun too often; or a refusal, or a fault as Python prints it."""
        answer = {"number": row["number"], "reports": "null", "refusal": self._refusal, "fault": ""}
        try:
            if not self._refusal and _begun(self._tries, row["number"]) <= TRIES:
                answer["reports"] = json.dumps(self._work(row["block"]))
        except Exception:
            answer["fault"] = traceback.format_exc()
        return answer


def _begun(tries: Any, number: int) -> int:
    import ray

    return ray.get(tries.begin.remote(number))
