"""Gradio's page with errors as sentences. Gradio itself prints what an event raises, with all values that were sent."""

from typing import Any

import gradio as gr

from app.web.border.budgets import ACCOUNT, Account
from app.web.border.processor import metered
from app.web.border.refusal import FAILED, UNREADABLE
from app.web.border.sessions import PageConfig
from app.web.unexpected import report


class GuardedBlocks(gr.Blocks):
    """A page whose events raise gr.Error alone, which Gradio sends on and does not print."""

    def __init__(self, **named: Any):
        """As Gradio's own."""
        super().__init__(**named)
        self.default_config = PageConfig(self)

    async def process_api(self, *arguments: Any, **named: Any) -> dict[str, Any]:
        """Gradio's own. What nobody foresaw is reported, the first time in full.

        An event of the queue has a task of its own, so that its share of the event loop is charged here.
        """
        work = super().process_api(*arguments, **named)
        try:
            account = None if named.get("event_id") is None else _account(named.get("request"))
            return await (work if account is None else metered(work, account.use))
        except gr.Error:
            raise
        except Exception as error:
            report(error)
            raise gr.Error(FAILED, print_exception=False) from error

    def validate_inputs(self, block_fn: Any, inputs: list[Any]) -> None:
        """In place of Gradio's, whose error repeats all values."""
        if len(inputs) < len(block_fn.inputs):
            raise gr.Error(UNREADABLE, print_exception=False)


def _account(request: Any) -> Account | None:
    """Of the address that sent what Gradio received; None if no request of the border is behind it."""
    return getattr(getattr(request, "request", None), "scope", {}).get(ACCOUNT)
