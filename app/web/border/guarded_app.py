"""Gradio's application with the guard around all of it, its own middleware included."""

from collections.abc import Sequence

from gradio.routes import App, ORJSONResponse
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from app.web.border.budgets import Budgets
from app.web.border.calls import Calls
from app.web.border.guard import Guard
from app.web.border.listeners import Listeners


def guarded_app(routes: Sequence[BaseRoute], budgets: Budgets, listeners: Listeners, *, local: bool) -> App:
    """An application for `Blocks.launch`. routes: come before Gradio's. local: see Guard."""

    class GuardedApp(App):
        def build_middleware_stack(self) -> ASGIApp:
            return Guard(super().build_middleware_stack(), Calls(self.get_blocks), budgets, listeners, local=local)

    return GuardedApp(routes=list(routes), default_response_class=ORJSONResponse)
