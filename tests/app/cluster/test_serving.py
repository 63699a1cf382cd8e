"""The application of Ray Serve as serve.yaml describes it, and what replicas say when a cluster really runs them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.cluster.connect import import_ray

pytest.importorskip("ray")
import_ray("serve")

import yaml  # noqa: E402
from ray.serve.schema import ServeDeploySchema  # noqa: E402

from app.cluster import serving  # noqa: E402
from app.models import DEFAULT_MODEL  # noqa: E402

ROOT = Path(__file__).resolve().parents[3]


def described() -> ServeDeploySchema:
    return ServeDeploySchema(**yaml.safe_load((ROOT / "app/cluster/serve.yaml").read_text("utf-8")))


def test_the_file_for_serve_names_our_application_and_its_only_deployment():
    """Serve checks the names of its fields."""
    (application,) = described().applications
    (deployment,) = application.deployments
    assert application.import_path == f"{serving.__name__}:{serving.application.__name__}"
    assert application.name == serving.NAME and application.args["model"] == DEFAULT_MODEL
    bound = serving.application(application.args)._bound_deployment
    assert bound.name == deployment.name
    assert deployment.autoscaling_config["target_ongoing_requests"] == serving.SCALING["target_ongoing_requests"]


@pytest.mark.parametrize(
    ("replicas", "cores", "gpus", "each"),
    [
        (2, 2, 0, (1.0, 0.0)),
        (3, 2, 0, (0.6666, 0.0)),
        (4, 2, 0, (0.5, 0.0)),
        (4, 16, 1, (1.0, 0.25)),
        (2, 64, 8, (1.0, 1.0)),
    ],
)
def test_replicas_share_what_the_cluster_has(monkeypatch, replicas, cores, gpus, each):
    monkeypatch.setattr(serving.ray, "cluster_resources", lambda: {"CPU": float(cores), "GPU": float(gpus)})
    share = serving._share(replicas)
    assert share == {"num_replicas": replicas, "ray_actor_options": {"num_cpus": each[0], "num_gpus": each[1]}}
    most = serving._share(None)["autoscaling_config"]["max_replicas"]
    assert most == (gpus or cores)


@pytest.mark.xdist_group("ray")
def test_replicas_that_are_killed_in_the_middle_of_walks_change_no_picture():
    command = [sys.executable, "-m", "tests.faults.replicas", "--walks", "8", "--kills", "1"]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"OMP_WAIT_POLICY": "PASSIVE"}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 replicas killed; 0 pictures lost, 0 different, 8 the same bit for bit" in done.stdout
