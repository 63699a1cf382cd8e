"""Settings for every test."""

import atexit
import os
import shutil
import tempfile

import pytest
import torch
from hypothesis import settings

# Uploads are named by their content: test processes side by side must not share them.
os.environ["GRADIO_TEMP_DIR"] = tempfile.mkdtemp(prefix="onestroke-tests-")
atexit.register(shutil.rmtree, os.environ["GRADIO_TEMP_DIR"], ignore_errors=True)

# No deadline: the machine may be busy with other things.
settings.register_profile("onestroke", deadline=None, max_examples=40)
settings.load_profile("onestroke")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Networks here are tiny: threads would only wait for each other, and for whatever else runs.

    Before every test and its fixtures, as programs that are tested in this process take all cores.
    """
    torch.set_num_threads(1)
