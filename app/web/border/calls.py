"""Whether a call fits the page: the function, the component and the files that it names are there, and all its values.

Gradio finds this out while it works, and raises a dozen kinds of errors that look like the program's own.
"""

import re
from collections.abc import Callable
from functools import cached_property
from typing import Any

from gradio.blocks import BlockFunction, Blocks
from gradio.data_classes import ComponentServerJSONBody, FileData, PredictBody, SimplePredictBody
from gradio.utils import is_in_or_equal
from gradio_client.utils import construct_args

from app.store.temporary import temporary_folder
from app.web.border.refusal import UNREADABLE, Refusal

CALL = re.compile(r"/gradio_api/(?P<route>run|queue/join|call/v2|call|component_server)(/(?P<name>\w+))?/?")
TOKEN = "oauth_token"  # Gradio takes it out of what is sent


class Calls:
    """The functions and components of a page, for those who call them from outside. page: gives its Blocks."""

    def __init__(self, page: Callable[[], Blocks]):
        self.page = page

    def check(self, path: str, value: Any) -> None:
        """Raises Refusal for a JSON value, sent to this path, that is no call of the page. Others are not looked at."""
        call = CALL.fullmatch(path)
        if call is None:
            return
        try:
            _check_files(value)
            self._check(call["route"], call["name"], value)
        except (ValueError, TypeError, OSError) as error:  # pydantic's ValidationError; names that no system takes
            raise Refusal(400, UNREADABLE) from error

    def _check(self, route: str, name: str | None, value: Any) -> None:
        if route == "component_server":
            self._check_component(ComponentServerJSONBody.model_validate(value))
        elif route == "call/v2":
            self._check_parameters(name, value)
        elif route == "call":
            _check_count(self._named(name), SimplePredictBody.model_validate(value).data)
        else:
            self._check_function(name, PredictBody.model_validate(value), queued=route == "queue/join")

    def _check_function(self, name: str | None, body: PredictBody, *, queued: bool) -> None:
        """Raises Refusal also for what has to join the queue and does not, and for several calls in one."""
        if body.batched:
            raise Refusal(400, UNREADABLE)
        known = self._named(name) if body.fn_index is None else self.page().fns.get(body.fn_index)
        if known is not None and known.queue and not queued:
            raise Refusal(404, UNREADABLE)
        _check_count(known, body.data)

    def _named(self, name: str | None) -> BlockFunction | None:
        return next((fn for fn in self.page().fns.values() if name and fn.api_name == name), None)

    def _check_parameters(self, name: str | None, value: Any) -> None:
        """Values by the names of an endpoint's parameters. Raises Refusal, or TypeError if they are not its own."""
        endpoint = self._endpoints.get(f"/{name}")
        if endpoint is None:
            raise Refusal(404, UNREADABLE)
        if not isinstance(value, dict):
            raise Refusal(400, UNREADABLE)
        construct_args(endpoint["parameters"], (), {key: each for key, each in value.items() if key != TOKEN})

    @cached_property
    def _endpoints(self) -> dict[str, Any]:
        return self.page().get_api_info()["named_endpoints"]

    def _check_component(self, body: ComponentServerJSONBody) -> None:
        component = self.page().blocks.get(body.component_id)
        if not getattr(getattr(component, body.fn_name, None), "_is_server_fn", False):  # Gradio's mark
            raise Refusal(404, UNREADABLE)


def _check_count(called: BlockFunction | None, values: list) -> None:
    """Raises Refusal for a function that is not there, or runs in the browser alone, and for too few values."""
    if called is None or called.fn is None:
        raise Refusal(404, UNREADABLE)
    if len(values) < len(called.inputs):
        raise Refusal(400, UNREADABLE)


def _check_files(value: Any) -> None:
    """Raises Refusal for a file that was not uploaded, ValidationError for half a description of one."""
    for inner in value if isinstance(value, list) else value.values() if isinstance(value, dict) else ():
        _check_files(inner)
    is_file = isinstance(value, dict) and isinstance(value.get("path"), str) and "meta" in value
    if is_file and not is_in_or_equal(FileData.model_validate(value).path, temporary_folder()):
        raise Refusal(400, UNREADABLE)
