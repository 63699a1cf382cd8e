"""Fetching a model from a server that speaks as the Hub does: progress, stopping, going on, and what is checked."""

import threading
from pathlib import Path

import pytest
import torch

import core
from core.convert import main
from core.model_hub import OFFERS, Stopped, fetch
from core.published.cards import published_name
from core.published.fetch import OFFLINE, pieces_of
from tests.core.published.openai_network import small
from tests.hub import NEEDED, WEIGHTS, served_hub

ID = "somebody/diffusers-cd_small"
TEMPLATE = "/{repo_id}/resolve/{revision}/{filename}"


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """A diffusers folder with more in it than is needed."""
    folder = tmp_path_factory.mktemp("fetched")
    torch.save(small("lsun").state_dict(), folder / "cd_small.pt")
    assert main([str(folder / "cd_small.pt"), str(folder / "model"), "--to", "diffusers"]) == 0
    (folder / "model" / "README.md").write_text("not needed")
    return folder / "model"


@pytest.fixture
def hub(model, monkeypatch):
    names = [*NEEDED, "README.md", "unet/../../../evil-diffusion_pytorch_model.safetensors"]
    with served_hub(model, ID, names) as (handler, address):
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", address)
        monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", address + TEMPLATE)
        monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 1000)
        yield handler


def ignore(done: int, size: int) -> None: ...


def stopping_at(part: float):
    """What stops a transfer when so much of it has arrived, and the event that does."""
    stop = threading.Event()
    return lambda done, size: stop.set() if done > part * size else None, stop


def test_a_fetched_model_is_loaded_and_its_progress_ends_with_everything(hub, tmp_path):
    seen = []
    folder = fetch(ID, tmp_path / "here" / "diffusers-cd_small", lambda *how: seen.append(how), threading.Event())
    assert core.load_model(folder, "cpu", "float32").card.parameterisation == "consistency"
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()) == NEEDED
    done, sizes = zip(*seen, strict=True)
    assert list(done) == sorted(done) and set(sizes) == {sum(path.stat().st_size for path in folder.rglob("*.*"))}
    assert done[-1] == sizes[-1] and len(done) > 10
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


@pytest.mark.parametrize("part", [0.0, 0.3, 0.9])
def test_what_was_stopped_goes_on_where_it_was(hub, tmp_path, part):
    heard, stop = stopping_at(part)
    target = tmp_path / "m-cd_small"
    with pytest.raises(Stopped):
        fetch(ID, target, heard, stop)
    assert not target.exists()
    here = {path.name: path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()}
    hub.asked.clear()
    fetch(ID, target, ignore, threading.Event())
    core.load_model(target, "cpu")
    assert hub.asked[WEIGHTS, here.get(Path(WEIGHTS).name, 0)] == 1 and sum(hub.asked.values()) <= len(NEEDED)


def test_a_connection_that_breaks_is_taken_up_again(hub, tmp_path):
    hub.breaks += [5000]
    fetch(ID, tmp_path / "m-cd_small", ignore, threading.Event())
    assert len([begin for name, begin in hub.asked if name == WEIGHTS]) == 2
    core.load_model(tmp_path / "m-cd_small", "cpu")


@pytest.mark.parametrize("name", NEEDED)
def test_a_file_that_was_damaged_on_its_way_is_refused_and_fetched_anew(hub, model, tmp_path, name):
    data = bytearray((model / name).read_bytes())
    data[len(data) // 2] ^= 1
    hub.wrong[name] = bytes(data)
    with pytest.raises(core.CheckpointError, match="was damaged on its way"):
        fetch(ID, tmp_path / "m-cd_small", ignore, threading.Event())
    hub.wrong.clear()
    core.load_model(fetch(ID, tmp_path / "m-cd_small", ignore, threading.Event()), "cpu")


def test_without_a_network_it_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(core.CheckpointError) as caught:
        fetch(ID, tmp_path / "m", ignore, threading.Event())
    assert str(caught.value) == OFFLINE


def test_what_is_not_on_the_hub_or_no_id_is_a_sentence(hub, tmp_path):
    with pytest.raises(core.CheckpointError, match="There is no model nobody/none on"):
        fetch("nobody/none", tmp_path / "m", ignore, threading.Event())
    with pytest.raises(core.CheckpointError, match="is no id"):
        fetch("../etc", tmp_path / "m", ignore, threading.Event())
    hub.names = ["README.md", "unet/config.json"]
    with pytest.raises(core.CheckpointError, match="has no unet with weights"):
        fetch(ID, tmp_path / "m", ignore, threading.Event())


def test_nothing_is_fetched_where_there_is_no_room_or_something_is_there(hub, tmp_path, monkeypatch):
    (tmp_path / "there").mkdir()
    with pytest.raises(core.CheckpointError, match="is there already"):
        fetch(ID, tmp_path / "there", ignore, threading.Event())
    monkeypatch.setattr("core.published.fetch.shutil.disk_usage", lambda _: type("Disk", (), {"free": 10}))
    with pytest.raises(core.CheckpointError, match="There is no room for it"):
        fetch(ID, tmp_path / "m", ignore, threading.Event())


def test_a_name_that_leaves_the_folder_is_not_fetched(hub):
    assert sorted(piece.name for piece in pieces_of(ID)[1]) == NEEDED


def test_every_offer_is_a_published_model_of_the_side_that_it_says():
    assert len(OFFERS) == 7
    for offer in OFFERS:
        assert published_name([offer.name], offer.side)
