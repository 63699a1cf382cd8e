"""Which routes exist for the outside: Gradio has many more, for purposes that this page does not have.

Left out with a reason: `deep_link` stores a visitor's last answer where everybody can read it, `cancel` ends anybody's
run, `proxy=` and `file=http` fetch addresses, `/api/` is another name of `/run/`.
"""

import re
from dataclasses import dataclass
from typing import Literal

from app.web.border.limits import MEGABYTE
from app.web.border.refusal import NOT_HERE, Refusal

Kind = Literal["read", "json", "upload"]

MAX_LIVE = 600_000  # bytes; a painting of 256x256 has at most some 350,000 as a data URL
MAX_JSON = 4 * MEGABYTE  # a value with a mask and strokes as data URLs
MAX_UPLOAD = 65 * MEGABYTE  # one file of core.pictures.limits.MAX_BYTES with its headers


@dataclass(frozen=True)
class Entrance:
    """A route from outside. kind: whether it takes no body, JSON, or a file. cost: in requests, of the budget."""

    methods: tuple[str, ...]
    path: re.Pattern[str]
    kind: Kind = "read"
    max_body: int = 0
    cost: int = 1
    cached: bool = False  # the answer is the same for everybody


def _read(path: str, cost: int = 1, cached: bool = False) -> Entrance:
    return Entrance(("GET", "HEAD"), re.compile(path), cost=cost, cached=cached)


def _post(path: str, kind: Kind, max_body: int) -> Entrance:
    return Entrance(("POST",), re.compile(path), kind, max_body)


ENTRANCES = (
    _read(r"/", cost=5, cached=True),
    _read(r"/config", cost=5, cached=True),
    _read(r"/gradio_api/(info|openapi\.json)", cost=5, cached=True),
    _read(r"/(theme\.css|favicon\.ico|robots\.txt|manifest\.json|health|metrics)"),
    _read(r"/(assets|static|svelte)/[^\x00-\x1f]+"),
    _read(r"/onestroke/picture/[\w-]{1,64}"),
    _read(r"/onestroke/made/[a-z-]{1,32}\.webp"),
    _read(r"/gradio_api/(app_id|startup-events|login_check|token|user)/?"),
    _read(r"/gradio_api/queue/(data|status)"),
    _read(r"/gradio_api/heartbeat/[\w-]{1,64}"),
    _read(r"/gradio_api/upload_progress"),
    _read(r"/gradio_api/call/(v2/)?\w{1,40}/[\w-]{1,64}"),
    _read(r"/gradio_api/file=(?![a-zA-Z][\w+.-]*:/)[^\x00-\x1f]+"),
    _post(r"/gradio_api/run/\w{1,40}", "json", MAX_LIVE),
    _post(r"/gradio_api/(queue/join|component_server|call/(v2/)?\w{1,40})/?", "json", MAX_JSON),
    _post(r"/gradio_api/reset", "json", 10_000),
    _post(r"/gradio_api/upload", "upload", MAX_UPLOAD),
)
MCP = Entrance(("GET", "HEAD", "POST", "DELETE"), re.compile(r"/gradio_api/mcp(/[\w/-]*)?"), "json", MAX_JSON)


def entrance_of(method: str, path: str) -> Entrance:
    """The entrance for a request. Raises Refusal (404, 405) for any other method or path."""
    found = [entrance for entrance in (*ENTRANCES, MCP) if entrance.path.fullmatch(path)]
    if not found:
        raise Refusal(404, NOT_HERE)
    for entrance in found:
        if method in entrance.methods:
            return entrance
    raise Refusal(405, NOT_HERE)
