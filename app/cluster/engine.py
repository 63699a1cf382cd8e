"""The engine of a page process whose model is in Ray. Turns, what is still wanted and progress are as without Ray."""

from collections.abc import Callable
from concurrent.futures import CancelledError, InvalidStateError
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import torch

from app.cluster.connect import LOCAL, check_installed, connect, disconnect, import_ray
from app.engine.engine import Engine
from app.engine.loading import warm_up
from app.engine.meters import EVALUATIONS, MODEL_SECONDS, PICTURES
from app.engine.sharing import Call
from core.card import ModelCard

if TYPE_CHECKING:  # Ray takes a second to be imported: the page is shown meanwhile
    from app.cluster.remote_model import RemoteDenoiser, RemoteModel


def ray_engine(
    source: Path,
    card: ModelCard,
    *,
    address: str = LOCAL,
    replicas: int | None = None,
    device: str = "auto",
    compiled: bool = False,
    places: int | None = None,
) -> "Engine[RemoteModel]":
    """An engine for the model of a file, a folder or a Hub id, which replicas in the cluster hold.

    address: see `connect`. replicas, device, compiled: see app/cluster/serving.py. places: see `Engine`.
    Raises RequestError where Ray is not installed; the engine's model fails where there is no cluster.
    """
    check_installed()

    def open_model() -> "RemoteModel":
        import_ray("serve")
        connect(address)
        from app.cluster.serving import opener, remote_model

        return remote_model(card, opener(source, device=device, compiled=compiled), replicas)

    return Engine(card, open_model, warm_up=warm_up, places=places, calls=RemoteCalls())


class RemoteCalls:
    """The calls of an engine whose model is a `RemoteModel`: in place of `Sharing`, which stands in each replica."""

    def add(self, call: Call) -> None:
        """Put the question of a call to a replica, and wait for the answer. `x0` ends as in `Sharing.add`."""
        asked = cast("RemoteDenoiser", call.denoiser).ask(call.x, call.sigma, call.labels)
        call.x0.add_done_callback(lambda x0: asked.cancel() if x0.cancelled() else None)
        try:
            estimate = asked.result()
        except (Exception, CancelledError) as error:
            _end(call.x0.set_exception, error)
            return
        EVALUATIONS.inc()
        PICTURES.inc(len(call.x))
        MODEL_SECONDS.inc(estimate.seconds)
        call.seconds = estimate.seconds
        _end(call.x0.set_result, torch.tensor(estimate.x0))

    def close(self) -> None:
        """Leave the cluster. What waits for it ends with an error."""
        disconnect()


def _end(end: Callable[[Any], None], how: Any) -> None:
    """End a future, unless it was cancelled while the answer was on its way."""
    with suppress(InvalidStateError):
        end(how)
