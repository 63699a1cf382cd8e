"""Gradio's sessions without the copies of what went in and out, kept for its deep links: megabytes for an edit."""

from typing import Any

from gradio.state_holder import SessionState, StateHolder


class ForgetfulSessions(StateHolder):
    """Sessions that keep no values. There are no deep links here (entrances.py)."""

    def __getitem__(self, session_id: str) -> SessionState:
        state = super().__getitem__(session_id)
        state._update_value_in_config = _forget  # type: ignore[method-assign]
        return state


def _forget(key: int, value: Any) -> None:
    """In place of SessionState's own, whose values nobody reads."""
