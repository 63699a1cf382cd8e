"""Damaged and invented training configurations: one that can be written and read again, or a ConfigError."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigError
from tests.fuzz.effort import usual
from tests.fuzz.mutations import NOISE, changed_bytes, changed_value
from tests.fuzz.sentences import check_sentence
from training.config import Config, from_dict, load_config, to_dict, to_toml

CONFIGS = sorted((Path(__file__).resolve().parents[2] / "training/configs").rglob("*.toml"))
TEXTS = [path.read_bytes() for path in CONFIGS]
VALUES = [to_dict(load_config(path)) for path in CONFIGS]
KEYS = sorted({f"{section}.{name}" for values in VALUES for section, entries in values.items()
               for name in (entries if isinstance(entries, dict) else [section])})  # fmt: skip
LITERALS = st.sampled_from(
    ["0", "-1", "1e400", "nan", "inf", "true", '""', '"x"', "[]", "{}", "[[]]", "1979-05-27", "[1, 2]", "9" * 50, "'"]
) | st.text(max_size=20)  # fmt: skip


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("configs") / "run.toml"


def check(made) -> None:
    """made: gives a Config. It must be the same after it was written, or be refused in a sentence."""
    try:
        config = made()
    except ConfigError as error:
        check_sentence(str(error))
        return
    assert isinstance(config, Config)
    assert from_dict(tomllib.loads(to_toml(config))) == config


@usual
@given(changed_bytes(TEXTS))
def test_a_changed_file_is_a_configuration_or_refused(path, content):
    path.write_bytes(content)
    check(lambda: load_config(path))


@usual
@given(changed_value(VALUES, NOISE))
def test_changed_settings_are_a_configuration_or_refused(values):
    check(lambda: from_dict(values) if isinstance(values, dict) else load_config(CONFIGS[0]))


@usual
@given(st.sampled_from(CONFIGS), st.lists(st.builds("{}={}".format, st.sampled_from(KEYS), LITERALS) | st.text()))
def test_any_override_makes_a_configuration_or_is_refused(path, overrides):
    check(lambda: load_config(path, overrides))
