"""What the page is told of models, and what a person at this computer may do with them. Nothing here raises.

Only a person at this computer changes the model: everybody's pictures come from it, and it may be any file. Where
strangers are served, the page has none of the functions for it (app/web/tabs/models.py); here they are refused as well.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial, wraps
from pathlib import Path
from typing import Any

from app.engine.engine import Engine
from app.engine.loading import open_model
from app.installed import InstalledModels
from app.models import models_folder
from app.web.answers import error_sentence
from app.web.border.budgets import is_this_computer
from app.web.callers import NOBODY, Caller
from app.web.model_fetching import Fetching
from app.web.model_messages import about_message, installed_message
from core.card import ModelCard
from core.errors import RequestError
from core.open_model import read_card

NOT_YOURS = "Only a person at the computer that Onestroke runs on can change its models."
STILL_LOADING = "Another model is being loaded. Wait for it."
STILL_FETCHING = "Another model is being fetched. Wait for it, or stop it."
UNKNOWN = "This model is no longer there."
NO_PATH = "Type the path of a model: a file, or a folder that diffusers wrote."
MAX_PATH = 1000  # characters


def _for_the_owner(function: Callable) -> Callable:
    """The same for a person at this computer; errors, and others, get {"error": sentence}."""

    @wraps(function)
    async def guarded(self: "ModelDesk", message: Any, caller: Caller = NOBODY) -> dict:
        try:
            if not (self.local and is_this_computer(caller.address)):
                raise RequestError(NOT_YOURS)
            return await function(self, message if isinstance(message, dict) else {})
        except Exception as error:
            return {"error": error_sentence(error)}

    return guarded


class ModelDesk:
    """The models of an engine. It belongs to one event loop."""

    def __init__(
        self,
        engine: Engine,
        source: Path | None = None,
        *,
        local: bool = False,
        device: str = "auto",
        compiled: bool = False,
        fetching: Fetching | None = None,
    ):
        """source: of the model that the engine began with. local: whether a person at this computer may change it."""
        self.engine, self.local, self.device, self.compiled = engine, local, device, compiled
        self.fetching = fetching or Fetching()
        self.installed = InstalledModels()
        self.opened: list[Path] = [source] if source else []  # what was opened by its path
        self.source = source  # of the model in use
        self.loading = ""  # the name of the model that is being loaded
        self.trouble = ""  # why the last one was not, or was not fetched

    async def model_news(self, message: Any, caller: Caller = NOBODY) -> dict:
        """{"number": of the model that the page knows} to {"number", "changes"} and, if it is another, "about" it.

        changes: whether it may be another one some time.
        """
        used = self.engine.used
        known = message.get("number") if isinstance(message, dict) else None
        news = {"number": used.number, "changes": self.local}
        return news | ({"about": about_message(used)} if used.state == "ready" and known != used.number else {})

    @_for_the_owner
    async def models(self, message: dict) -> dict:
        """What is installed, and what is under way."""
        found = await asyncio.to_thread(self.installed.all, self.opened)
        current = self.source.resolve() if self.source else None
        listed = [installed_message(model, model.source.resolve() == current) for model in found]
        under_way = {"loading": self.loading, "trouble": self.trouble}
        return {"models": listed, "folder": str(models_folder()), **under_way, **self.fetching.messages()}

    @_for_the_owner
    async def use_model(self, message: dict) -> dict:
        """{"model": id}: begin to load it."""
        found = await asyncio.to_thread(self.installed.all, self.opened)
        chosen = next((model for model in found if model.id == message.get("model")), None)
        if chosen is None:
            raise RequestError(UNKNOWN)
        if chosen.card is None:
            raise RequestError(chosen.problem)
        return self._change(chosen.source, chosen.card)

    @_for_the_owner
    async def open_model_file(self, message: dict) -> dict:
        """{"path": typed in}: begin to load the model of a file or a folder."""
        path = message.get("path")
        if not isinstance(path, str) or not 0 < len(path.strip()) <= MAX_PATH or "\0" in path:
            raise RequestError(NO_PATH)
        source = Path(path.strip().strip("\"'")).expanduser()
        if not source.exists():
            raise RequestError(f"There is no file and no folder {source}.")
        card = await asyncio.to_thread(read_card, source)
        answer = self._change(source, card)
        self.opened.append(source)
        return answer

    @_for_the_owner
    async def fetch_model(self, message: dict) -> dict:
        """{"model": id of an offer}: begin to fetch it."""
        offer = next((offer for offer in self.fetching.offers if offer.id == message.get("model")), None)
        if offer is None:
            raise RequestError(UNKNOWN)
        if self.fetching.id:
            raise RequestError(STILL_FETCHING)
        self.trouble = ""
        loop = asyncio.get_running_loop()
        ended = self.fetching.start(offer)
        ended.add_done_callback(lambda future: loop.call_soon_threadsafe(self._fetched, future))
        return {"fetching": offer.id}

    @_for_the_owner
    async def stop_fetching(self, message: dict) -> dict:
        """What has arrived is kept, and goes on from there another time."""
        self.fetching.stop()
        return {}

    def _fetched(self, ended: Future[Path | None]) -> None:
        self.fetching.id = ""
        self.trouble = _trouble_of(ended) or self.trouble

    def _change(self, source: Path, card: ModelCard) -> dict:
        if self.loading:
            raise RequestError(STILL_LOADING)
        self.loading, self.trouble = card.name, ""
        changing = self.engine.change(
            card, partial(open_model, source, card, device=self.device, compiled=self.compiled)
        )
        loop = asyncio.get_running_loop()
        changing.add_done_callback(lambda ended: loop.call_soon_threadsafe(self._changed, source, ended))
        return {"loading": card.name}

    def _changed(self, source: Path, ended: Future[None]) -> None:
        self.loading, self.trouble = "", _trouble_of(ended)
        if not ended.cancelled() and not ended.exception():
            self.source = source


def _trouble_of(ended: Future) -> str:
    """What a person reads of how it ended; nothing if all is well."""
    error = None if ended.cancelled() else ended.exception()
    return error_sentence(error) if isinstance(error, Exception) else ""
