"""The network: published sizes, conditioning, attention, dropout by a mask."""

import pytest
import torch
from torch.nn import functional as F

from core import CheckpointError
from core.unet import UNet, UNetConfig, sinusoids
from core.unet_blocks import Attention, GroupNorm, Resample, ResidualBlock
from tests import tiny

PUBLISHED = {"patch": 1, "patch_prior": False, "attention_grids": (32, 16, 8), "time_scale": 1000}
IMAGENET_64 = UNetConfig(
    resolution=64, width=192, multipliers=(1, 2, 3, 4), blocks=3, scale_shift=True, classes=1000, **PUBLISHED
)
LSUN_256 = UNetConfig(resolution=256, width=256, multipliers=(1, 1, 2, 2, 4, 4), blocks=2, **PUBLISHED)


def on_meta(config):
    with torch.device("meta"):
        return UNet(config)


@pytest.mark.parametrize(
    ("config", "parameters", "tensors", "attentions"),
    [(IMAGENET_64, 295_899_267, 541, 22), (LSUN_256, 526_304_771, 566, 16)],
    ids=["ImageNet 64", "LSUN 256"],
)
def test_the_published_networks_have_their_published_sizes(config, parameters, tensors, attentions):
    network = on_meta(config)
    assert sum(p.numel() for p in network.parameters()) == parameters
    assert len(network.state_dict()) == tensors
    assert sum(isinstance(m, Attention) for m in network.modules()) == attentions


def test_the_embedding_is_cosines_first_then_sines():
    values = torch.tensor([0.0, 0.7, -173.2868])
    frequencies = 10000.0 ** (-torch.arange(4) / 4)
    angles = values[:, None] * frequencies
    torch.testing.assert_close(sinusoids(values, 8), torch.cat([angles.cos(), angles.sin()], 1), rtol=0, atol=1e-4)
    assert torch.equal(sinusoids(torch.zeros(1), 8), torch.tensor([[1.0] * 4 + [0.0] * 4]))


@pytest.mark.parametrize(("sigma", "value"), [(0.002, -1553.652025), (0.5, -173.2867951), (80.0, 1095.506659)])
def test_published_networks_see_250_times_the_logarithm_of_the_noise_level(sigma, value, monkeypatch):
    seen = []
    monkeypatch.setattr("core.unet.sinusoids", lambda values, width: seen.append(values) or torch.zeros(1, width))
    tiny.network(time_scale=1000.0)(torch.zeros(1, 3, 8, 8), torch.tensor([sigma]))
    assert seen[0].item() == pytest.approx(value, rel=1e-6)


class ValuesOnly(Attention):
    """What attention is where every position sees itself alone."""

    def forward(self, x, perturbed=0):
        return x + self.out(self.qkv(self.norm(x))[:, -x.shape[1] :])


@pytest.mark.parametrize("patch", [1, 2])
def test_guidance_leads_away_from_the_network_without_attention_behind_the_way_down(patch):
    network, blind = (tiny.network(classes=2, patch=patch, attention_grids=(4, 2)) for _ in range(2))
    for stage in (*blind.trunk.middle, *blind.trunk.up):
        if stage.attention is not None:
            stage.attention.__class__ = ValuesOnly
    conditions = torch.tensor([0.3, 4.0]), torch.tensor([1, 0])
    u = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(1))
    seeing, unseeing = network(u, *conditions), blind(u, *conditions)
    assert (seeing - unseeing).abs().max() > 0.01
    guided = network(u, *conditions, guidance=1.5)
    torch.testing.assert_close(guided, seeing + 1.5 * (seeing - unseeing), rtol=1e-4, atol=1e-4)


def test_heads_are_consecutive_inside_q_then_k_then_v():
    attention, heads = tiny.randomised(Attention(12, head_channels=4)), 3
    x = torch.randn(2, 12, 3, 5, generator=torch.Generator().manual_seed(0))
    q, k, v = attention.qkv(attention.norm(x)).flatten(2).chunk(3, dim=1)
    result = []
    for head in range(heads):
        part = slice(4 * head, 4 * head + 4)
        weights = (q[:, part].transpose(1, 2) @ k[:, part] / 2).softmax(dim=-1)
        result.append((weights @ v[:, part].transpose(1, 2)).transpose(1, 2))
    expected = x + attention.out(torch.cat(result, 1).reshape(x.shape))
    torch.testing.assert_close(attention(x), expected, rtol=1e-4, atol=1e-4)


def test_attention_does_not_depend_on_the_order_of_positions():
    attention = tiny.randomised(Attention(16, head_channels=8))
    x = torch.randn(1, 16, 4, 4, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(attention(x.flip(-1)), attention(x).flip(-1), rtol=1e-4, atol=1e-4)


def test_resampling_halves_by_means_and_doubles_by_repetition():
    x = torch.arange(16.0).reshape(1, 1, 4, 4)
    half = Resample("down")(x)
    assert torch.equal(half, torch.tensor([[[[2.5, 4.5], [10.5, 12.5]]]]))
    assert torch.equal(Resample("down")(Resample("up")(half)), half)
    assert torch.equal(Resample("none")(x), x)


@pytest.mark.parametrize("scale_shift", [False, True])
@pytest.mark.parametrize("direction", ["none", "up", "down"])
def test_a_fresh_block_is_its_skip(scale_shift, direction):
    block = ResidualBlock(8, 8, 16, scale_shift=scale_shift, direction=direction)
    x = torch.randn(1, 8, 4, 4)
    assert torch.equal(block(x, torch.randn(1, 16), None), Resample(direction)(x))


def test_scale_comes_before_shift_and_acts_on_the_norm():
    block = tiny.randomised(ResidualBlock(8, 8, 16, scale_shift=True))
    x, embedding = torch.randn(1, 8, 4, 4), torch.randn(1, 16)
    scale, shift = block.condition(embedding)[..., None, None].split(8, dim=1)
    h = block.norm2(block.conv1(F.silu(block.norm1(x)))) * (1 + scale) + shift
    torch.testing.assert_close(block(x, embedding, None), x + block.conv2(F.silu(h)))


def test_pixel_norm_bounds_what_the_conditioning_can_do():
    block = tiny.randomised(ResidualBlock(8, 8, 16, scale_shift=True, pixel_norm=True))
    x, embedding = torch.randn(1, 8, 4, 4), torch.randn(1, 16)
    condition = block.condition(embedding).reshape(2, 8)
    scale, shift = (condition / condition.square().mean(1, keepdim=True).sqrt())[..., None, None]
    h = block.norm2(block.conv1(F.silu(block.norm1(x)))) * scale + shift
    torch.testing.assert_close(block(x, embedding, None), x + block.conv2(F.silu(h)))
    block.condition.bias.data.zero_()
    torch.testing.assert_close(block(x, 100 * embedding, None), block(x, embedding, None))


def test_pixel_norm_without_scale_and_shift_is_refused():
    with pytest.raises(CheckpointError, match="needs scale_shift"):
        tiny.network_config(pixel_norm=True)


@pytest.mark.parametrize(
    "changes", [{}, {"patch": 1}, {"patch_prior": False}, {"scale_shift": True}, {"multipliers": (1,)}]
)
def test_the_result_has_the_pictures_shape_and_is_float32(changes):
    network = tiny.network(**changes)
    output = network(torch.randn(2, 3, 8, 8), torch.tensor([0.5, 2.0]))
    assert output.shape == (2, 3, 8, 8)
    assert output.dtype == torch.float32


def test_a_fresh_trunk_answers_zero():
    network = UNet(tiny.network_config(patch_prior=False))
    assert torch.equal(network(torch.randn(1, 3, 8, 8), torch.tensor([1.0])), torch.zeros(1, 3, 8, 8))


def test_noise_level_and_class_change_the_answer():
    network, u = tiny.network(classes=2, patch_prior=False), torch.randn(1, 3, 8, 8)

    def answer(sigma, label):
        return network(u, torch.tensor([sigma]), torch.tensor([label]))

    assert not torch.allclose(answer(1.0, 0), answer(2.0, 0))
    assert not torch.allclose(answer(1.0, 0), answer(1.0, 1))


def test_a_dropout_mask_of_ones_is_no_dropout():
    network, u, sigma = tiny.network(), torch.randn(2, 3, 8, 8), torch.tensor([0.5, 2.0])
    ones = torch.ones(2, network.dropout_channels)
    assert torch.equal(network(u, sigma, dropout_mask=ones), network(u, sigma))


@pytest.mark.parametrize("sizes", [{}, {"multipliers": (1, 2, 2), "resolution": 16}, {"blocks": 2, "patch": 1}])
def test_the_grids_of_the_dropout_mask_are_those_on_which_the_blocks_meet_it(sizes):
    network, met = tiny.network(**sizes), []
    for block in (part for part in network.modules() if isinstance(part, ResidualBlock)):
        block.conv2.register_forward_hook(lambda _, inputs, h: met.extend([inputs[0].shape[-1]] * h.shape[1]))
    side = network.config.resolution
    network(torch.randn(1, 3, side, side), torch.tensor([1.0]))
    assert network.dropout_grids == met


@pytest.mark.parametrize("width", [8, 16, 32, 48, 96, 192, 1024])
def test_a_norm_never_takes_away_what_was_added_to_a_channel(width):
    norm = GroupNorm(width)
    added = torch.randn(1, width, 1, 1, generator=torch.Generator().manual_seed(0)).expand(1, width, 4, 4)
    x = torch.randn(1, width, 4, 4, generator=torch.Generator().manual_seed(1))
    assert (norm(x + added) - norm(x)).abs().mean() > 0.1
    assert norm.num_groups == 32 or width < 64


def test_every_number_of_the_dropout_mask_counts_for_its_own_picture():
    network, u, sigma = tiny.network(multipliers=(1,)), torch.randn(2, 3, 8, 8), torch.tensor([0.5, 2.0])
    whole = network(u, sigma)
    for channel in range(0, network.dropout_channels, 3):
        dropout_mask = torch.ones(2, network.dropout_channels)
        dropout_mask[1, channel] = 0
        dropped = network(u, sigma, dropout_mask=dropout_mask)
        assert not torch.equal(dropped[1], whole[1])
        torch.testing.assert_close(dropped[0], whole[0])


@pytest.mark.parametrize(
    "sizes",
    [
        {"resolution": 30}, {"patch": 0}, {"patch": 17}, {"resolution": 0}, {"resolution": 8192}, {"multipliers": ()},
        {"multipliers": (1,) * 9}, {"multipliers": (1, 0)}, {"width": 4}, {"width": 2048}, {"blocks": 0},
        {"classes": -1},
        {"channels": 0}, {"head_channels": 0}, {"time_scale": 0.0}, {"resolution": 12, "multipliers": (1, 1, 1)},
    ],
)  # fmt: skip
def test_sizes_beyond_reason_are_refused_before_anything_is_built(sizes):
    with pytest.raises(CheckpointError):
        UNetConfig(**sizes)
