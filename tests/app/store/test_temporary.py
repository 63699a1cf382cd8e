"""The folder of a process: gone with the process, however that ends; never one that is used."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

HOLD = """
import sys
from app.store.temporary import make_temporary_folder
print(make_temporary_folder(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def start(tmp_path):
    """Starts a process with a temporary folder in tmp_path; returns it and the folder."""
    started = []

    def start():
        environment = {**os.environ, "TMPDIR": str(tmp_path), "TEMP": str(tmp_path)}
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        started.append(process)
        folder = Path(process.stdout.readline().strip())
        (folder / "photo.png").write_bytes(b"data")
        return process, folder

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_a_process_that_ends_leaves_nothing(start):
    process, folder = start()
    process.communicate("")
    assert process.returncode == 0 and not folder.exists()


@pytest.mark.skipif(os.name != "posix", reason="there are no such locks")
def test_what_a_killed_process_left_is_removed_by_the_next_one_and_nothing_else(start, tmp_path):
    other = tmp_path / "onestroke-pictures"
    other.mkdir()
    (killed, left), (_, used) = start(), start()
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert left.exists()
    start()
    assert not left.exists() and (used / "photo.png").exists() and other.exists()
