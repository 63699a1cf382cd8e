"""Runs that are killed, and disks that are full."""

import json
import multiprocessing
import random
import resource
import time
from contextlib import contextmanager
from dataclasses import replace
from errno import ENOSPC

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tests import tiny
from tests.training.loop.test_trainer import equal_states, state_of
from training.__main__ import main
from training.config import to_toml
from training.loop.logs import RunLog
from training.loop.trainer import Trainer
from training.objectives import OBJECTIVES

STEPS = 12
KILLS = 3
KILLED = {
    "ct": OBJECTIVES["ct"](),  # with a target network
    "adversarial": tiny.adversarial(),  # with a critic
    "kd": OBJECTIVES["kd"](pairs=6, levels=2),  # on pairs
    "pd": OBJECTIVES["pd"](start_steps=4),  # with hand-overs, after a fifth and after three
}


@pytest.fixture
def config(tmp_path):
    """A run that logs every step and saves every second one."""
    pictures = tiny.write_pictures(tmp_path / "pictures", 11)
    return tiny.run_config(pictures, kimg=0.004 * STEPS, validate_kimg=0.004, save_kimg=0.008)


def train(config, folder):
    """The run of a process that will be killed."""
    torch.set_num_threads(1)
    Trainer(config, folder).train()


def lines_in(folder) -> int:
    log = folder / "log.jsonl"
    return log.read_text().count("\n") if log.is_file() else 0


def kill_somewhere(process, folder, rng) -> None:
    """Kill the process at a random instant after a step that no attempt had reached, unless it has ended."""
    before, deadline = lines_in(folder), time.monotonic() + 60
    while process.is_alive() and lines_in(folder) <= before and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(rng.uniform(0, 0.2))
    process.kill()
    process.join()


@pytest.mark.parametrize("objective", KILLED.values(), ids=KILLED)
def test_a_run_that_is_killed_again_and_again_ends_as_if_it_had_not_been(config, objective, tmp_path):
    teacher = str(tiny.teacher_file(tmp_path)) if objective.needs_teacher else ""
    config = replace(config, objective=objective, teacher=teacher)
    Trainer(config, tmp_path / "whole").train()
    context, rng = multiprocessing.get_context("forkserver"), random.Random(0)
    context.set_forkserver_preload(["tests.training.loop.test_interruptions"])
    run, deaths = tmp_path / "run", 0
    for _ in range(KILLS):
        process = context.Process(target=train, args=(config, run))
        process.start()
        kill_somewhere(process, run, rng)
        deaths += process.exitcode == -9
    assert deaths > 1
    (run / ".state.pt.half.tmp").write_bytes(b"what a kill while writing leaves")
    Trainer(config, run).train()
    assert equal_states(state_of(tmp_path / "whole"), state_of(run))
    assert not list(run.glob(".*"))
    steps = [round(0.004 * step, 3) for step in range(1, STEPS + 1)]
    assert [json.loads(line)["kimg"] for line in (run / "log.jsonl").read_text().splitlines()] == steps
    assert [event.step for event in EventAccumulator(str(run)).Reload().Scalars("loss")] == [1000 * k for k in steps]


def no_space(*_):
    raise OSError(ENOSPC, "No space left on device")


def test_a_full_disk_does_not_end_a_run_that_finds_space_later(config, tmp_path, monkeypatch, capsys):
    Trainer(config, tmp_path / "whole").train()
    trainer = Trainer(replace(config, run=replace(config.run, sample_kimg=0.02)), tmp_path / "run")
    monkeypatch.setattr("os.fsync", lambda handle: no_space() if 0 < trainer.state.seen < 40 else None)
    trainer.train()
    said = capsys.readouterr().out
    assert "could not save after 0.008 kimg: [Errno 28] No space left on device" in said
    assert "could not sample after 0.02 kimg" in said
    assert equal_states(state_of(tmp_path / "whole"), state_of(tmp_path / "run"))
    assert lines_in(tmp_path / "run") == STEPS


def test_a_disk_that_is_full_at_the_end_is_one_sentence_and_the_last_state_stands(
    config, tmp_path, monkeypatch, capsys
):
    run = tmp_path / "run"
    trainer = Trainer(config, run)
    trainer.step()
    trainer.save()
    before = {name: (run / name).read_bytes() for name in ("state.pt", "model.safetensors")}
    (tmp_path / "run.toml").write_text(to_toml(config))
    monkeypatch.setattr("training.loop.state.write_whole", no_space)
    wishes = ["--set", "run.kimg=0.008", "--threads", str(torch.get_num_threads())]
    assert main([str(tmp_path / "run.toml"), "--out", str(run), *wishes]) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("The run folder could not be written: [Errno 28] No space left on device")
    assert before == {name: (run / name).read_bytes() for name in before}


@contextmanager
def file_size(limit: int):
    """No file of this process may grow beyond it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_line_that_did_not_fit_leaves_the_log_as_it_was(tmp_path):
    log = RunLog(tmp_path)
    log.record({"kimg": 1.0}, 1000)
    with file_size(20), pytest.raises(OSError, match="No space left"):
        log.record({"kimg": 2.0}, 2000)
    log.record({"kimg": 3.0}, 3000)
    assert (tmp_path / "log.jsonl").read_text() == '{"kimg": 1.0}\n{"kimg": 3.0}\n'


def test_tensorboard_is_opened_anew_after_a_full_disk(tmp_path, monkeypatch):
    log = RunLog(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(log.events, "flush", no_space)
        with pytest.raises(OSError, match="No space left"):
            log.record({"kimg": 1.0}, 1000)
    log.record({"kimg": 2.0}, 2000)
    assert len(list(tmp_path.glob("events.*"))) == 2


def test_each_file_for_tensorboard_has_a_second_of_its_own(tmp_path):
    for seen in (4, 8, 12):
        RunLog(tmp_path).record({"kimg": seen / 1000, "loss": 1.0}, seen)
    seconds = [path.name.split(".")[3] for path in tmp_path.glob("events.*")]
    assert len(set(seconds)) == len(seconds) == 3
