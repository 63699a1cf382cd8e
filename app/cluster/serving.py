"""The application in Ray Serve. A page process starts it, or Serve's own command with serve.yaml beside this file."""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import ray
from ray import serve
from ray.serve.exceptions import RayServeException

from app.cluster.connect import part_of
from app.cluster.remote_model import RemoteModel
from app.cluster.replica import ModelReplica
from app.cluster.replicas import Replicas
from app.engine.loading import open_model, warm_up
from app.models import DEFAULT_MODEL, model_path
from core.card import ModelCard
from core.errors import RequestError
from core.models import Model
from core.open_model import read_card

logging.getLogger("ray.serve").setLevel(logging.ERROR)

NAME = "onestroke"  # of the application in Serve
QUESTIONS = 64  # that a replica may hold at a time: two evaluations of as many pictures as fit, and those on the way
SCALING = {"min_replicas": 1, "target_ongoing_requests": 4, "upscale_delay_s": 5.0, "downscale_delay_s": 120.0}
OTHER_MODEL = "The replicas hold the model {}, and this page was started with {}. Start it with the same --model."
NO_REPLICAS = "The replicas could not be started: {}"


def opener(source: Path, *, device: str = "auto", compiled: bool = False) -> Callable[[], Model]:
    """What opens a model in a replica. source: a file or folder that every machine of the cluster has, or a Hub id."""
    return partial(_open_in_replica, source.resolve() if source.exists() else source, device, compiled)


def application(options: Mapping[str, Any]) -> serve.Application:
    """What serve.yaml names. options: "model" as on the command line, "device" and "compile"; all may be left out."""
    source = model_path(options.get("model", DEFAULT_MODEL))
    compiled = bool(options.get("compile", False))
    return _deployment(opener(source, device=options.get("device", "auto"), compiled=compiled))


def _deployment(opened: Callable[[], Model], **options: Any) -> serve.Application:
    described: dict[str, Any] = {"name": "ModelReplica", "max_ongoing_requests": QUESTIONS, "health_check_period_s": 2}
    described["logging_config"] = {"enable_access_log": False}  # nobody needs a line for each evaluation
    return serve.deployment(**described | options)(ModelReplica).bind(opened)


def _share(replicas: int | None) -> dict[str, Any]:
    """Options of the deployment: how many replicas, and which share of the cluster's cores and GPUs each has."""
    there = ray.cluster_resources()
    cores, gpus = int(there.get("CPU", 1)), there.get("GPU", 0.0)
    most = replicas or max(int(gpus) or cores, 1)
    share = {"num_cpus": part_of(cores, most), "num_gpus": part_of(gpus, most)}
    if replicas is not None:
        return {"num_replicas": replicas, "ray_actor_options": share}
    return {"autoscaling_config": SCALING | {"max_replicas": most}, "ray_actor_options": share}


def _open_in_replica(source: Path, device: str, compiled: bool) -> Model:
    """The model on the threads and the device that Ray has assigned to this replica, warm."""
    threads = max(int(ray.get_runtime_context().get_assigned_resources().get("CPU", 1)), 1)
    model = open_model(source, read_card(source), device=device, compiled=compiled, threads=threads)
    warm_up(model)
    return model


def remote_model(card: ModelCard, opened: Callable[[], Model], replicas: int | None = None) -> RemoteModel:
    """The model of the application that runs in the cluster; where none runs it is started. Waits for a replica.

    opened: opens the model in a replica, ready to be called. replicas: of an application that is started; None: as many
    as have a core each, more while there is much to do.
    Raises OnestrokeError where the replicas cannot be started, or hold another model.
    """
    try:
        if NAME not in serve.status().applications:
            serve.start(proxy_location="Disabled")
            serve.run(_deployment(opened, **_share(replicas)), name=NAME, route_prefix=None)
        asked = Replicas(serve.get_app_handle(NAME))
        about = asked.about().result()
    except (RuntimeError, RayServeException, ray.exceptions.RayError) as error:
        raise RequestError(NO_REPLICAS.format(error)) from error
    if about["card"] != card:
        raise RequestError(OTHER_MODEL.format(about["card"].name, card.name))
    return RemoteModel(card, asked)
