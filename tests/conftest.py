"""Settings for every test."""

import atexit
import os
import shutil
import tempfile

import pytest
import torch
from hypothesis import HealthCheck, Phase, settings

# Uploads are named by their content: test processes side by side must not share them.
os.environ["GRADIO_TEMP_DIR"] = tempfile.mkdtemp(prefix="onestroke-tests-")
atexit.register(shutil.rmtree, os.environ["GRADIO_TEMP_DIR"], ignore_errors=True)

# No deadline: the machine may be busy with other things.
settings.register_profile("onestroke", deadline=None, max_examples=40)
settings.load_profile("onestroke")

# `make fuzz`. An input that fails is kept, and made small by the next ordinary run: here that may take minutes.
settings.register_profile(
    "fuzz",
    deadline=20_000,  # milliseconds for one input, also on a busy machine
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "11000")),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def pytest_addoption(parser) -> None:
    """`pytest tests/browser --engine ray`: the page's tests over two replicas of the model."""
    parser.addoption("--engine", choices=("here", "ray"), default="here", help="where the page's model is in tests")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Networks here are tiny: threads would only wait for each other, and for whatever else runs.

    Before every test and its fixtures, as programs that are tested in this process take all cores.
    """
    torch.set_num_threads(1)
