"""Gradio's page with errors as sentences. Gradio itself prints what an event raises, with all values that were sent."""

from typing import Any

import gradio as gr

from app.web.border.refusal import FAILED, UNREADABLE
from app.web.unexpected import report


class GuardedBlocks(gr.Blocks):
    """A page whose events raise gr.Error alone, which Gradio sends on and does not print."""

    async def process_api(self, *arguments: Any, **named: Any) -> dict[str, Any]:
        """Gradio's own. What nobody foresaw is reported, the first time in full."""
        try:
            return await super().process_api(*arguments, **named)
        except gr.Error:
            raise
        except Exception as error:
            report(error)
            raise gr.Error(FAILED, print_exception=False) from error

    def validate_inputs(self, block_fn: Any, inputs: list[Any]) -> None:
        """In place of Gradio's, whose error repeats all values."""
        if len(inputs) < len(block_fn.inputs):
            raise gr.Error(UNREADABLE, print_exception=False)
