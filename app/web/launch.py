"""How Gradio is loaded and launched. Nothing here imports Gradio or torch before their environment is set."""

import importlib.machinery
import importlib.util
import logging
import os
import socket
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from app.store.temporary import make_temporary_folder
from app.web.settings import Settings

ENVIRONMENT = {
    "GRADIO_ANALYTICS_ENABLED": "False",  # no call to anybody
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": "100",  # else the queue's statistics cost milliseconds after each event
    # torch's threads sleep while they wait for each other. Spinning, as they do otherwise, they take the cores from
    # the very thread that they wait for: with a second busy program on 2 cores 45 to 200 ms an evaluation, not 13.
    "OMP_WAIT_POLICY": "PASSIVE",
}
# A Space is behind proxies with private addresses, which say for whom they speak.
SPACE = {"FORWARDED_ALLOW_IPS": "127.0.0.1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"}
MAX_WAITING_EVENTS = 64
MAX_THREADS = 200  # an event that waits for its turn holds one of Gradio's slots
LOUD = ("uvicorn.error", "python_multipart")  # loggers that warn of each request that is no HTTP, or no form
MAX_SESSIONS = 500  # that Gradio remembers; each without its values (app/web/border/sessions.py)


class AddressError(Exception):
    """The address or the port cannot be used, in a sentence."""


class _StubsOff:
    """An import hook for one module of Gradio, which writes type stubs for each component class while it is imported.

    That is 1 s of start-up and a stray .pyi file beside our own components. Should Gradio move the function, the
    hook changes nothing.
    """

    @staticmethod
    def find_spec(name: str, path: Any, target: ModuleType | None = None):
        if name != "gradio.component_meta":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_without_stubs(module: ModuleType) -> None:
                execute(module)
                if "create_or_modify_pyi" in vars(module):
                    vars(module)["create_or_modify_pyi"] = lambda *args, **kwargs: None

            # The loader is of this import alone.
            spec.loader.exec_module = execute_without_stubs  # type: ignore[method-assign]
        return spec


def prepare_import() -> None:
    """Set what Gradio and torch read when they are imported. For entry points alone: the whole process changes."""
    space = os.environ.get("SYSTEM") == "spaces"
    for name, value in (ENVIRONMENT | (SPACE if space else {})).items():
        os.environ.setdefault(name, value)
    if "GRADIO_TEMP_DIR" not in os.environ:  # uploads of this process alone, gone when it ends
        os.environ["GRADIO_TEMP_DIR"] = str(make_temporary_folder())
    if _StubsOff not in sys.meta_path:
        sys.meta_path.insert(0, _StubsOff)


def check_address(host: str | None, port: int | None) -> int | None:
    """The port to ask Gradio for: a free one if `port` is 0, the given one if it is free, None for None.

    Raises AddressError.
    """
    name = host or os.environ.get("GRADIO_SERVER_NAME") or "127.0.0.1"
    try:
        family, kind, _, _, address = socket.getaddrinfo(name.strip("[]"), port or 0, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as trial:
            if os.name == "posix":  # as the server does: a port of a program that just ended is free
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
            return None if port is None else trial.getsockname()[1]
    except OSError as error:
        if isinstance(error, socket.gaierror) or not port:
            raise AddressError(
                f"{name} is not an address of this computer. Leave --host out, or give 0.0.0.0."
            ) from error
        raise AddressError(
            f"Port {port} cannot be used ({error.strerror}). Leave --port out to get the next free one."
        ) from error


def launch(page, settings: Settings, routes: Sequence[Any], listeners: Any, **look: Any) -> tuple[str, str | None]:
    """Serve the page (a gr.Blocks) in the background; returns its address and the public one, if asked for.

    `routes` are Starlette routes in front of Gradio's own, `listeners` those of the border, `look` is what Gradio takes
    at launch for theme and style.
    Raises AddressError.
    """
    from app.web.border.budgets import Budgets
    from app.web.border.connections import Connections, bounded_protocol
    from app.web.border.guarded_app import guarded_app

    budgets = Budgets(settings.limits)
    page.queue(max_size=MAX_WAITING_EVENTS, api_open=False)
    try:
        _, address, public = page.launch(
            server_name=settings.host,
            server_port=check_address(settings.host, settings.port),
            share=settings.share,
            prevent_thread_lock=True,
            quiet=True,
            run_history=False,  # else each stroke is written into the visitor's local storage
            max_threads=MAX_THREADS,
            state_session_capacity=MAX_SESSIONS,
            allowed_paths=[],
            show_error=False,
            enable_monitoring=False,
            ssr_mode=False,
            pwa=False,
            mcp_server=importlib.util.find_spec("mcp") is not None,  # with gradio[mcp] the endpoints are tools
            footer_links=[],
            _frontend=False,  # no look at its own address first, which on a busy machine ends the start after 3 s
            _app=guarded_app(routes, budgets, listeners, local=settings.local),
            **look,
        )
        page.server.config.http_protocol_class = bounded_protocol(Connections(settings.limits), budgets)
        _silence()
    except OSError as error:
        raise AddressError("No port from 7860 to 7959 is free. Close a program, or choose one with --port.") from error
    return address, public


def _silence() -> None:
    """Strangers' mistakes are not logged: a line for each would fill a disk. For when uvicorn has set its levels."""
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.ERROR)
