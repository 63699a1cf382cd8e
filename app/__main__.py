"""`python -m app`: reads the options, loads page and model at the same time, and serves until Ctrl-C."""

import argparse
import contextlib
import importlib
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from app import __version__
from app.counts import count
from app.models import COMPILE_HELP, DEFAULT_MODEL, MODEL_HELP, model_path
from app.web.border.origins import is_local
from app.web.launch import AddressError, launch, prepare_import
from app.web.settings import Settings

if TYPE_CHECKING:
    from app.engine.engine import Engine
    from core.card import ModelCard

ENGINE_HELP = "here, in this process, or ray: replicas on any number of machines hold the model (docs/scale.md)"
SWEEP_S = 60.0  # seconds between two looks at what was kept for half an hour
END_S = 8.0  # seconds in which the process ends


def main(arguments: Sequence[str] | None = None, *, program: str = "python -m app") -> int:
    """Returns the exit code. Nothing heavy is imported before the arguments are understood.

    program: how a person starts it, for the help.
    """
    settings = parse(arguments, program)
    _end_as_by_ctrl_c()
    try:
        return serve(settings)
    except KeyboardInterrupt:
        print("\nStopped.")
        return 0


def parse(arguments: Sequence[str] | None = None, program: str = "python -m app") -> Settings:
    """The settings on the command line; prints help and exits where argparse does."""
    parser = argparse.ArgumentParser(program, description="Onestroke: paint a few strokes, see a bedroom.")
    parser.add_argument("--model", default=DEFAULT_MODEL, help=MODEL_HELP)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 or mps (auto)")
    parser.add_argument("--compile", action="store_true", help=COMPILE_HELP)
    parser.add_argument("--host", help="the address to listen on (this computer alone); 0.0.0.0 for the network")
    parser.add_argument("--port", type=_port, help="0 takes any free port (the first free one from 7860 on)")
    parser.add_argument("--share", action="store_true", help="also make a public address, through Gradio's servers")
    parser.add_argument(
        "--public",
        action=argparse.BooleanOptionalAction,
        help="bound what each visitor may ask (with --share, on a Space, and where --host is not this computer alone)",
    )
    parser.add_argument("--metrics", action="store_true", help="figures for Prometheus at /metrics")
    parser.add_argument("--engine", choices=("here", "ray"), default="here", help=ENGINE_HELP)
    parser.add_argument("--address", default="local", help="of the Ray cluster: auto, or HOST:PORT (one of its own)")
    parser.add_argument("--replicas", type=count, help="of the model in Ray (as many as there is work for)")
    parser.add_argument("--no-live", dest="live", action="store_false", help="pictures only when asked for")
    parser.add_argument("--version", action="version", version=f"Onestroke {__version__}")
    options = vars(parser.parse_args(arguments))
    public = _serves_strangers(options) if options["public"] is None else options["public"]
    return Settings(**options | {"model": model_path(options["model"]), "public": public})


def _serves_strangers(options: dict[str, Any]) -> bool:
    host = options["host"] or os.environ.get("GRADIO_SERVER_NAME")
    return options["share"] or os.environ.get("SYSTEM") == "spaces" or not is_local(host)


def serve(settings: Settings) -> int:
    """Start, then wait for the end. Returns 1, after a message, if the address or the model cannot be used."""
    print(f"Onestroke {__version__}")
    began = time.perf_counter()
    _import_spaces()
    prepare_import()
    threading.Thread(target=importlib.import_module, args=("core",)).start()  # torch, beside Gradio
    importlib.import_module("gradio")
    from core.console import unbreakable_output
    from core.errors import OnestrokeError

    try:
        with unbreakable_output():
            _serve(settings, began)
    except (AddressError, OnestrokeError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


def _serve(settings: Settings, began: float) -> None:
    """Serves the page while the model loads. Raises AddressError and OnestrokeError; ends by KeyboardInterrupt."""
    from app.engine.loading import describe
    from app.store.temporary import temporary_folder
    from app.store.uploads import Uploads
    from app.store.zips import Zips
    from app.web.events import Events
    from app.web.model_desk import ModelDesk
    from app.web.page import PAGE_LAUNCH, build_page
    from core import read_card
    from core.pictures.limits import LOCAL, PUBLIC

    card, limits = read_card(settings.model), settings.limits
    engine = _engine(settings, card)
    engine.start()
    uploads = Uploads(temporary_folder(), owner_bytes=limits.upload_bytes, all_bytes=limits.all_upload_bytes)
    zips = Zips(limits.zip_bytes, limits.all_zip_bytes)
    picture_limits = PUBLIC if settings.public else LOCAL
    desk = ModelDesk(
        engine, settings.model, local=settings.changes_model, device=settings.device, compiled=settings.compile
    )
    events = Events(engine, uploads, zips=zips, picture_limits=picture_limits, metrics=settings.metrics, models=desk)
    page = build_page(engine, events, uploads, live=settings.live)
    try:
        address, public = launch(page, settings, events.routes, events.listeners, **PAGE_LAUNCH)
        _tell(began, "page", address + (f" and for everybody {public}" if public else ""))
        _tell(began, "model", describe(engine.start().result()))
        _end_as_by_ctrl_c()  # again: Ray has set a handler of its own
        print("\nReady. Ctrl-C ends it.", flush=True)
        while True:
            time.sleep(SWEEP_S)
            events.sweep()
    finally:
        _end_within(END_S)
        engine.close()
        page.close(verbose=False)


def _engine(settings: Settings, card: "ModelCard") -> "Engine":
    """The engine that was asked for, its model not yet loaded. Raises RequestError where it is not installed."""
    from app.engine.engine import Engine
    from app.engine.loading import open_model, warm_up

    options: dict[str, Any] = {"device": settings.device, "compiled": settings.compile}
    places = settings.limits.places
    if settings.engine == "ray":
        from app.cluster.engine import ray_engine

        cluster: dict[str, Any] = {"address": settings.address, "replicas": settings.replicas}
        return ray_engine(settings.model, card, places=places, **cluster, **options)
    return Engine(card, partial(open_model, settings.model, card, **options), warm_up=warm_up, places=places)


def _end_as_by_ctrl_c() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def _end_within(seconds: float) -> None:
    """Ends the process however long the work takes that cannot be interrupted: a large photo, a slow evaluation."""

    def end() -> None:
        shutil.rmtree(os.environ.get("GRADIO_TEMP_DIR", ""), ignore_errors=True)
        os._exit(0)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()


def _tell(began: float, stage: str, detail: str) -> None:
    """One line for each stage of the start, with the seconds since it began."""
    print(f"  {stage:<6}{time.perf_counter() - began:5.1f} s   {detail}", flush=True)


def _import_spaces() -> None:
    """On a Hugging Face Space with a shared GPU its package must come before torch; elsewhere there is none."""
    if os.environ.get("SYSTEM") == "spaces":
        with contextlib.suppress(ImportError):
            importlib.import_module("spaces")


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError("a port is a whole number from 0 to 65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
