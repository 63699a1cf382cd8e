"""Packed convolutions answer as torch's own do."""

import copy

import pytest
import torch
from torch import nn

from core.packed import PackedConv2d, can_pack, pack_convolutions, unpack_convolutions
from tests import tiny


@pytest.mark.parametrize("side", [1, 3])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_a_packed_convolution_answers_the_same_for_every_shape(side, dtype):
    conv = nn.Conv2d(5, 7, side, padding=side // 2).requires_grad_(False).to(dtype)
    packed = nn.Sequential(conv)
    pack_convolutions(packed)
    assert isinstance(packed[0], PackedConv2d) == can_pack(dtype)
    rng = torch.Generator().manual_seed(0)
    for shape in ((1, 5, 8, 8), (3, 5, 4, 6), (1, 5, 1, 1)):
        x = torch.randn(shape, generator=rng).to(dtype)
        torch.testing.assert_close(packed(x), conv(x))


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_what_is_added_on_the_way_is_added_once_and_left_alone(dtype, bias):
    if not can_pack(dtype):
        pytest.skip(f"this processor has no {dtype}")
    conv = nn.Conv2d(5, 7, 3, padding=1, bias=bias).requires_grad_(False).to(dtype)
    packed, rng = PackedConv2d(conv), torch.Generator().manual_seed(0)
    for batch, side in ((1, 8), (3, 4), (1, 1)):
        x = torch.randn(batch, 5, side, side, generator=rng).to(dtype)
        other = torch.randn(batch, 7, side, side, generator=rng).to(dtype)
        before = other.clone()
        tolerance = {} if dtype == torch.float32 else {"rtol": 2**-6, "atol": 0.03}  # it rounds once, not twice
        torch.testing.assert_close(packed.plus(x, other), conv(x) + other, **tolerance)
        assert torch.equal(other, before)


@pytest.mark.parametrize("bias", [True, False])
def test_a_shift_of_the_channels_is_added_like_a_bias(bias):
    conv = nn.Conv2d(3, 5, 3, padding=1, bias=bias).requires_grad_(False)
    x, shift = torch.randn(2, 3, 8, 8), torch.randn(5)
    expected = conv(x) + shift[:, None, None]
    packed = PackedConv2d(conv)
    assert torch.allclose(packed.shifted(x, shift), expected, atol=1e-5)
    assert torch.allclose(packed(x), expected - shift[:, None, None], atol=1e-5)


def test_packing_reaches_every_convolution_and_changes_no_answer():
    network = tiny.network().requires_grad_(False)
    packed = copy.deepcopy(network)
    pack_convolutions(packed.trunk)
    assert sum(isinstance(m, PackedConv2d) for m in packed.modules()) == sum(
        isinstance(m, nn.Conv2d) for m in network.modules()
    )
    u, sigma = torch.randn(2, 3, 8, 8), torch.tensor([0.5, 2.0])
    torch.testing.assert_close(packed(u, sigma), network(u, sigma), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("used", [False, True])
def test_unpacked_convolutions_are_the_ones_that_were_packed(used):
    network = tiny.network().requires_grad_(False)
    packed, u, sigma = copy.deepcopy(network), torch.randn(2, 3, 8, 8), torch.tensor([0.5, 2.0])
    pack_convolutions(packed)
    if used:  # from then on the weights are packed
        packed(u, sigma)
    unpack_convolutions(packed)
    assert not any(isinstance(m, PackedConv2d) for m in packed.modules())
    torch.testing.assert_close(packed(u, sigma), network(u, sigma))
    ours, theirs = packed.state_dict(), network.state_dict()
    assert ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_packing_twice_wraps_once():
    network = tiny.network().requires_grad_(False)
    pack_convolutions(network.trunk)
    before = sum(isinstance(m, PackedConv2d) for m in network.modules())
    pack_convolutions(network.trunk)
    assert sum(isinstance(m, PackedConv2d) for m in network.modules()) == before


def test_without_the_operators_nothing_is_changed(monkeypatch):
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    network = tiny.network()
    pack_convolutions(network.trunk)
    assert not any(isinstance(m, PackedConv2d) for m in network.modules())


def test_packing_keeps_the_names_of_the_weights():
    network = tiny.network().requires_grad_(False)
    names = network.state_dict().keys()
    pack_convolutions(network.trunk)
    assert network.state_dict().keys() == names


def test_a_used_network_can_be_saved_and_holds_each_weight_once():
    network = tiny.network().requires_grad_(False)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    numbers = sum(parameter.numel() for parameter in network.parameters())
    pack_convolutions(network)
    network(torch.randn(1, 3, 8, 8), torch.tensor([1.0]))
    found = network.state_dict()
    assert found.keys() == before.keys() and all(torch.equal(found[name], before[name]) for name in before)
    assert sum(parameter.numel() for parameter in network.parameters()) == numbers
    assert all(
        not isinstance(value, torch.Tensor)
        for m in network.modules()
        if isinstance(m, PackedConv2d)
        for value in vars(m).values()
    )
