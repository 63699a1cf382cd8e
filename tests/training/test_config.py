"""A run as data: TOML in, the same TOML out; mistakes are sentences."""

import contextlib
import os
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import ConfigError
from tests import tiny
from training.config import CardConfig, Config, from_dict, load_config, to_dict, to_toml
from training.objectives import OBJECTIVES

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted((ROOT / "training" / "configs").rglob("*.toml"))
TEXT = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"))
MINIMAL = '[objective]\nkind = "edm"\n[data]\ntrain = [{path = "p"}]\n'


def minimal(tmp_path, text: str = MINIMAL) -> Path:
    path = tmp_path / "run.toml"
    path.write_text(text)
    return path


def shipped(name: str) -> Config:
    return load_config(ROOT / f"training/configs/{name}.toml")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_shipped_configurations_load_and_return_through_toml(path):
    config = load_config(path)
    assert from_dict(tomllib.loads(to_toml(config))) == config


def test_the_bundled_model_s_teacher_and_student_have_the_same_network_and_pictures():
    teacher, student = (shipped(f"bedroom-128-{name}") for name in ("denoiser", "walk"))
    assert (student.network, student.data.train) == (teacher.network, teacher.data.train)
    assert student.teacher == student.start == "runs/bedroom-128-denoiser/model.safetensors"


@pytest.mark.parametrize("student", ["consistency", "multistep"])
def test_a_denoiser_of_photographs_and_what_is_made_of_it_have_the_same_network(student):
    denoiser, made = (shipped(name) for name in ("photos-64", f"photos-64-{student}"))
    assert (made.network, made.data.train) == (denoiser.network, denoiser.data.train)
    assert "photos-64.toml" in (made.start, made.teacher)


@pytest.mark.parametrize("objective", ["edm", "ect"])
def test_every_field_returns_through_toml(objective, tmp_path):
    config = replace(tiny.run_config(tmp_path / "p", objective), start="a.safetensors")
    assert from_dict(tomllib.loads(to_toml(config))) == config
    assert from_dict(to_dict(config)) == config


@given(TEXT, st.lists(TEXT, max_size=3), st.floats(1e-3, 1e6))
def test_any_text_and_any_number_return_through_toml(text, lines, kimg):
    config = tiny.run_config(Path("p"), kimg=kimg)
    config = replace(config, card=CardConfig(name=text, limits="\n".join(lines)))
    assert from_dict(tomllib.loads(to_toml(config))) == config


def test_settings_on_the_command_line_win_over_the_file(tmp_path):
    wishes = [
        "run.kimg=20",
        "optimiser.kind=radam",
        "network.multipliers=[1, 2, 4]",
        "run.compile=true",
        "card.name = x=y",
    ]
    config = load_config(minimal(tmp_path), wishes)
    assert config.run.kimg == 20.0
    assert type(config.run.kimg) is float
    assert config.optimiser.kind == "radam"
    assert config.network.multipliers == (1, 2, 4)
    assert config.run.compile is True
    assert config.card.name == "x=y"


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ("run.kimgs=3", 'setting "run.kimgs" is not known; run has kimg'),
        ("ran.kimg=3", 'setting "ran" is not known; the top level has'),
        ("objective.steps=3", 'setting "objective.steps" is not known; objective has mean'),
        ("objective.kind=gan", f'"gan"; {", ".join(sorted(OBJECTIVES))} are known'),
        ("run.kimg=lots", "run.kimg must be of type float, but is 'lots'"),
        ("run.batch=1.5", "run.batch must be of type int"),
        ("run.compile=1", "run.compile must be of type bool"),
        ("run.batch=0", "run.batch"),
        ("run.kimg=0", "run.kimg"),
        ("run.dropout=1", "run.dropout"),
        ("run.dropout_grid=8", "run.dropout_grid is the side of a grid, and needs run.dropout"),
        ("optimiser.root_after_kimg=-1", "optimiser.root_after_kimg"),
        ("card.generate_sigmas=[0.8, 80]", "card.generate_sigmas must descend between 80.0 and 0.002"),
        ("card.generate_sigmas=[80, 80]", "card.generate_sigmas"),
        ("card.generate_sigmas=[81, 0.8]", "card.generate_sigmas"),
        ("card.generate_sigmas=[80, 0.001]", "card.generate_sigmas"),
        ("card.generate_sigmas=[nan]", "card.generate_sigmas"),
        ("card.default_steps=0", "card.default_steps must be 1 to 1000"),
        ("card.default_steps=1001", "card.default_steps"),
        ("run.save_kimg=0", "save_kimg"),
        ("run.validate_kimg=-1", "validate_kimg"),
        ("run.seed=-1", "seed"),
        ("optimiser.kind=sgd", '"sgd"; adam, adamw, radam are known'),
        ("critic.kind=sgd", 'critic.kind is "sgd"'),
        ("critic.rate=1e-4", "This objective has no critic"),
        ("data.train=[]", "data.train lists no pictures"),
        ("network.classes=2", "network.classes is 2, but data.train has the labels"),
        ("network.width=1", "network"),
        ("run.kimg", 'section.key=value, but was given "run.kimg"'),
        ("start.kimg.x=1", "start"),
        ("run.kimg.x=1", "run.kimg"),
        ("run=3", "run"),
        ("objective=3", "objective"),
        ("data.train=3", "data.train"),
        ("data.train=[3]", "data.train"),
        ("optimiser.betas=3", "optimiser.betas"),
        ("network.multipliers=3", "network"),
        ('run.ema_sigma_rel=["a"]', "run.ema_sigma_rel"),
        ('data.root="a\\u0000b"', "data.root holds a character that no text or file name has"),
        ("a\n" * 2000, 'section.key=value, but was given "a\\na'),
    ],
)
def test_every_mistake_is_told_in_a_sentence(tmp_path, wish, said):
    with pytest.raises(ConfigError) as caught:
        load_config(minimal(tmp_path), [wish])
    assert said in str(caught.value)


@pytest.mark.parametrize("changes", [{"stages": [], "stage_ends": []}, {"stages": [8.0, 32.0], "stage_ends": [1.0]}])
def test_stages_without_their_ends_are_refused(changes):
    values = {"objective": {"kind": "ect"} | changes, "data": {"train": [{"path": "p"}]}}
    with pytest.raises(ConfigError, match="same length"):
        from_dict(values)


@pytest.mark.parametrize("q", [0.0, -2.0, 1e6])
def test_stages_that_no_float_can_tell_apart_or_that_go_up_are_refused(q):
    values = {"objective": {"kind": "ect", "stages": [q], "stage_ends": [1.0]}, "data": {"train": [{"path": "p"}]}}
    with pytest.raises(ConfigError, match=r"stages must be above 0 and at most 100000\.$"):
        from_dict(values)


def counting(segments: list[int] | None, counts: list[int]) -> dict:
    """Multistep consistency with these segments, or denoising without any, and a network that is told these counts."""
    multistep = {"kind": "mcm", "distil": False, "segments": segments}
    objective = multistep if segments else {"kind": "edm"}
    return {"objective": objective, "network": {"step_counts": counts}, "data": {"train": [{"path": "p"}]}}


@pytest.mark.parametrize(
    ("segments", "counts"),
    [([1, 2], [2, 4]), ([1, 2], [1, 2, 4]), ([1, 2], []), ([4], [4, 8]), ([4], [4]), (None, [4])],
)
def test_a_network_is_told_the_step_counts_that_it_learns_and_no_others(segments, counts):
    needed = segments if segments and len(segments) > 1 else []
    with pytest.raises(ConfigError) as caught:
        from_dict(counting(segments, counts))
    assert str(caught.value).startswith(f"network.step_counts is {counts}, but must be {needed}: ")
    assert str(caught.value).count(". ") == 0
    assert str(caught.value).endswith(".")
    assert from_dict(counting(segments, needed)).network.step_counts == tuple(needed)


def test_a_missing_file_and_a_file_that_is_no_toml_are_told_apart(tmp_path):
    with pytest.raises(ConfigError, match="There is no configuration"):
        load_config(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match="not valid TOML"):
        load_config(minimal(tmp_path, "kimg = = 3"))
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not valid TOML"):
        load_config(tmp_path / "binary.toml")


DEEP = "[" * 5000


@pytest.mark.parametrize(
    "text",
    [f"x = {DEEP}", "x = {a = " * 2000, f"x = {'9' * 5000}", "[" + ".".join("a" * 5000) + "]"],
    ids=["arrays", "tables", "digits", "names"],
)
def test_a_hostile_file_is_told_in_a_sentence(tmp_path, text):
    with pytest.raises(ConfigError):
        load_config(minimal(tmp_path, text))


def test_a_byte_order_mark_is_no_part_of_a_configuration(tmp_path):
    (tmp_path / "run.toml").write_text(MINIMAL, encoding="utf-8-sig")
    assert load_config(tmp_path / "run.toml") == load_config(minimal(tmp_path))


@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "large"])
def test_what_is_no_file_of_settings_is_not_read(tmp_path, kind):
    path = tmp_path / "run.toml"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "folder":
        path.mkdir()
    else:
        path.write_bytes(b"#" * 10_000_001)
    with pytest.raises(ConfigError, match=r"run\.toml cannot be read: "):
        load_config(path)


def settings_of(config: Config) -> list[tuple[str, type]]:
    """The name and the type of every number in a configuration; of a list, the type of its entries."""
    found = []
    for section, values in to_dict(config).items():
        for name, value in values.items() if isinstance(values, dict) else ():
            first = value[0] if isinstance(value, (list, tuple)) and value else value
            if type(first) in (int, float):
                found.append((f"{section}.{name}", type(value)))
    return found


EVERY_OBJECTIVE = sorted((ROOT / "training/configs/tiny").glob("*.toml"))


@pytest.mark.parametrize("path", EVERY_OBJECTIVE, ids=lambda path: path.stem)
def test_no_setting_takes_what_is_no_number_or_beyond_all_reason(path):
    settings = settings_of(load_config(path))
    assert len(settings) > 30
    for name, kind in settings:
        for text in ("nan", "inf", "-inf", "1e300", "1_000_000_000", "9" * 400):
            if name == "run.seed" and text == "1_000_000_000":
                continue
            with pytest.raises(ConfigError):
                load_config(path, [f"{name}=[{text}, {text}]" if kind in (list, tuple) else f"{name}={text}"])


HOSTILE = st.sampled_from(
    ["[]", "{}", "true", '""', "nan", "-1", "0", "[[1]]", '"x"', "1979-05-27", DEEP, "[" * 50 + "]" * 50, '["a", 1]']
)


@given(st.sampled_from([*to_dict(shipped("tiny/ect")), "objective.kind", "network.kind", "later"]), HOSTILE)
def test_any_value_in_any_place_is_taken_or_refused_in_a_sentence(section, value):
    with contextlib.suppress(ConfigError):
        load_config(EVERY_OBJECTIVE[0], [f"{section}={value}"])


def test_classes_are_the_labels_in_the_order_of_their_first_use(tmp_path):
    sources = '[{path = "a", label = "photo"}, {path = "b", label = "render"}, {path = "c", label = "photo"}]'
    config = load_config(minimal(tmp_path), [f"data.train={sources}", "network.classes=2"])
    assert config.classes == ("photo", "render")
