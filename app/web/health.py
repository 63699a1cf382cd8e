"""How the program does, for people and for monitors: /health always, /metrics for Prometheus if it was asked for.

Nothing of any visitor is in it: no address, no picture, no name.
"""

import os
import time
from pathlib import Path

from prometheus_client import REGISTRY, CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app import __version__
from app.engine.engine import Engine


def health_routes(engine: Engine, *, metrics: bool) -> list[Route]:
    """GET /health: JSON, with status 503 while the model is not there. GET /metrics: figures as text."""
    started = time.monotonic()

    async def health(request: Request) -> Response:
        about = {
            "state": engine.state,
            "version": __version__,
            "model": engine.card.name,
            "device": engine.device,
            "waiting": len(engine.gate.line),
            "running": len(engine.visits.jobs),
            "memory_mb": memory_mb(),
            "up_s": round(time.monotonic() - started),
        }
        return JSONResponse(about, 200 if engine.state == "ready" else 503, {"cache-control": "no-store"})

    own = _gauges(engine)

    async def figures(request: Request) -> Response:
        return Response(generate_latest(REGISTRY) + generate_latest(own), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return [Route("/health", health), *([Route("/metrics", figures)] if metrics else [])]


def memory_mb() -> int | None:
    """Memory of this process in megabytes; None where the system does not tell it in /proc."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)
    except (OSError, ValueError):
        return None


def _gauges(engine: Engine) -> CollectorRegistry:
    """What is true at the moment when it is read."""
    registry = CollectorRegistry()
    waiting = Gauge("onestroke_waiting", "Requests that wait for the model", registry=registry)
    waiting.set_function(lambda: len(engine.gate.line))
    running = Gauge("onestroke_running", "Requests that are not finished", registry=registry)
    running.set_function(lambda: len(engine.visits.jobs))
    ready = Gauge("onestroke_ready", "1 when the model is there", registry=registry)
    ready.set_function(lambda: engine.state == "ready")
    return registry
