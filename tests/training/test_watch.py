"""What the page of curves reads from run folders."""

import os

import core
from tests import tiny
from training.loop.logs import RunLog
from training.watch import CURVES, curve, latest_sheet, main, read_log, runs_in


def run_with(folder, *losses: float):
    folder.mkdir(parents=True, exist_ok=True)
    log = RunLog(folder)
    for step, loss in enumerate(losses, start=1):
        log.record({"kimg": float(step), "loss": loss, "error_0.5": loss / 2, "error_1.0": loss / 4}, 1000 * step)
    return folder


def test_a_half_written_line_is_left_out_until_it_is_whole(tmp_path):
    run = run_with(tmp_path / "run", 3.0, 2.0)
    log = run / "log.jsonl"
    whole = log.read_bytes()
    seen = set()
    for end in range(len(whole) + 1):
        log.write_bytes(whole[:end])
        seen.add(tuple(record["loss"] for record in read_log(run)))
    assert seen == {(), (3.0,), (3.0, 2.0)}


def test_lines_that_are_no_records_are_passed_over(tmp_path):
    run = run_with(tmp_path / "run", 3.0)
    with (run / "log.jsonl").open("ab") as file:
        file.write(b'\xff\x00\n\n7\n{"loss": 1}\n')
    assert [record["loss"] for record in read_log(run)] == [3.0]


def test_curves_hold_the_finite_values_of_every_run_and_of_the_runs_inside_it(tmp_path):
    run_with(tmp_path / "run", 3.0, float("nan"), 1.0)
    run_with(tmp_path / "run" / "teacher", 5.0)
    runs = runs_in([str(tmp_path / "run")])
    assert sorted(runs) == ["run", "run/teacher"]
    loss = curve(runs, "loss")
    assert sorted(loss.itertuples(index=False, name=None)) == [
        (1.0, 3.0, "run"),
        (1.0, 5.0, "run/teacher"),
        (3.0, 1.0, "run"),
    ]
    errors = curve(runs, "error_")
    assert set(errors["curve"]) == {"run 0.5", "run 1.0", "run/teacher 0.5", "run/teacher 1.0"}


def test_a_run_without_lines_yet_has_empty_curves_and_no_sheet(tmp_path):
    runs = runs_in([str(tmp_path)])
    assert all(curve(runs, start).empty for start in CURVES)
    assert latest_sheet(runs) is None


def test_the_sheet_shown_is_the_one_written_last(tmp_path):
    runs = {name: run_with(tmp_path / name, 1.0) for name in ("a", "b")}
    for age, path in enumerate([runs["b"] / "samples" / "000002.png", runs["a"] / "samples" / "000009.png"]):
        path.parent.mkdir()
        core.write_png(path, tiny.picture())
        os.utime(path, (1000 - age, 1000 - age))
    assert latest_sheet(runs) == runs["b"] / "samples" / "000002.png"


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path, capsys):
    assert main([str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err.startswith("There is no run folder")
