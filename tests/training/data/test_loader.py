"""Batches from memory and from streams."""

import tarfile
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import core
from core import ConfigError
from training.config import DataConfig, Source
from training.data.loader import BATCHES_AHEAD, open_loader
from training.data.shuffle import StreamShuffle

CPU = torch.device("cpu")
COUNT = 23
BATCH = 4


def shades(folder, count=COUNT):
    """Pictures of one colour each: their number."""
    folder.mkdir(parents=True)
    for number in range(count):
        core.write_png(folder / f"{number:03d}.png", np.full((8, 8, 3), number, dtype=np.uint8))
    return folder


def packed(folder, path):
    with tarfile.open(path, "w") as tar:
        for file in sorted(folder.iterdir()):
            tar.add(file, arcname=file.name)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """The same pictures as a folder and as a tar file."""
    root = tmp_path_factory.mktemp("data")
    packed(shades(root / "folder"), root / "tar.tar")
    return root


@pytest.fixture
def loader_of(root):
    """Opens loader, and closes them after the test."""
    opened = []

    def open_one(path="tar.tar", *, stream=True, rank=0, world=1, seed=5, batch=BATCH, **changes):
        data = replace(DataConfig(root=str(root), train=(Source(path),), stream=stream, buffer=8), **changes)
        opened.append(open_loader(data, (), 8, CPU, seed, batch, rank, world))
        return opened[-1]

    yield open_one
    for loader in opened:
        loader.close()


def numbers(loader, seen, first=0, last=BATCH):
    pixels, labels = loader.batch(seen, first, last)
    assert pixels.dtype == torch.uint8
    assert pixels.shape == (last - first, 3, 8, 8)
    assert labels.tolist() == [0] * (last - first)
    assert pixels.float().flatten(1).std(dim=1).max() == 0
    return pixels[:, 0, 0, 0].tolist()


kinds = pytest.mark.parametrize("kind", [{"stream": False}, {"stream": True}, {"path": "folder"}])


@kinds
def test_every_picture_comes_once_an_epoch(loader_of, kind):
    loader = loader_of(**kind, batch=1)
    epochs = [[numbers(loader, epoch * COUNT + n, 0, 1)[0] for n in range(COUNT)] for epoch in range(2)]
    assert [sorted(epoch) for epoch in epochs] == [list(range(COUNT))] * 2
    assert epochs[0] != epochs[1]
    assert len(loader) == COUNT


@kinds
def test_a_batch_does_not_depend_on_its_division_nor_on_what_came_before(loader_of, kind):
    loader = loader_of(**kind)
    whole = [numbers(loader, seen) for seen in range(0, 60, BATCH)]
    parts, backwards = loader_of(**kind), loader_of(**kind)
    assert whole == [numbers(parts, s, 0, 1) + numbers(parts, s, 1, 4) for s in range(0, 60, BATCH)]
    assert whole == [numbers(backwards, s) for s in reversed(range(0, 60, BATCH))][::-1]
    assert whole != [numbers(loader_of(**kind, seed=6), s) for s in range(0, 60, BATCH)]


@kinds
def test_a_resumed_run_gets_the_same_pictures_on_any_number_of_processes(loader_of, kind):
    alone = [numbers(loader_of(**kind), seen) for seen in (88, 92)]
    halves = [loader_of(**kind, rank=rank, world=2) for rank in (0, 1)]
    assert alone == [numbers(halves[0], seen, 0, 2) + numbers(halves[1], seen, 2, 4) for seen in (88, 92)]


@pytest.mark.parametrize("workers", [1, 3])
def test_threads_change_nothing(loader_of, workers):
    assert numbers(loader_of(workers=workers), 40) == numbers(loader_of(workers=2), 40)


@kinds
def test_a_sample_is_spread_over_the_set_and_always_the_same(loader_of, kind):
    loader = loader_of(**kind)
    pixels, labels = loader.sample(COUNT)
    assert sorted(pixels[:, 0, 0, 0].tolist()) == list(range(COUNT))
    assert len(labels) == COUNT
    assert torch.equal(loader.sample(5)[0], loader_of(**kind).sample(5)[0])


def test_only_a_few_batches_of_its_own_pictures_are_decoded_ahead(loader_of):
    loader = loader_of("folder", workers=1, rank=1, world=2)
    for seen in range(0, 80, BATCH):
        loader.batch(seen, 2, 4)
        waiting = loader._pending
        assert all(position % BATCH in (2, 3) for position in waiting)
        assert seen <= min(waiting) and max(waiting) < seen + (BATCHES_AHEAD + 2) * BATCH


def test_the_next_batch_is_decoded_before_it_is_requested(loader_of):
    loader = loader_of()
    loader.batch(0, 0, 4)
    next_ones = [loader._pending[position] for position in range(4, 8)]
    expected = [future.result()[0][0, 0, 0] for future in next_ones]
    assert numbers(loader, 4) == expected
    assert not any(position < 4 for position in loader._pending)


def test_pictures_that_do_not_open_are_named_counted_and_replaced_the_same_way_each_time(tmp_path, loader_of):
    shades(tmp_path / "p")
    for number in (3, 4, 22):
        (tmp_path / "p" / f"{number:03d}.png").write_text("no picture")
    loader = loader_of("p", root=str(tmp_path), batch=1)
    epoch = [numbers(loader, seen, 0, 1)[0] for seen in range(COUNT)]
    assert sorted(epoch) == sorted([*(set(range(COUNT)) - {3, 4, 22}), 5, 5, 0])
    assert {line.split()[-1] for line in loader.new_messages()} == {"003.png", "004.png", "022.png"}
    assert loader.new_messages() == []
    loader.batch(COUNT, 0, 1)
    assert loader.new_messages() == ["epoch 0 is over: 3 of 23 pictures did not open here"]
    again = loader_of("p", root=str(tmp_path), batch=1)
    assert numbers(again, 9, 0, 1) == [epoch[9]]


def test_memory_names_what_does_not_open_once(tmp_path, loader_of):
    (shades(tmp_path / "p", 3) / "001.png").write_text("no picture")
    loader = loader_of("p", root=str(tmp_path), stream=False)
    assert loader.new_messages() == ["left out, does not open: p: 001.png"]
    assert loader.new_messages() == []


def test_a_set_in_which_nothing_opens_stops_the_run(tmp_path, loader_of):
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "a.png").write_bytes(b"")
    with pytest.raises(ConfigError, match=r"in a row do not open, from p: a\.png on"):
        loader_of("p", root=str(tmp_path)).batch(0, 0, 4)


def test_a_compressed_tar_file_is_refused_as_a_stream(tmp_path, loader_of):
    with tarfile.open(tmp_path / "p.tar", "w:gz") as tar:
        tar.add(shades(tmp_path / "p", 2) / "000.png", "000.png")
    with pytest.raises(ConfigError, match=r"compressed, which cannot be streamed: unpack it to a plain \.tar file"):
        loader_of("p.tar", root=str(tmp_path))


def test_labels_follow_their_pictures(tmp_path):
    shades(tmp_path / "a", 3)
    (shades(tmp_path / "b", 5) / "002.png").write_text("no picture")
    sources = (Source("a", "photo"), Source("b", "render"))
    for stream in (False, True):
        data = DataConfig(root=str(tmp_path), train=sources, stream=stream)
        loader = open_loader(data, ("photo", "render"), 8, CPU, 0, 4)
        pixels, labels = loader.batch(0, 0, 4)
        for number, label in zip(pixels[:, 0, 0, 0].tolist(), labels.tolist()):
            assert label == 1 or number < 3
        assert loader.sample(40)[1].float().mean() == pytest.approx(4 / 7 if not stream else 5 / 8, abs=0.05)
        loader.close()


SIZES = st.integers(1, 60)


def order_of(rows, lanes, buffer, seed=0):
    starts = np.cumsum([0, *rows[:-1]])
    return StreamShuffle(starts, sum(rows), lanes=lanes, buffer=buffer, seed=seed)


@settings(max_examples=60)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=12), SIZES, SIZES, st.integers(0, 3))
def test_every_lane_goes_through_its_part_of_one_epoch_after_another(rows, lanes, buffer, epoch):
    count, order = sum(rows), order_of(rows, lanes, buffer)
    lanes = min(lanes, count)
    found = []
    for lane in range(lanes):
        length = count // lanes + (lane < count % lanes)
        found += [order.at((epoch * length + place) * lanes + lane) for place in range(length)]
    assert sorted(found) == list(range(count))


@settings(max_examples=60)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=12), SIZES, SIZES)
def test_a_lane_reads_runs_one_after_another_within_its_part_of_the_buffer(rows, lanes, buffer):
    """Without a buffer every lane follows the rows; with one, no picture moves further than its part of the buffer."""
    count, straight, shuffled = sum(rows), order_of(rows, lanes, 1), order_of(rows, lanes, buffer)
    lanes = min(lanes, count)
    for lane in range(lanes):
        length = count // lanes + (lane < count % lanes)
        line = [straight.at(place * lanes + lane) for place in range(length)]
        jumps = sum(b != a + 1 for a, b in pairwise(line))
        assert jumps <= len(rows)
        window = max(buffer // lanes, 1)
        moved = [shuffled.at(place * lanes + lane) for place in range(length)]
        assert [set(line[i : i + window]) for i in range(0, length, window)] == [
            set(moved[i : i + window]) for i in range(0, length, window)
        ]


def test_processes_read_different_runs_except_at_their_borders():
    rows = [8] * 64
    order = order_of(rows, 16, 64)
    of_rank = [
        {order.at(step * 16 + slot) // 8 for step in range(32) for slot in range(r * 4, r * 4 + 4)} for r in range(4)
    ]
    assert sum(len(rows) for rows in of_rank) <= 64 + 3
    assert set().union(*of_rank) == set(range(64))


def test_the_buffer_mixes_runs_and_epochs_and_seeds_differ():
    order = order_of([64] * 100, 4, 1024)
    assert len({order.at(position) // 64 for position in range(256)}) > 12  # 4 lanes, each with 4 rows in its window
    lines = [
        tuple(order_of([4] * 25, 1, 10, seed).at(e * 100 + i) for i in range(100)) for e in (0, 1) for seed in (0, 1)
    ]
    assert len(set(lines)) == 4
