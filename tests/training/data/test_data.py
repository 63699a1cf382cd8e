"""Folders and tar files to pictures; which pictures come next."""

import tarfile
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import core
from core import ConfigError
from tests import tiny
from training.config import Config, DataConfig, Source
from training.objectives.edm import Denoising
from training.data.memory import batch_indices, load_pictures, step_seed

SIZES = st.integers(1, 40)
SEEDS = st.integers(0, 2**31)


def packed(folder: Path, path: Path, mode: str = "w") -> Path:
    with tarfile.open(path, mode) as tar:
        for file in sorted(folder.iterdir()):
            tar.add(file, arcname=f"set/{file.name}")
    return path


def test_a_folder_is_read_in_the_order_of_its_names(tmp_path):
    tiny.write_pictures(tmp_path / "deep" / "p", 3)
    (tmp_path / "deep" / "notes.txt").write_text("no picture")
    pictures = load_pictures(tmp_path, (Source("deep"),), (), tiny.SIDE)
    assert pictures.pixels.dtype == torch.uint8
    expected = torch.cat([core.to_model(tiny.picture(i, 10, 8), 8) for i in range(3)])
    assert torch.equal(pictures.pixels.float() / 127.5 - 1, expected)
    assert (len(pictures), pictures.broken) == (3, ())


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_tar_file_gives_the_same_as_its_folder(tmp_path, mode):
    packed(tiny.write_pictures(tmp_path / "p", 3), tmp_path / "p.tar", mode)
    folder, tar = (load_pictures(tmp_path, (Source(name),), (), 8) for name in ("p", "p.tar"))
    assert torch.equal(folder.pixels, tar.pixels)


def test_every_source_gives_its_label(tmp_path):
    tiny.write_pictures(tmp_path / "a", 2)
    tiny.write_pictures(tmp_path / "b", 1)
    sources = (Source("a", "photo"), Source("b", "render"), Source("a", "photo"))
    assert load_pictures(tmp_path, sources, ("photo", "render"), 8).labels.tolist() == [0, 0, 1, 0, 0]


def test_files_that_do_not_open_are_named_and_left_out(tmp_path):
    folder = tiny.write_pictures(tmp_path / "p", 3)
    (folder / "001.png").write_bytes((folder / "001.png").read_bytes()[:40])
    (folder / "text.jpg").write_text("no picture")
    pictures = load_pictures(tmp_path, (Source("p"),), (), 8)
    assert pictures.broken == ("p: 001.png", "p: text.jpg")
    assert len(pictures) == len(pictures.labels) == 2


def test_if_nothing_opens_there_is_nothing_to_train_on(tmp_path):
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "a.png").write_bytes(b"")
    with pytest.raises(ConfigError, match="None of the 1 files"):
        load_pictures(tmp_path, (Source("p"),), (), 8)


def test_missing_and_empty_sources_are_refused_with_what_helps(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match=r"--set data\.root="):
        load_pictures(tmp_path, (Source("none"),), (), 8)
    with pytest.raises(ConfigError, match=r"holds no pictures .*\.jpg"):
        load_pictures(tmp_path, (Source("empty"),), (), 8)


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_damaged_tar_file_is_refused(tmp_path, mode):
    path = packed(tiny.write_pictures(tmp_path / "p", 20), tmp_path / "p.tar", mode)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ConfigError, match="neither a folder nor a readable tar or zip file"):
        load_pictures(tmp_path, (Source("p.tar"),), (), 8)
    path.write_text("no tar file")
    with pytest.raises(ConfigError, match="neither a folder nor a readable tar or zip file"):
        load_pictures(tmp_path, (Source("p.tar"),), (), 8)


@given(SIZES, st.integers(0, 5), SEEDS)
def test_every_epoch_is_a_permutation(count, epoch, seed):
    order = batch_indices(count, count, epoch * count, seed)
    assert sorted(order.tolist()) == list(range(count))


@given(SIZES, SIZES, SIZES, st.integers(0, 200), SEEDS)
def test_the_order_does_not_depend_on_the_batch_size(count, first, second, seen, seed):
    whole = batch_indices(count, first + second, seen, seed)
    parts = [batch_indices(count, first, seen, seed), batch_indices(count, second, seen + first, seed)]
    assert torch.equal(whole, torch.cat(parts))


def test_epochs_and_seeds_differ():
    orders = [tuple(batch_indices(30, 30, 30 * e, seed).tolist()) for e in range(4) for seed in range(4)]
    assert len(set(orders)) == 16


@given(SEEDS, st.integers(0, 10**9))
def test_a_steps_seed_is_a_seed_of_torch_and_its_own(seed, seen):
    value = step_seed(seed, seen)
    torch.Generator().manual_seed(value)
    assert 0 <= value < 2**63
    assert value == step_seed(seed, seen) != step_seed(seed, seen + 1)


@pytest.mark.parametrize(
    "wrong", [{"flip": 1.1}, {"crop": -0.1}, {"nonleaky": 2.0}, {"buffer": 0}, {"workers": 0}, {"square": "round"}]
)
def test_impossible_settings_of_data_are_refused(wrong):
    with pytest.raises(ConfigError, match=rf"data\.{next(iter(wrong))}"):
        Config(objective=Denoising(), data=DataConfig(**wrong))


def test_classes_are_named_by_the_list_or_by_the_sources_or_numbered():
    labelled = (Source("a", "photo"), Source("b", "render"), Source("c", "photo"))
    assert DataConfig(train=labelled).class_names(2) == ("photo", "render")
    assert DataConfig(train=labelled, classes=("render", "photo")).class_names(2) == ("render", "photo")
    assert DataConfig(train=(Source("a", labels="folders"),)).class_names(3) == ("0", "1", "2")
    assert DataConfig(train=(Source("a"),)).class_names(0) == ()
