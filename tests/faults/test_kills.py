"""A few random kills; `make faults` does two hundred. Of trainings: tests/training/loop/test_interruptions.py."""

import random

import pytest

from tests.faults import kills


def test_a_folder_whose_editing_is_killed_has_whole_files_and_ends_as_if_it_had_not_been(tmp_path):
    deaths = kills.kill_folder(tmp_path, 2, random.Random(0))
    assert deaths.killed >= 2 and deaths.ended


@pytest.mark.parametrize("name", ["state.pt", "model.safetensors", "config.toml", "log.jsonl", "samples/000000.png"])
def test_half_a_file_is_found(tmp_path, name):
    """The check itself can fail."""
    (tmp_path / "samples").mkdir()
    (tmp_path / name).write_bytes(b"\x89PN")
    with pytest.raises(Exception, match=r"."):
        kills._check_run(tmp_path)
