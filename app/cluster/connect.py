"""The way to Ray: whether it is installed, and which cluster this process belongs to."""

import importlib.util
import logging
import math
import os
import sys
from pathlib import Path
from types import ModuleType

from core.errors import RequestError

LOCAL = "local"  # the address of a cluster of this process's own, which ends with it
NOT_INSTALLED = 'Ray is not installed: pip install "ray[serve,data]>=2.52" brings it.'
NOT_FOUND = "No Ray cluster at {} lets us in: {} Start one with `ray start --head`, or leave --address out."
CODE = Path(__file__).resolve().parents[2]  # the folder that `app` and `core` are imported from
# Set before Ray is imported; what a person has set stays.
ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",  # no call to anybody
    "RAY_AUTH_MODE": "token",  # nobody else on this machine has a say in a cluster: whoever has may run any program
    "GRPC_ENABLE_FORK_SUPPORT": "0",  # else each process that is started here is a line of its log
    "RAY_worker_niceness": "0",  # a picture is what a person waits for
}
# In each replica: what torch reads when it is imported (app/web/launch.py says why), and where our own code is.
REPLICA_ENVIRONMENT = {"OMP_WAIT_POLICY": "PASSIVE", "PYTHONPATH": f"{CODE}{os.pathsep}${{PYTHONPATH}}"}


def check_installed() -> None:
    """Raises RequestError where Ray is not installed. Does not import it."""
    if importlib.util.find_spec("ray") is None:
        raise RequestError(NOT_INSTALLED)


def import_ray(part: str = "") -> ModuleType:
    """Ray, or a part of it such as "serve", which is then imported. Raises RequestError where it is not installed."""
    check_installed()
    if "ray" not in sys.modules:
        for name, value in ENVIRONMENT.items():
            os.environ.setdefault(name, value)
    try:
        return importlib.import_module(f"ray.{part}".rstrip("."))
    except ImportError as error:  # Ray without this extra
        raise RequestError(NOT_INSTALLED) from error


def connect(address: str = LOCAL) -> ModuleType:
    """Ray, connected: to a new cluster of this process alone, or to the one at the address ("auto": of this machine).

    A process is connected once; a second call changes nothing. Raises RequestError where Ray is not installed, and
    where there is no such cluster.
    """
    ray = import_ray()
    if ray.is_initialized():
        return ray
    try:
        logging.getLogger("ray").setLevel(logging.ERROR)
        ray.init(
            address,
            namespace="onestroke",
            runtime_env={"env_vars": REPLICA_ENVIRONMENT},
            include_dashboard=False if address == LOCAL else None,
            log_to_driver=False,
            logging_level=logging.ERROR,
        )
    except (ConnectionError, ValueError, RuntimeError, ray.exceptions.RayError) as error:
        raise RequestError(NOT_FOUND.format(address, str(error).splitlines()[0].rstrip(".") + ".")) from error
    return ray


def disconnect() -> None:
    """Leave the cluster, if this process is in one. One of its own ends."""
    ray = sys.modules.get("ray")
    if ray is not None and ray.is_initialized():
        ray.shutdown()


def part_of(whole: float, parts: int) -> float:
    """What each of so many processes may ask of the cores or GPUs of a cluster: at most one.

    Rounded down: Ray counts by ten-thousandths, and three times 0.6667 would be more than 2.
    """
    return min(1.0, math.floor(1e4 * whole / parts) / 1e4)
