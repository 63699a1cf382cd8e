"""Batches in parts that fit into the memory: the same pictures, whatever the parts."""

import weakref
from dataclasses import replace

import pytest
import torch

import core
from core import micro_batches
from core.micro_batches import LITTLE, USABLE, MicroBatches, is_out_of_memory
from tests import tiny
from tests.cramped import CPU, ERRORS, ON_CUDA, cramped

SIGMAS = [80.0, 5.0, 1.0]
SEEDS = [5, 6, 7, 8, 9, 10, 11]


def sampled(model, **options):
    return core.sample(model, SIGMAS, core.SeededNoise(SEEDS), **options)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: str(error)[:40])
def test_a_batch_that_is_too_large_is_halved_and_makes_the_same_pictures(error):
    model = cramped(2, error)
    torch.testing.assert_close(sampled(model), sampled(tiny.model()), rtol=0, atol=1e-4)
    assert model.network.sizes == [1, 7, 4, *3 * [2, 2, 2, 1]]


@pytest.mark.parametrize("room", [1, 3, 4])
def test_the_size_that_worked_is_remembered(room):
    model = cramped(room)
    sampled(model)
    before = len(model.network.sizes)
    sampled(model)
    assert max(model.network.sizes[before:]) <= room


def test_labels_and_levels_go_with_their_pictures():
    x, labels = core.SeededNoise(SEEDS).draw(0, (3, tiny.SIDE, tiny.SIDE)), torch.arange(7) % 3
    sigma = torch.linspace(0.5, 20.0, 7)
    whole, parts = (replace_card(model) for model in (tiny.model(classes=3), cramped(2, classes=3)))
    with torch.inference_mode():
        torch.testing.assert_close(parts(x, sigma, labels), whole(x, sigma, labels), rtol=1e-4, atol=1e-4)


def replace_card(model):
    model.card = replace(model.card, classes=("a", "b", "c"))
    return model


def test_step_counts_go_with_their_pictures():
    x, steps = core.SeededNoise(SEEDS).draw(0, (3, tiny.SIDE, tiny.SIDE)), torch.arange(7) % 2
    whole, parts = tiny.model(step_counts=(1, 2)), cramped(2, step_counts=(1, 2))
    with torch.inference_mode():
        expected = whole(x, 3.0, steps_B=steps)
        torch.testing.assert_close(parts(x, 3.0, steps_B=steps), expected, rtol=1e-4, atol=1e-4)


def test_guided_evaluations_are_measured_apart():
    rules = replace(tiny.model().rules, guidance=1.5)
    model = cramped(4)
    guided, plain = sampled(model, rules=rules), sampled(model)
    torch.testing.assert_close(guided, sampled(tiny.model(), rules=rules), rtol=0, atol=1e-4)
    torch.testing.assert_close(plain, sampled(tiny.model()), rtol=0, atol=1e-4)
    assert 3 in model.network.sizes  # that guided ones have to be smaller counts for them alone
    known = model.network.evaluate._known
    assert known[False].bytes < known[True].bytes < 2 * known[False].bytes


def test_one_picture_that_does_not_fit_is_told_in_a_sentence():
    with pytest.raises(core.NotEnoughMemory, match=r"not enough memory for a single picture\. Close other programs"):
        sampled(cramped(0))


def test_other_errors_are_what_they_were():
    error = RuntimeError("mat1 and mat2 shapes cannot be multiplied")
    with pytest.raises(RuntimeError) as caught:
        sampled(cramped(2, error))
    assert caught.value is error and not is_out_of_memory(error)


def test_what_is_cached_is_released_before_the_smaller_try(monkeypatch):
    released, model = [], cramped(2, ON_CUDA)
    monkeypatch.setattr(micro_batches, "release_memory", lambda: released.append(list(model.network.sizes)))
    sampled(model)
    assert released == [[1, 7], [1, 7, 4]]


def test_nothing_of_the_evaluation_that_failed_is_held_when_the_next_begins():
    """A tensor is freed with its last reference: the error, whose frames hold some, must be gone."""
    held, living = [], []

    def network(u, *, guidance):
        living.append([each() is not None for each in held])
        if len(held) < 3:
            activation = u * 2
            held.append(weakref.ref(activation))
        if len(u) > 2:
            raise torch.OutOfMemoryError
        return u

    batches = MicroBatches(CPU, lambda device: None)
    batches(network, [torch.zeros(9, 1)])
    assert living[-1] == [False, False, False]


class Sizes:
    """A computation of 32 MB a picture that notes how many it got."""

    def __init__(self):
        self.got = []

    def __call__(self, u, *, guidance):
        self.got.append(len(u))
        return torch.zeros(len(u), LITTLE // 8)[:, :1] + u


@pytest.mark.parametrize(
    ("left", "sizes"),
    [(None, [1, 16]), (16.5, [1, 16]), (9.5, [1, 8, 8]), (5.5, [1, *[4] * 4]), (1.5, [1] * 17), (0, [1] * 17)],
)
def test_parts_are_what_the_device_has_room_for(left, sizes):
    """left: pictures for which the device says it has memory."""
    picture = LITTLE // 2 + 4
    computation = Sizes()
    available = None if left is None else int(left * picture / USABLE)
    batches = MicroBatches(CPU, lambda device: available)
    u = torch.arange(16.0)[:, None]
    assert torch.equal(batches(computation, [u]), u + 0)
    assert computation.got == sizes


def test_the_parts_of_a_batch_are_the_same_whatever_was_evaluated_before():
    """Else a picture would depend on them, by rounding."""
    computation = Sizes()
    batches = MicroBatches(CPU, lambda device: None)
    for _ in range(2):
        batches(computation, [torch.arange(5.0)[:, None]])
    measuring, first, second = computation.got
    assert measuring == 1 and first == second == 5


def test_nobody_asks_the_device_for_a_little_memory():
    asked = []
    batches = MicroBatches(CPU, asked.append)
    model = tiny.model()
    model.network.evaluate = batches
    sampled(model)
    assert asked == []


def test_models_that_are_loaded_evaluate_in_parts(tmp_path):
    made = tiny.model()
    path = core.save_model(tmp_path / "m.safetensors", made.card, made.network.state_dict())
    assert isinstance(core.load_model(path, "cpu").network.evaluate, MicroBatches)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: str(error)[:40])
def test_too_little_memory_for_the_weights_is_told_in_a_sentence(tmp_path, monkeypatch, error):
    made = tiny.model()
    path = core.save_model(tmp_path / "m.safetensors", made.card, made.network.state_dict())

    def too_large(*_):
        raise error

    monkeypatch.setattr("core.checkpoint.to_device", too_large)
    with pytest.raises(core.NotEnoughMemory, match="not enough memory for tiny"):
        core.load_model(path, device="cpu")
