"""What a page needs of the program behind it. `app/web/events.py` is the real one; tests have their own."""

from collections.abc import AsyncIterator
from typing import Any, Protocol

from app.web.border.listeners import Listeners
from app.web.callers import Caller
from app.web.model_desk import ModelDesk
from app.web.picture_pool import PicturePool
from core.pictures.reader import PictureReader


class PageEvents(Protocol):
    """The functions that the page's components call. Each takes one plain value and who sent it. None of them raises.

    An event that raises is one whose picture never comes, so errors are answers too.
    """

    @property
    def pictures(self) -> PictureReader:
        """Decodes the files that visitors and scripts send."""

    @property
    def pool(self) -> PicturePool:
        """Threads for work on pictures."""

    @property
    def listeners(self) -> Listeners:
        """Who waits for answers."""

    @property
    def models(self) -> ModelDesk:
        """What the page is told of models, and what it may do with them."""

    def answers(self, value: Any, caller: Caller) -> AsyncIterator[dict]:
        """To what the page asks for (app/web/values.py): an answer after each evaluation."""

    async def live(self, value: Any, caller: Caller) -> dict:
        """The same as one answer, for a request of one evaluation."""

    async def newest(self, message: Any, caller: Caller) -> None:
        """The page has come to this seq."""

    async def cancel(self, message: Any, caller: Caller) -> None:
        """The page wants nothing more of this seq and what came before."""

    async def queue_position(self, message: Any, caller: Caller) -> dict:
        """{"queue_position": n}, 0 for who does not wait."""

    async def open_photo(self, message: Any, caller: Caller) -> dict:
        """{"photo": id, "width", "height", "view", "grey"} or {"error"}."""

    async def photo_strokes(self, message: Any, caller: Caller) -> dict:
        """{"image": data URL} or {"error"}."""
