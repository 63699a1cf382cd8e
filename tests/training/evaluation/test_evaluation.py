"""`python -m training.evaluate` and what it puts together, with a tiny model and features that need no network."""

import json

import numpy as np
import pytest

import core
from tests import tiny
from tests.training.metrics.plain_features import Means, noise
from training import evaluate
from training.evaluation import tables
from training.evaluation.comparison import Comparison
from training.evaluation.report import Report
from training.evaluation.resize import blurred, resized
from training.evaluation.results import Results

SIDE = 16


@pytest.fixture
def photos():
    return noise(8, SIDE)


@pytest.fixture
def results():
    model = tiny.model(resolution=SIDE)
    return Results(model, model.card)


@pytest.fixture
def folder(tmp_path):
    """A model, photographs and paintings."""
    model = tiny.model(resolution=SIDE)
    core.save_model(tmp_path / "model.safetensors", model.card, model.network.state_dict())
    tiny.write_pictures(tmp_path / "photos", 6)
    tiny.write_pictures(tmp_path / "paintings", 2)
    return tmp_path


@pytest.fixture
def run(folder, monkeypatch, capsys):
    """The command on that model and those photographs: its exit code and what it printed."""
    monkeypatch.setattr(evaluate, "ImageNetFeatures", Means)

    def run(*more: str) -> tuple[int, str]:
        files = [f"{folder / 'model.safetensors'}", "--data", f"{folder / 'photos'}"]
        code = evaluate.main([*files, "--threads", "1", *more])
        return code, "".join(capsys.readouterr())

    return run


def test_photographs_are_at_no_distance_from_themselves(photos):
    row = Comparison(photos, Means()).row("photographs", photos)
    assert row["pictures"] == "photographs"
    assert row["Frechet"] == pytest.approx(0, abs=1e-6)
    assert [row[name] for name in ("variety", "top octave", "grid")] == [1, 1, 1]


def test_the_patches_figure_is_the_mean_of_its_levels():
    row = Comparison(noise(4, 32), Means()).row("others", noise(4, 32, seed=1))
    assert list(row["SWD levels"]) == [32, 16]
    assert row["SWD"] == pytest.approx(sum(row["SWD levels"].values()) / 2)


@pytest.mark.parametrize("side", [8, 16, 32])
def test_pictures_are_compared_at_the_side_that_is_asked_for(side, photos):
    seen = []
    comparison = Comparison(photos, Seen(seen), side)
    row = comparison.row("blurred", blurred(photos, 4))
    assert set(seen) == {(side, side, 3)}
    assert max(row["SWD levels"]) == side


class Seen(Means):
    """Notes the sizes of the pictures that it is asked for."""

    def __init__(self, sizes: list):
        self.sizes = sizes

    def __call__(self, pictures):
        self.sizes.append(pictures.shape[1:])
        return super().__call__(pictures)


def test_pictures_of_half_the_side_are_block_means(photos):
    means = photos.reshape(8, 8, 2, 8, 2, 3).mean(axis=(2, 4))
    assert resized(photos, 8) == pytest.approx(means, abs=0.51)


def test_a_batch_makes_what_each_seed_makes_alone(results, photos, monkeypatch):
    together = results.painted(photos, 2, range(8)), results.from_noise(2, range(8))
    monkeypatch.setattr("training.evaluation.results.BATCH", 3)
    apart = results.painted(photos, 2, range(8)), results.from_noise(2, range(8))
    for a, b in zip(together, apart):
        assert np.abs(a.astype(int) - b).max() <= 1


def test_pictures_from_noise_use_no_paintings(results, photos):
    """One step from the highest level hardly knows what is below the noise; without any there is nothing to know."""
    expected = core.sample(results.model, [results.card.sigma_max], core.SeededNoise([3]))
    assert np.array_equal(results.from_noise(1, [3]), core.to_uint8(expected))


def test_the_tables_have_the_step_counts_and_yardsticks(results, photos):
    report, features = Report(silent=True), Means()
    comparison = Comparison(photos, features)
    tables.over_strokes(report, results, comparison, photos, [1, 2])
    last = tables.from_noise(report, results, comparison, photos, [1, 2])
    tables.yardsticks(report, comparison, photos, features, SIDE)
    names = {title: [row["pictures"] for row in rows] for title, rows in report.tables.items()}
    assert names["Over strokes"] == ["bare strokes", "1 step", "2 steps"]
    assert names["From noise"][:2] == ["1 step", "2 steps"]
    assert ["half" in names["From noise"][2], "blurred" in names["From noise"][3]] == [True, True]
    assert report.tables["Over strokes"][0]["kept"] == 1
    assert np.array_equal(last, results.from_noise(2, range(8)))


def test_the_halves_of_the_photographs_are_two_halves(photos):
    features = Halves()
    report = Report(silent=True)
    tables.yardsticks(report, Comparison(photos[:7], Means()), photos[:7], features, SIDE)
    first, second = features.seen
    assert len(first) == len(second) == 3
    assert not {picture.tobytes() for picture in first} & {picture.tobytes() for picture in second}


class Halves(Means):
    """Keeps the sets that it is asked for."""

    def __init__(self):
        self.seen = []

    def __call__(self, pictures):
        self.seen.append(pictures)
        return super().__call__(pictures)


def test_paintings_are_judged_by_their_mean_and_by_the_worst():
    class Repaints:
        def painted(self, paintings, steps, seeds):
            assert list(seeds) == [7, 7]
            return np.stack([paintings[0], 255 - paintings[1]])

    report = Report(silent=True)
    tables.over_paintings(report, Repaints(), np.zeros((2, SIDE, SIDE, 3), np.uint8))
    rows = report.tables["Colours of paintings"]
    assert [row["pictures"] for row in rows] == ["1 step", "2 steps", "4 steps"]
    assert [(row["colour"], row["worst"]) for row in rows] == [pytest.approx((50, 100), abs=0.01)] * 3


def test_the_command_prints_a_table_of_strokes_and_one_from_noise(run):
    code, printed = run("--steps", "1", "2")
    assert code == 0
    assert [line for line in printed.splitlines() if line[:1].isupper()] == ["Over strokes", "From noise"]
    assert printed.count("| 1 step |") == printed.count("| 2 steps |") == 2


def test_everything_is_in_the_json_object_too(run, folder):
    sheet = folder / "sheet.png"
    more = ["--paintings", f"{folder / 'paintings'}", "--copies", f"{folder / 'photos'}", "--out", f"{sheet}"]
    code, printed = run("--steps", "1", "--json", *more)
    found = json.loads(printed)
    assert code == 0
    assert (found["model"], found["photographs"]) == ("tiny", 6)
    assert len(found["Over strokes"]) == 2
    assert len(found["From noise"]) == len(found["Colours of paintings"]) == 3
    assert found["Over strokes"][0]["SWD levels"].keys() == {"16"}
    assert [row["nearest by"] for row in found["Copies of training pictures"]] == ["pixels", "features"]
    assert core.read_image(sheet).size == (6 * SIDE, 7 * SIDE)


def test_options_replace_the_cards_rules(run, monkeypatch):
    seen = []
    monkeypatch.setattr(evaluate, "_fill", lambda report, results, photos, options: seen.append(results.card.sampling))
    run("--guidance", "0.5", "--shifts", "2", "--carry-end", "0.3")
    run()
    rules = core.SamplingRules()
    assert (seen[0].guidance, seen[0].shifts, seen[0].carry_end) == (0.5, 2, 0.3)
    assert seen[1] == rules


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--count", "3"], "at least 4"),
        (["--paintings", "nowhere"], "no PNG files"),
        (["--copies", "nowhere.tar", "--out", "sheet.png"], "nowhere.tar"),
    ],
)
def test_impossible_requests_are_refused_in_a_sentence(run, wrong, said):
    code, printed = run(*wrong)
    assert code == 2
    assert said in printed
    assert "| 1 step" not in printed


@pytest.mark.parametrize(
    "wrong",
    [
        ["--copies", "x.tar"],
        ["--out", "sheet.png"],
        ["--copies", "x.tar", "--out", "no/folder/sheet.png"],
        ["--side", "6"],
    ],
)
def test_impossible_options_stop_the_command_at_once(run, wrong):
    with pytest.raises(SystemExit) as stopped:
        run(*wrong)
    assert stopped.value.code == 2
