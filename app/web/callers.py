"""Who sends a request, as far as a server can know: the address that pays for it, and the session that waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.web.border.budgets import address_of

if TYPE_CHECKING:
    import gradio as gr


@dataclass(frozen=True)
class Caller:
    """address: see app/web/border/budgets.py; "" is never bounded. session: of Gradio; None if nobody waits there."""

    address: str = ""
    session: str | None = None


NOBODY = Caller()


def caller_of(request: gr.Request) -> Caller:
    """The sender of what Gradio received. A component's server function gets the request without a session."""
    client = request.client
    return Caller(address_of((client.host, client.port)) if client else "", getattr(request, "session_hash", None))
