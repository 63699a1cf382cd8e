"""Safetensors files one tensor at a time, against the safetensors library."""

import json

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load as library_load
from safetensors.torch import save as library_save

from core import CheckpointError
from core.files import write_parts
from core.safetensors_file import DTYPES, SafetensorsFile, safetensors_parts
from core.weights import Converted, HeldWeights

TENSORS = {
    "b": torch.arange(6, dtype=torch.float32).reshape(2, 3),
    "a": torch.tensor(3.0),
    "none": torch.zeros(0, 4),
    "half": torch.arange(5).half(),
    "größer": torch.arange(3).bfloat16(),
    "whole": torch.arange(4),
    "yes": torch.tensor([True, False, True]),
}
FILE = library_save(TENSORS, metadata={"k": 'quo"ted ä \n'})


def written(path, content: bytes):
    path.write_bytes(content)
    return path


def test_what_the_library_writes_is_read(tmp_path):
    file = SafetensorsFile(written(tmp_path / "m.safetensors", FILE))
    assert file.metadata == {"k": 'quo"ted ä \n'}
    assert list(file.infos) == sorted(TENSORS)
    for name, value in TENSORS.items():
        assert torch.equal(file.read(name), value) and file.infos[name] == (value.dtype, value.shape)


def test_files_are_byte_for_byte_the_librarys(tmp_path):
    """With widths of which each has one kind: among kinds of one width the library has an order of its own."""
    tensors = {name: value for name, value in TENSORS.items() if name != "half"}
    path = write_parts(tmp_path / "m.safetensors", safetensors_parts(HeldWeights(tensors), {"k": 'quo"ted ä \n'}))
    assert path.read_bytes() == library_save(tensors, metadata={"k": 'quo"ted ä \n'})


def test_tensors_are_converted_on_their_way(tmp_path):
    parts = safetensors_parts(Converted(HeldWeights(TENSORS), {"b": torch.float16}), {})
    found = library_load(write_parts(tmp_path / "m.safetensors", parts).read_bytes())
    assert torch.equal(found.pop("b"), TENSORS["b"].half())
    assert all(torch.equal(found[name], TENSORS[name]) for name in found)


def test_a_file_that_shrinks_after_it_was_opened_is_refused(tmp_path):
    file = SafetensorsFile(written(tmp_path / "m.safetensors", FILE))
    written(tmp_path / "m.safetensors", FILE[:-40])
    with pytest.raises(CheckpointError, match="cut short"):
        for name in file.infos:
            file.read(name)


def header(entry: dict) -> bytes:
    text = json.dumps({"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]} | entry}).encode()
    return len(text).to_bytes(8, "little") + text


@pytest.mark.parametrize(
    "entry",
    [
        {"shape": [3]}, {"shape": [-2]}, {"shape": [True, 2]}, {"shape": [2.0]}, {"shape": [1] * 9 + [2]}, {"shape": 2},
        {"dtype": "F13"}, {"dtype": 3}, {"data_offsets": [8, 16]}, {"data_offsets": [0]}, {"data_offsets": [0, 8, 8]},
        {"data_offsets": [8, 0]}, {"data_offsets": [0, 2**70]}, {"extra": 1}, {"shape": [2**40, 2**40]},
    ],
    ids=str,
)  # fmt: skip
def test_a_tensor_that_cannot_be_is_refused(tmp_path, entry):
    assert SafetensorsFile(written(tmp_path / "m.safetensors", header({}) + bytes(8))).infos
    with pytest.raises(CheckpointError, match="not a safetensors file"):
        SafetensorsFile(written(tmp_path / "m.safetensors", header(entry) + bytes(8)))


@pytest.mark.parametrize("length", [0, 1, 2**63, 2**64 - 1, 10**9])
def test_a_header_of_a_wrong_length_is_refused(tmp_path, length):
    with pytest.raises(CheckpointError, match="not a safetensors file"):
        SafetensorsFile(written(tmp_path / "m.safetensors", length.to_bytes(8, "little") + FILE[8:]))


NUMBERS = st.sampled_from([d for d in DTYPES.values() if d.is_floating_point])


@given(
    st.dictionaries(
        st.text(max_size=8).filter(lambda name: name != "__metadata__"),
        st.tuples(NUMBERS, st.lists(st.integers(0, 4), max_size=4)),
        max_size=5,
    )
)
def test_any_tensors_survive_bit_for_bit(tmp_path_factory, kinds):
    tensors = {name: torch.randn(shape, dtype=torch.float64).to(dtype) for name, (dtype, shape) in kinds.items()}
    path = tmp_path_factory.getbasetemp() / "any-tensors.safetensors"
    write_parts(path, safetensors_parts(HeldWeights(tensors), {}))
    file = SafetensorsFile(path)
    for found in ({name: file.read(name) for name in file.infos}, library_load(path.read_bytes())):
        assert found.keys() == tensors.keys()
        assert all(
            torch.equal(found[name], value) and found[name].dtype == value.dtype for name, value in tensors.items()
        )
