"""The blocks for inference: in place and in bfloat16, they answer as in float32 and leave alone what they are given."""

import copy

import pytest
import torch
from torch import nn

from core.packed import pack_convolutions
from core.runtime import in_layout
from core.unet_blocks import MANY_POSITIONS, Attention, GroupNorm, ResidualBlock, plus, silu

LARGE, SMALL = 32, 8  # sides of grids on both sides of MANY_POSITIONS


def inputs(side: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """x [2,64,side,side] in channels_last and an embedding [2,32]."""
    draws = torch.Generator().manual_seed(seed)
    x = 1.5 * torch.randn(2, 64, side, side, generator=draws) + 0.5
    return x.contiguous(memory_format=torch.channels_last), torch.randn(2, 32, generator=draws)


def block(scale_shift: bool, direction: str = "none", channels_out: int = 64) -> ResidualBlock:
    """A block of random weights, its last convolution among them, without gradients."""
    torch.manual_seed(0)
    made = ResidualBlock(64, channels_out, 32, scale_shift=scale_shift, direction=direction)
    nn.init.normal_(made.conv2.weight, std=0.05)
    return made.eval().requires_grad_(False)


def reduced(module: nn.Module) -> nn.Module:
    """A copy whose convolutions are bfloat16 and packed, as the runtime has them on a CPU."""
    made = copy.deepcopy(module)
    for child in made.modules():
        if isinstance(child, nn.Conv2d):
            in_layout(child, torch.channels_last, dtype=torch.bfloat16)
    pack_convolutions(made)
    return made


def signal_to_noise(found: torch.Tensor, expected: torch.Tensor) -> float:
    """In dB."""
    return float(10 * torch.log10(expected.square().mean() / (found.float() - expected).square().mean()))


@pytest.mark.parametrize("side", [LARGE, SMALL])
@pytest.mark.parametrize("scale_shift", [False, True])
@pytest.mark.parametrize(("direction", "channels_out"), [("none", 96), ("none", 64), ("up", 64), ("down", 64)])
def test_a_block_in_bfloat16_answers_as_in_float32(side, scale_shift, direction, channels_out):
    x, embedding = inputs(side)
    exact = block(scale_shift, direction, channels_out)
    found = reduced(exact)(x.bfloat16(), embedding, None)
    assert found.dtype == torch.bfloat16 and signal_to_noise(found, exact(x, embedding, None)) > 40


@pytest.mark.parametrize("channels_out", [64, 96])
@pytest.mark.parametrize("scale_shift", [False, True])
def test_pictures_under_one_condition_and_under_several_are_answered_as_alone(scale_shift, channels_out):
    whole = block(scale_shift, channels_out=channels_out)
    pack_convolutions(whole)
    x, embedding = inputs(SMALL)
    for conditions in (embedding, embedding[:1].expand(2, -1)):
        alone = [whole(x[i : i + 1], conditions[i : i + 1], None) for i in range(2)]
        assert torch.allclose(whole(x, conditions, None), torch.cat(alone), rtol=1e-4, atol=1e-5)
    assert not torch.allclose(whole(x, embedding, None), whole(x, embedding.flip(0), None), rtol=1e-2)


@pytest.mark.parametrize("side", [LARGE, SMALL])
def test_attention_in_bfloat16_answers_as_in_float32(side):
    x, _ = inputs(side)
    torch.manual_seed(0)
    exact = Attention(64, 32).eval().requires_grad_(False)
    nn.init.normal_(exact.out.weight, std=0.1)
    assert signal_to_noise(reduced(exact)(x.bfloat16()), exact(x)) > 40


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("side", [LARGE, SMALL])
def test_what_a_block_is_given_stays_as_it_was(dtype, side):
    x, embedding = inputs(side)
    x = x.to(dtype)
    before, embedding_before = x.clone(), embedding.clone()
    for scale_shift in (False, True):
        made = block(scale_shift)
        (made if dtype == torch.float32 else reduced(made))(x, embedding, None)
    made = Attention(64, 32).requires_grad_(False)
    (made if dtype == torch.float32 else reduced(made))(x)
    assert torch.equal(x, before) and torch.equal(embedding, embedding_before)


def test_gradients_are_those_of_plain_arithmetic():
    x, other = (torch.randn(2, 3, dtype=torch.float64, requires_grad=True) for _ in range(2))
    assert torch.autograd.gradcheck(lambda a, b: silu(plus(2 * a, b)) * a, (x, other))
    with torch.no_grad():
        torch.testing.assert_close(silu(plus(2 * x, other)), torch.nn.functional.silu(2 * x + other))


@pytest.mark.parametrize("side", [LARGE, SMALL])
def test_a_norm_sums_in_float32_whatever_it_is_given(side):
    """Sums in bfloat16 would stop growing after some 256 numbers: the mean of a shifted channel would be far off."""
    assert (side * side >= MANY_POSITIONS) == (side == LARGE)
    x = (inputs(side)[0] + 30).bfloat16()
    found = GroupNorm(64).requires_grad_(False)(x)
    exact = nn.functional.group_norm(x.double(), 32, eps=1e-5)
    torch.testing.assert_close(found.double(), exact, rtol=2**-7, atol=0.01)  # bfloat16 holds the eighth binary digit
