"""Files and folders that somebody made to do harm, or that are damaged: one sentence, no code run, no memory taken."""

import json
import os
import pickle
import struct
import tracemalloc
import zipfile

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import core
from core.published.diffusers import unet_values
from core.published.folder import _listed
from core.published.openai import openai_config
from core.published.torch_file import TorchFile
from tests.core.published.openai_network import small
from tests.fuzz.sentences import check_sentence

STATE = small("lsun").state_dict()


def refused(path, match: str | None = None) -> None:
    with pytest.raises(core.CheckpointError, match=match) as error:
        core.load_model(path, "cpu")
    check_sentence(str(error.value))


def saved(tmp_path, values, name="cd_bad.pt", **how):
    torch.save(values, tmp_path / name, **how)
    return tmp_path / name


class Mark:
    """Unpickling this leaves a file behind."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_code_in_a_file_is_not_run(tmp_path):
    mark = tmp_path / "executed"
    refused(saved(tmp_path, STATE | {"x": Mark(mark)}), "not a state dict")
    refused(saved(tmp_path, STATE | {"x": Mark(mark)}, _use_new_zipfile_serialization=False), "not a state dict")
    (tmp_path / "cd_plain.pt").write_bytes(pickle.dumps(Mark(mark)))
    refused(tmp_path / "cd_plain.pt", "not a state dict")
    assert not mark.exists()


@pytest.mark.parametrize(
    "values",
    [
        {}, [], 3, {"a": 3}, {3: torch.zeros(2)}, {"a": {"b": torch.zeros(2)}}, {"a\n": torch.zeros(2)},
        {"a": torch.zeros(2).to_sparse()}, {"a": torch.zeros(2, device="meta")},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_dictionary_of_tensors_is_refused(tmp_path, values):
    refused(saved(tmp_path, values), "not a state dict")


def test_other_networks_are_refused(tmp_path):
    refused(saved(tmp_path, {"conv.weight": torch.zeros(3, 3)}), "OpenAI's consistency models was expected")


NAME = "input_blocks.1.0.in_layers.2.weight"
CHANGES = {
    "missing": lambda state: state.pop("output_blocks.0.0.in_layers.0.bias"),
    "left over": lambda state: state.update(extra=torch.zeros(1)),
    "shape": lambda state: state.update({"middle_block.1.qkv.weight": torch.zeros(384, 128, 1)}),  # guided-diffusion's
    "whole numbers": lambda state: state.update({"out.2.bias": torch.zeros(3, dtype=torch.int32)}),
    "nan": lambda state: state.update({"out.2.bias": torch.tensor([0.0, float("nan"), 0.0])}),
    "infinite": lambda state: state.update({"out.2.bias": torch.tensor([0.0, float("-inf"), 0.0])}),
    "no levels": lambda state: [state.pop(name) for name in list(state) if name.startswith("input_blocks.1.")],
    "empty": lambda state: state.update({NAME: torch.zeros(0, 64, 3, 3)}),
    "wide": lambda state: state.update({"input_blocks.0.0.weight": torch.zeros(1).expand(2**20, 3, 3, 3)}),
    "convolutions between levels": lambda state: state.update(
        {"input_blocks.2.0.op.weight": torch.zeros(64, 64, 3, 3)}
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_weights_that_are_no_such_network_are_refused(tmp_path, change):
    state = dict(STATE)
    CHANGES[change](state)
    refused(saved(tmp_path, state))


def test_a_small_file_whose_tensors_would_be_large_is_refused(tmp_path):
    """All tensors are the same memory, or one number repeated."""
    one = torch.zeros(1)
    refused(saved(tmp_path, {name: one.expand(value.shape) for name, value in STATE.items()}), "not a state dict")
    refused(saved(tmp_path, {name: torch.zeros(1).expand(10**12) for name in "ab"}), "not a state dict")


def test_tensors_that_share_their_memory_are_read(tmp_path):
    whole = torch.arange(24.0).reshape(4, 6)
    tensors = {"first": torch.ones(3)[:0], "rows": whole[1:3], "columns": whole.t(), "one": whole[3, 5]}
    tensors |= {"none": torch.zeros(0, 2), "other": whole + 1}
    file = TorchFile(saved(tmp_path, tensors, "data.pt"))  # whose records are named data/data/0 and data/data.pkl
    assert all(torch.equal(file.read(name), value) for name, value in tensors.items())


def zipped(path, records: dict[str, bytes], kind=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", kind) as archive:
        for name, content in records.items():
            archive.writestr(name, content)
    return path


def records_of(path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_compressed_archives_are_refused(tmp_path):
    """A kilobyte of them may become a gigabyte."""
    records = records_of(saved(tmp_path, STATE))
    refused(zipped(tmp_path / "cd_bomb.pt", records, zipfile.ZIP_DEFLATED), "not a state dict")
    records["cd_bad/data.pkl"] = bytes(50_000_000)
    refused(zipped(tmp_path / "cd_bomb.pt", records), "not a state dict")


def test_an_archive_with_records_missing_short_or_in_another_order_of_bytes_is_refused(tmp_path):
    records = records_of(saved(tmp_path, STATE))
    for name, content in {"cd_bad/data/7": None, "cd_bad/data/3": b"short", "cd_bad/byteorder": b"big"}.items():
        changed = {key: value for key, value in (records | {name: content}).items() if value is not None}
        refused(zipped(tmp_path / "cd_short.pt", changed), "not a state dict")


def test_an_archive_with_two_lists_of_records_is_refused(tmp_path):
    """Python's zipfile takes the list in front of the end, torch the one at the place that the end names."""
    path = saved(tmp_path, STATE)
    honest = zipped(tmp_path / "cd_one.pt", records_of(path)).read_bytes()
    assert TorchFile(tmp_path / "cd_one.pt").infos
    (tmp_path / "cd_two.pt").write_bytes(bytes(64) + honest)
    with zipfile.ZipFile(tmp_path / "cd_two.pt") as archive:
        assert archive.testzip() is None
    refused(tmp_path / "cd_two.pt", "not a state dict")


def test_an_archive_whose_list_of_records_is_huge_takes_no_memory(tmp_path):
    path, size = tmp_path / "cd_list.pt", 200_000_000
    with path.open("wb") as file:
        file.truncate(size)  # a hole, which takes no room on the disk
        file.seek(size)
        file.write(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, size - 100, 100, 0))
    tracemalloc.start()
    refused(path, "not a state dict")
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


@settings(max_examples=30)
@given(st.data())
def test_a_file_cut_short_anywhere_is_refused(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "cd_cut.pt"
    torch.save({"a": torch.arange(50.0)}, path)
    whole = path.read_bytes()
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    refused(path, "not a state dict")


@settings(max_examples=60)
@given(st.data())
def test_a_damaged_file_is_read_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "cd_damaged.pt"
    torch.save({"a": torch.arange(50.0), "b": torch.zeros(2, 3)}, path)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        file = TorchFile(path)
        assert all(file.read(name).shape == info.shape for name, info in file.infos.items())
    except core.CheckpointError as error:
        check_sentence(str(error))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "cd_model/unet").mkdir(parents=True)
    return tmp_path / "cd_model"


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a": ' * 5000, "", "{", "\x00", '{"a": NaN}', "null"], ids=lambda t: t[:8]
)
def test_configurations_that_are_no_usual_json_are_refused(folder, text):
    (folder / "unet/config.json").write_text(text)
    refused(folder, "JSON")


def test_a_huge_configuration_is_refused(folder):
    (folder / "unet/config.json").write_bytes(b" " * 3_000_000 + b"{}")
    refused(folder, "config.json in unet is not JSON that can be read")


def test_links_to_devices_and_pipes_are_refused(folder):
    """Reading them would never end."""
    os.symlink("/dev/zero", folder / "unet/config.json")
    refused(folder)
    os.unlink(folder / "unet/config.json")
    os.mkfifo(folder / "unet/config.json")
    refused(folder)
    os.unlink(folder / "unet/config.json")
    shapes = {name: tuple(value.shape) for name, value in STATE.items()}
    (folder / "unet/config.json").write_text(json.dumps(unet_values(openai_config(shapes, "x"))))
    for name in ("diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.bin"):
        for make in (lambda path: os.symlink("/dev/zero", path), os.mkfifo):
            make(folder / "unet" / name)
            refused(folder)
            os.unlink(folder / "unet" / name)
    refused(folder, "has no diffusion_pytorch_model.safetensors")


@pytest.mark.parametrize("name", ["/etc/passwd", "../config.json", "..", "", "a/b", 3])
def test_a_list_of_files_leads_nowhere_else(folder, name):
    index = folder / "unet/diffusion_pytorch_model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": name}}))
    with pytest.raises(core.CheckpointError, match="does not say in which files of its folder"):
        _listed(index)
