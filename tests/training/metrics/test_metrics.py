"""Distances in losses: their definitions, computed another way."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from core.errors import ConfigError
from training.metrics import lpips
from training.metrics.pairwise import METRICS, l1, l2, metric_of, pseudo_huber

METRICS_HERE = sorted(set(METRICS) - {"lpips", "lpips_average"})  # what needs no file


def pictures(count: int = 2, side: int = 16, seed: int = 0) -> torch.Tensor:
    return torch.rand(count, 3, side, side, generator=torch.Generator().manual_seed(seed)) * 2 - 1


@pytest.mark.parametrize(("size", "c"), [(32, 0.02992983795), (64, 0.05985967591)])
def test_the_huber_constant_is_that_of_the_whole_picture(size, c):
    near = torch.full((1, 3, size, size), 1e-5, dtype=torch.float64)
    far = 1e5 * near
    zero = torch.zeros_like(near)
    assert (near.square().sum() / (2 * pseudo_huber(near, zero))).item() == pytest.approx(c, rel=1e-3)
    assert pseudo_huber(far, zero).item() == pytest.approx(far.norm().item() - c, rel=1e-5)


@given(st.floats(-3, 3), st.integers(1, 9), st.integers(1, 9))
def test_the_mean_distances_do_not_depend_on_size_or_sign(difference, rows, columns):
    a = torch.zeros(2, 3, rows, columns)
    assert l1(a, a + difference).tolist() == pytest.approx([abs(difference)] * 2, rel=1e-5)
    assert l2(a, a + difference).tolist() == pytest.approx([difference**2] * 2, rel=1e-5)


@pytest.mark.parametrize("name", METRICS_HERE)
def test_a_distance_is_one_number_for_each_picture_and_0_only_for_equal_ones(name):
    a, b = pictures(), pictures()
    b[1] = pictures(seed=1)[1]
    same, other = metric_of(name)(a, b).tolist()
    assert same == pytest.approx(0, abs=1e-6)
    assert other > 1e-3


@pytest.mark.parametrize("name", METRICS_HERE)
def test_a_distance_pulls_the_first_picture_towards_the_second(name):
    a, b = pictures().requires_grad_(), pictures(seed=1)
    metric_of(name)(a, b).sum().backward()
    assert ((b - a) * a.grad).sum() < 0
    assert metric_of(name)(a - 0.01 * a.grad / a.grad.abs().max(), b).sum() < metric_of(name)(a, b).sum()


@pytest.mark.parametrize("name", METRICS_HERE)
@pytest.mark.parametrize("value", [0.0, -1.0])
def test_equal_and_plain_pictures_have_a_finite_gradient(name, value):
    a = torch.full((1, 3, 16, 16), value, requires_grad=True)
    metric_of(name)(a, a.detach()).sum().backward()
    assert a.grad.isfinite().all()


def test_an_unknown_distance_is_refused_with_the_known_names():
    with pytest.raises(ConfigError, match="lpips_random"):
        metric_of("l3")


# LPIPS


def vgg(x: torch.Tensor, weights: dict, pool: Callable) -> list[torch.Tensor]:
    """The five maps of VGG16 that LPIPS compares, from Simonyan & Zisserman's table: 2, 2, 3, 3, 3 layers, pools."""
    maps, number = [], 0
    for depth in (2, 2, 3, 3, 3):
        for _ in range(depth):
            x = F.relu(F.conv2d(x, weights[f"features.{number}.weight"], weights[f"features.{number}.bias"], padding=1))
            number += 2
        maps.append(x)
        x, number = pool(x, 2), number + 1
    return maps


def lpips_by_definition(a: torch.Tensor, b: torch.Tensor, weights: dict, learnt: list, pool: Callable) -> torch.Tensor:
    """Zhang et al. 2018, equation 1, on pictures of the size that VGG gets."""
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    maps = [vgg(((x + 1) / 2 - mean[:, None, None]) / std[:, None, None], weights, pool) for x in (a, b)]
    distance = torch.zeros(len(a))
    for map_a, map_b, weight in zip(*maps, learnt):
        difference = (F.normalize(map_a, dim=1) - F.normalize(map_b, dim=1)).square()
        distance += (weight * difference).sum(dim=1).mean(dim=(1, 2))
    return distance


@pytest.fixture(scope="module")
def vgg_weights() -> dict:
    """Convolutions in the places of torchvision's VGG16, random."""
    rng, channels, number, weights = torch.Generator().manual_seed(0), 3, 0, {}
    for width, depth in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(depth):
            spread = (2 / (9 * channels)) ** 0.5
            weights[f"features.{number}.weight"] = spread * torch.randn(width, channels, 3, 3, generator=rng)
            weights[f"features.{number}.bias"] = 0.1 * torch.randn(width, generator=rng)
            channels, number = width, number + 2
        number += 1
    return weights


@pytest.fixture
def weights_file(vgg_weights, tmp_path, monkeypatch):
    torch.save(vgg_weights, tmp_path / "vgg.pth")
    monkeypatch.setenv(lpips.VARIABLE, str(tmp_path / "vgg.pth"))
    yield tmp_path / "vgg.pth"
    lpips._network.cache_clear()


@pytest.mark.parametrize(("name", "pool"), [("lpips", F.max_pool2d), ("lpips_average", F.avg_pool2d)])
def test_lpips_is_its_definition_with_the_weights_that_are_named(weights_file, vgg_weights, name, pool):
    a, b = pictures(1, 32), pictures(1, 32, seed=1)
    network = lpips._network(True, nn.MaxPool2d, a.device)
    learnt = [layer.model[-1].weight for layer in network.lins]
    big_a, big_b = (F.interpolate(x, 224, mode="bilinear") for x in (a, b))
    expected = lpips_by_definition(big_a, big_b, vgg_weights, learnt, pool)
    torch.testing.assert_close(metric_of(name)(a, b), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("side", "asked"), [(16, 224), (64, 224), (255, 224), (256, 256)])
def test_small_pictures_are_enlarged_and_large_ones_left_alone(side, asked, monkeypatch):
    sizes = []
    monkeypatch.setattr(lpips, "_network", lambda *_: lambda a, b: sizes.append(a.shape[-1]) or a[:, :1, :1, :1])
    metric_of("lpips")(pictures(1, side), pictures(1, side))
    assert sizes == [asked]


def test_the_untrained_network_is_always_the_same_and_leaves_random_numbers_alone():
    a, b = pictures(), pictures(seed=1)
    before = torch.get_rng_state()
    first = metric_of("lpips_random")(a, b)
    lpips._network.cache_clear()
    assert torch.equal(metric_of("lpips_random")(a, b), first)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_network_is_built_once_frozen_and_in_evaluation():
    network = lpips._network(False, nn.MaxPool2d, torch.device("cpu"))
    assert lpips._network(False, nn.MaxPool2d, torch.device("cpu")) is network
    assert not network.training
    assert not any(parameter.requires_grad for parameter in network.parameters())


def test_missing_weights_raise_a_sentence_that_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv(lpips.VARIABLE, str(tmp_path / "none.pth"))
    with pytest.raises(ConfigError, match=r"fetch https://.* or choose objective.metric"):
        metric_of("lpips")(pictures(), pictures())


@pytest.mark.parametrize("content", [b"", b"no weights", b"PK\x03\x04"])
def test_a_file_that_is_no_vgg_is_refused(content, tmp_path, monkeypatch):
    (tmp_path / "vgg.pth").write_bytes(content)
    monkeypatch.setenv(lpips.VARIABLE, str(tmp_path / "vgg.pth"))
    with pytest.raises(ConfigError, match=r"vgg.pth cannot be read"):
        metric_of("lpips")(pictures(), pictures())


def test_weights_of_another_network_are_refused(tmp_path, monkeypatch):
    torch.save({"features.0.weight": torch.zeros(64, 3, 3, 3)}, tmp_path / "vgg.pth")
    monkeypatch.setenv(lpips.VARIABLE, str(tmp_path / "vgg.pth"))
    with pytest.raises(ConfigError, match=r"vgg.pth does not hold"):
        metric_of("lpips")(pictures(), pictures())
