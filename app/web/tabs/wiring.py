"""The way from what the page's scripts trigger to the functions of `PageEvents`, and from there to the scripts.

A request is one value (app/web/values.py): its component's. The script is the guard that lets one request through at a
time. Gradio's own guard would hold everything back behind a call that was lost on the way; the script gives up on it
after its deadline.
"""

import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

import gradio as gr

from app.web.callers import Caller, caller_of
from app.web.components import Channel
from app.web.tabs.controls import Controls

QUIET: dict[str, Any] = {
    "show_progress": "hidden",
    "api_visibility": "private",
    "concurrency_limit": None,
    "trigger_mode": "multiple",
}


def build_channel(task: str, name: str, topic: str = "answer") -> Channel:
    """Where answers come in: invisible, inside the current context."""
    return Channel({"seq": 0}, topic, task=task, elem_id=f"{task}-{name}", elem_classes="os-hidden")


def wire_request(
    event: Callable[..., Any],
    function: Callable,
    component: Any,
    channel: Channel,
    *,
    loop: str = "loop",
    queue: bool = True,
) -> None:
    """A component's event calls `function` with the component's value; the answers go into the channel.

    Where the call breaks, the task's `loop` hears of it: "loop", or "batch" for several photos.
    """
    broke = f"() => onestroke.task('{channel.props['task']}').{loop}.broke()"
    event(with_caller(function), component, channel, queue=queue, **QUIET).failure(fn=None, js=broke)


def wire_settings(controls: Controls, component: Any) -> None:
    """The script writes its settings into Gradio's controls. No server is asked."""
    names = ", ".join(f"w.{name}" for name in controls.by_name)
    task = f"onestroke.task('{controls.task}')"
    write = f"() => {{ const w = {task}.wanted; return [{names}]; }}"
    outputs = list(controls.by_name.values())
    component.settings(fn=None, js=write, outputs=outputs).then(fn=None, js=f"() => {{ {task}.written(); }}")


def server_functions(*methods: Callable[[Any, Caller], Awaitable[Any]]) -> list[Callable]:
    """What a component's script may call. Plain functions: Gradio marks them, and a bound method takes no mark."""
    return [with_caller(method) for method in methods]


def with_caller(method: Callable[[Any, Caller], Any]) -> Callable:
    """A function for Gradio, of one value and the request that brought it."""

    async def function(value: Any, request: gr.Request) -> Any:
        return await method(value, caller_of(request))

    async def generator(value: Any, request: gr.Request) -> AsyncGenerator[Any, None]:
        async with aclosing(method(value, caller_of(request))) as answers:
            async for answer in answers:
                yield answer

    made = generator if inspect.isasyncgenfunction(method) else function
    made.__name__ = method.__name__
    return made
