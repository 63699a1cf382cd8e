"""Device and precision, decided once, with the reason as a sentence."""

from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import torch

from core import RequestError, choose_runtime
from core.runtime import machine, to_device, train_precision, use_threads
from core.schedule import karras_sigmas
from core.unet import UNet
from tests import tiny


@pytest.fixture
def bare_machine(monkeypatch):
    """A machine with neither card nor fast half precision."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr("core.runtime._cpu_multiplies_bfloat16", lambda: False)


def test_auto_on_a_bare_machine_is_float32_on_the_processor(bare_machine):
    runtime = choose_runtime()
    assert (runtime.device, runtime.dtype) == (torch.device("cpu"), torch.float32)
    assert runtime.reason.startswith("cpu: float32, ")


def test_a_processor_with_bfloat16_uses_it(bare_machine, monkeypatch):
    monkeypatch.setattr("core.runtime._cpu_multiplies_bfloat16", lambda: True)
    assert choose_runtime("cpu").dtype == torch.bfloat16


@pytest.mark.parametrize(("capability", "dtype"), [((7, 5), torch.float16), ((8, 0), torch.bfloat16)])
def test_a_card_uses_the_half_precision_that_it_has(monkeypatch, capability, dtype):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    runtime = choose_runtime("auto")
    assert (runtime.device.type, runtime.dtype) == ("cuda", dtype)


@pytest.fixture
def card(request, monkeypatch):
    """A CUDA device of that capability."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: request.param)


@pytest.mark.parametrize(
    ("card", "level_gap", "dtype", "tf32"),
    [
        ((9, 0), 0.1, torch.bfloat16, True), ((9, 0), 0.02, torch.float16, True), ((9, 0), 0.004, torch.float32, True),
        ((9, 0), 0.001, torch.float32, False), ((7, 5), 0.02, torch.float16, True),
        ((7, 5), 0.004, torch.float32, False),
    ],
    indirect=["card"],
)  # fmt: skip
def test_the_nearer_the_levels_that_a_loss_compares_the_finer_the_precision(card, level_gap, dtype, tf32):
    runtime = choose_runtime("cuda", level_gap=level_gap)
    assert (runtime.dtype, runtime.tf32) == (dtype, tf32)


@pytest.mark.parametrize("card", [(9, 0)], indirect=True)
def test_a_finer_precision_is_explained_and_one_that_was_asked_for_is_not_refined(card):
    said = choose_runtime("cuda", level_gap=0.0043).reason
    assert said == "cuda: tf32, as the loss compares noise levels that differ by 0.43%, too near for bfloat16"
    assert choose_runtime("cuda", "bfloat16", level_gap=0.0043).dtype == torch.bfloat16


def test_a_processor_with_bfloat16_takes_float32_where_that_is_too_coarse(bare_machine, monkeypatch):
    monkeypatch.setattr("core.runtime._cpu_multiplies_bfloat16", lambda: True)
    assert choose_runtime("cpu", level_gap=0.02).dtype == torch.float32


@pytest.mark.parametrize(("precision", "tf32"), [("float32", False), ("tf32", True), ("bfloat16", True)])
def test_training_in_float32_does_without_tf32(monkeypatch, precision, tf32):
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", not tf32)
    train_precision(tiny.network(), choose_runtime("cpu", precision))
    assert torch.backends.cudnn.allow_tf32 is tf32


@pytest.mark.parametrize("dtype", ["bfloat16", torch.bfloat16])
def test_an_asked_for_precision_is_taken_and_said(bare_machine, dtype):
    runtime = choose_runtime("cpu", dtype)
    assert runtime.dtype == torch.bfloat16
    assert runtime.reason == "cpu: bfloat16, as asked"


@pytest.mark.parametrize("device", ["cuda", "cuda:1", "mps", "meta"])
def test_a_device_that_is_not_there_is_refused_with_what_works(bare_machine, device):
    with pytest.raises(RequestError, match="--device cpu works everywhere"):
        choose_runtime(device)


@pytest.mark.parametrize("device", ["gpu", "", "cuda:x", "cpu cpu"])
def test_a_device_that_nobody_knows_is_refused_with_the_known_ones(device):
    with pytest.raises(RequestError, match="auto, cpu, cuda and mps"):
        choose_runtime(device)


def test_a_precision_that_nobody_knows_is_refused():
    with pytest.raises(RequestError, match="float32, tf32, bfloat16, float16"):
        choose_runtime("cpu", "float99")


def test_placed_networks_have_convolutions_in_the_runtimes_precision_and_the_rest_in_float32():
    network = to_device(tiny.network(classes=2, step_counts=(1, 2)), choose_runtime("cpu", "bfloat16"))
    convolutions = {name for name, p in network.named_parameters() if p.dtype == torch.bfloat16}
    assert all(p.dtype == torch.float32 for name, p in network.named_parameters() if name not in convolutions)
    assert {network.get_parameter(name).ndim for name in convolutions if name.endswith("weight")} == {4}
    assert {p.dtype for p in network.parameters() if p.ndim == 4} == {torch.bfloat16}
    assert network.prior.axes.dtype == torch.float32
    assert not network.training
    assert not any(p.requires_grad for p in network.parameters())
    output = network(torch.randn(1, 3, 8, 8), torch.tensor([1.0]), torch.tensor([1]))
    assert output.dtype == torch.float32


def in_training(network):
    train_precision(network, choose_runtime("cpu", "bfloat16"))
    return network


def in_use(network):
    return to_device(network, choose_runtime("cpu", "bfloat16"))


def changes_between_levels(network, **conditions):
    """What a block is told of each level of a fine grid, less what it is told of the one below, [N-1, channels]."""
    levels = torch.tensor(karras_sigmas(1000))
    told = {name: torch.full((1000,), value) for name, value in conditions.items()}
    with torch.no_grad(), network.precision():
        embedding = network.trunk.embed(levels, told.get("labels"), told.get("steps"))
        return network.trunk.middle[0].block.condition(embedding).diff(dim=0)


@pytest.mark.parametrize("where", [in_training, in_use])
@pytest.mark.parametrize("time_input", ["log", "angle"])
def test_half_precision_tells_neighbouring_levels_apart_as_float32_does(where, time_input):
    settings = {"time_scale": 0.5, "time_input": time_input, "classes": 2, "step_counts": (1, 2)}
    exact, half = (
        changes_between_levels(network, labels=1, steps=0)
        for network in (tiny.network(**settings), where(tiny.network(**settings)))
    )
    assert ((half - exact).norm(dim=1) < 1e-2 * exact.norm(dim=1)).all()


def test_training_in_bfloat16_keeps_weights_and_gradients_in_float32():
    network = UNet(tiny.network_config())
    tiny.randomised(network)
    train_precision(network, choose_runtime("cpu", "bfloat16"))
    exact = tiny.network()(torch.ones(1, 3, 8, 8), torch.tensor([1.0]))
    output = network(torch.ones(1, 3, 8, 8), torch.tensor([1.0]))
    output.square().mean().backward()
    assert {p.grad.dtype for p in network.parameters()} == {torch.float32}
    assert 0 < (output - exact).abs().max() < 0.1 * exact.abs().max()  # it did compute in half precision


@pytest.mark.parametrize("fails", [False, True])
def test_the_first_evaluation_on_the_processor_alone_takes_blocks_that_last(monkeypatch, fails):
    entered = []

    @contextmanager
    def scope():
        entered.append("begin")
        yield
        entered.append("end")

    monkeypatch.setattr("core.runtime.lasting_blocks", scope)
    config = tiny.network_config()
    network = to_device(UNet(config), choose_runtime("cpu", "float32"))
    first = torch.zeros(1, 1 if fails else config.channels, config.resolution, config.resolution)
    with suppress(RuntimeError):
        network(first, torch.ones(1))
    assert entered == ["begin", "end"]
    network(torch.zeros(1, config.channels, config.resolution, config.resolution), torch.ones(1))
    assert entered == ["begin", "end"]


def test_threads_are_set_and_returned():
    before = torch.get_num_threads()
    try:
        assert use_threads(1) == torch.get_num_threads() == 1
        assert use_threads() >= 1
    finally:
        torch.set_num_threads(before)


def test_a_machine_has_a_name_where_the_system_tells_none(monkeypatch):
    assert machine().endswith(" cores")
    monkeypatch.setattr(Path, "read_text", lambda self: "nothing of a processor")
    monkeypatch.setattr("platform.processor", lambda: "")
    assert machine().startswith("processor of unknown name, ")


def test_a_machine_with_a_card_is_named_after_it(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"card {device.index}")
    assert machine("cuda:1") == "card 1"
