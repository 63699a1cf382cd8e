"""Gradio's sessions without descriptions of the page's components, which it makes for its deep links.

To make them takes 20 ms of the event loop for each new session, whose name a stranger invents. Later they hold copies
of what went in and out, megabytes for an edit. There are no deep links here (entrances.py).
"""

from typing import Any

from gradio.blocks import BlocksConfig


class PageConfig(BlocksConfig):
    """The components and events of a page. Each session has a copy of it, which shares them."""

    def __copy__(self) -> BlocksConfig:
        copied = SessionConfig(self.root_block)
        vars(copied).update(vars(super().__copy__()))
        return copied


class SessionConfig(BlocksConfig):
    """A session's copy."""

    @staticmethod
    def config_for_block(*arguments: Any, **named: Any) -> dict[str, Any]:
        """In place of Gradio's own: a description without properties, which therefore takes no values."""
        return {}
