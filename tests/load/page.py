"""The page as a program that speaks HTTP sees it: which numbers its events have, and what they are asked."""

import json
from dataclasses import dataclass
from typing import Any, Self

import httpx

RUN, JOIN, CALL_FUNCTION = "gradio_api/run/predict", "gradio_api/queue/join", "gradio_api/component_server"
JSON = {"content-type": "application/json"}


@dataclass(frozen=True)
class Page:
    """address: with a slash at its end. live, edit: numbers of events. paper, photo: numbers of the two canvases."""

    address: str
    live: int
    edit: int
    paper: int
    photo: int

    @classmethod
    def at(cls, address: str) -> Self:
        """Reads the page's configuration."""
        config = httpx.get(f"{address}config", timeout=60).json()
        canvases = {each["props"].get("elem_id"): each["id"] for each in config["components"]}
        events = {tuple(target): each["id"] for each in config["dependencies"] for target in each["targets"]}
        paper, photo = canvases["paint-canvas"], canvases["inpaint-canvas"]
        return cls(address, events[paper, "live"], events[paper, "edit"], paper, photo)

    def asked(self, event: int, value: Any, session: str = "s") -> bytes:
        """The body of a request for an event."""
        return json.dumps({"fn_index": event, "data": [value], "session_hash": session}).encode()

    def called(self, canvas: int, function: str, value: Any) -> bytes:
        """The body of a call of a canvas's function."""
        return json.dumps({"component_id": canvas, "fn_name": function, "data": value, "session_hash": "s"}).encode()


def visit(page: Page, address: str) -> httpx.AsyncClient:
    """A client that a proxy on this computer names as this address, with connections of its own."""
    limits = httpx.Limits(max_connections=30, max_keepalive_connections=30)
    headers = {"x-forwarded-for": address}
    return httpx.AsyncClient(base_url=page.address, headers=headers, timeout=60, limits=limits, trust_env=False)
