"""The way from what the page's scripts trigger to the functions of `PageEvents`, and from there to the scripts.

A request is one value (app/web/values.py): its component's. The script is the guard that lets one request through at a
time. Gradio's own guard would hold everything back behind a call that was lost on the way; the script gives up on it
after its deadline.
"""

from collections.abc import Awaitable, Callable
from typing import Any

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
    event(function, component, channel, queue=queue, **QUIET).failure(fn=None, js=broke)


def wire_settings(controls: Controls, component: Any) -> None:
    """The script writes its settings into Gradio's controls. No server is asked."""
    names = ", ".join(f"w.{name}" for name in controls.by_name)
    task = f"onestroke.task('{controls.task}')"
    write = f"() => {{ const w = {task}.wanted; return [{names}]; }}"
    outputs = list(controls.by_name.values())
    component.settings(fn=None, js=write, outputs=outputs).then(fn=None, js=f"() => {{ {task}.written(); }}")


def server_functions(*methods: Callable[[Any], Awaitable[Any]]) -> list[Callable]:
    """What a component's script may call. Plain functions: Gradio marks them, and a bound method takes no mark."""
    return [_plain(method) for method in methods]


def _plain(method: Callable[[Any], Awaitable[Any]]) -> Callable:
    async def function(message: Any) -> Any:
        return await method(message)

    function.__name__ = method.__name__
    return function
