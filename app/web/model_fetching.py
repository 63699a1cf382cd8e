"""A download of a published model, on a thread of its own: one at a time."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from app.models import models_folder
from core.model_hub import OFFERS, Offer, Stopped, fetch

Fetch = Callable[[str, Path, Callable[[int, int], None], threading.Event], Path]


class Fetching:
    """What is being fetched. fetch: as core's, for tests."""

    def __init__(self, offers: tuple[Offer, ...] = OFFERS, fetch: Fetch = fetch):
        self.offers, self._fetch = offers, fetch
        self.id = ""  # of the model that is on its way
        self.done = self.size = 0  # bytes
        self._stop = threading.Event()

    def start(self, offer: Offer) -> Future[Path | None]:
        """Begin. The future ends with the folder, with None if it was stopped, or with an error."""
        self.id, self.done, self.size = offer.id, 0, offer.size
        self._stop = threading.Event()
        ended: Future[Path | None] = Future()
        # A daemon: the end of the program does not wait for a connection, and what has arrived is kept.
        threading.Thread(target=self._run, args=(offer, self._stop, ended), daemon=True).start()
        return ended

    def stop(self) -> None:
        """End it at the next bytes that arrive."""
        self._stop.set()

    def messages(self) -> dict[str, Any]:
        """What the page is told: the models that can be fetched, and how far the one is that is on its way."""
        offers = [offer_message(offer) for offer in self.offers]
        way = {"id": self.id, "done": self.done, "size": self.size, "stops": self._stop.is_set()} if self.id else None
        return {"offers": offers, "fetching": way}

    def _run(self, offer: Offer, stop: threading.Event, ended: Future[Path | None]) -> None:
        try:
            ended.set_result(self._fetch(offer.id, target_of(offer), self._heard, stop))
        except Stopped:
            ended.set_result(None)
        except Exception as error:
            ended.set_exception(error)

    def _heard(self, done: int, size: int) -> None:
        self.done, self.size = done, size


def target_of(offer: Offer) -> Path:
    """The folder that a model is fetched into."""
    return models_folder() / offer.name


def offer_message(offer: Offer) -> dict[str, Any]:
    """What the page is told of a model that can be fetched."""
    said = {"id": offer.id, "name": offer.name, "size": offer.size, "side": offer.side, "licence": offer.licence}
    about = {"description": offer.description, "limits": offer.limits}
    return said | about | {"here": target_of(offer).exists()}
