"""The critic: what it sees with, what it may learn, what is the same however a batch is divided."""

from math import pi

import pytest
import torch
from safetensors.torch import save_file

from core import OnestrokeError
from tests import tiny
from tests.training.objectives.steps import draws_for
from training.adversary.critic import Critic
from training.adversary.hues import YIQ_FROM_RGB, hue_rotations, turn_hues
from training.adversary.spectral import SpectralConv2d
from training.adversary.views import View
from training.draws import Draws
from training.metrics.efficientnet import frozen_maps, load_efficientnet

RNG = torch.Generator().manual_seed(5)


def pictures(count: int, side: int = 16) -> torch.Tensor:
    return 2 * torch.rand(count, 3, side, side, generator=RNG) - 1


def critic(classes: int = 0) -> Critic:
    torch.manual_seed(0)
    return Critic("random", classes)


# ---- convolutions of unit gain


@pytest.mark.parametrize("shape", [(3, 8, 4), (16, 4, 3), (5, 1, 1)])
def test_the_spectral_norm_is_the_largest_singular_value(shape):
    channels_in, channels_out, kernel = shape
    conv = SpectralConv2d(channels_in, channels_out, kernel)
    for _ in range(300):
        conv.power_iteration()
    exact = torch.linalg.svdvals(conv.weight.flatten(1))[0]
    torch.testing.assert_close(conv.spectral_norm(), exact, rtol=1e-3, atol=0)


def test_a_larger_weight_is_the_same_convolution():
    conv, x = SpectralConv2d(3, 8, 3, bias=False), pictures(2)
    before = conv(x)
    with torch.no_grad():
        conv.weight.mul_(7)
    torch.testing.assert_close(conv(x), before, rtol=1e-4, atol=1e-5)


def test_only_power_iteration_changes_the_kept_vector():
    conv = SpectralConv2d(3, 8, 3)
    with torch.no_grad():
        conv.weight.copy_(torch.randn(conv.weight.shape, generator=RNG))
    before = conv.direction.clone()
    conv(pictures(2)).sum().backward()
    assert torch.equal(conv.direction, before)
    conv.power_iteration()
    assert not torch.equal(conv.direction, before)


# ---- hues


def test_turning_hues_keeps_luma_and_saturation():
    x, angles = pictures(5), torch.linspace(-pi, pi, 5)
    yiq = torch.tensor(YIQ_FROM_RGB)
    before, after = (torch.einsum("ij,bjhw->bihw", yiq, values) for values in (x, turn_hues(x, angles)))
    torch.testing.assert_close(after[:, 0], before[:, 0], rtol=0, atol=1e-5)
    torch.testing.assert_close(after[:, 1:].norm(dim=1), before[:, 1:].norm(dim=1), rtol=0, atol=1e-5)


def test_rotations_of_hues_add_up_and_greys_stay():
    a, b = torch.tensor([0.4]), torch.tensor([1.1])
    torch.testing.assert_close(hue_rotations(a)[0] @ hue_rotations(b)[0], hue_rotations(a + b)[0], rtol=0, atol=1e-5)
    grey = torch.linspace(-1, 1, 4).reshape(1, 1, 2, 2).expand(1, 3, 2, 2)
    torch.testing.assert_close(turn_hues(grey, a), grey, rtol=0, atol=2e-3)  # the matrices are known to three digits


# ---- views


def test_a_view_is_the_same_for_the_real_and_the_fake_picture():
    view, x = View.draw(draws_for(3), 16), pictures(3)
    assert torch.equal(view(x), view(x.clone()))


def test_views_keep_a_picture_where_nothing_is_drawn():
    zero, place = torch.zeros(2), torch.arange(16).expand(2, 16)
    x = pictures(2)
    torch.testing.assert_close(View(zero, 1 + zero, 1 + zero, place, place)(x), x, rtol=0, atol=1e-6)


def test_views_shift_by_at_most_an_eighth_and_mirror_at_the_border():
    view = View.draw(draws_for(500), 16)
    for index in (view.rows_BR, view.columns_BR):
        assert index.min() >= 0 and index.max() <= 15
        moves = index[:, 8] - 8
        assert set(moves.tolist()) == set(range(-2, 3))
        moved = index[moves == 2][0].tolist()
        assert moved == [*range(2, 16), 14, 13]


def test_views_have_a_gradient_for_every_picture():
    view, x = View.draw(draws_for(4), 16), pictures(4).requires_grad_()
    view(x).square().sum().backward()
    assert (x.grad.flatten(1).norm(dim=1) > 0).all()


def test_views_do_not_depend_on_how_a_batch_is_divided():
    x = pictures(6)

    def views(first, last):
        draws = Draws(torch.Generator().manual_seed(2), 6, first, last)
        return View.draw(draws, 16)(x[first:last])

    torch.testing.assert_close(torch.cat([views(0, 1), views(1, 4), views(4, 6)]), views(0, 6))


# ---- frozen maps


def test_lite_maps_halve_the_picture_four_times():
    maps = frozen_maps("lite0")
    found = maps(pictures(1, 64))
    assert [(m.shape[1], m.shape[-1]) for m in found] == list(zip(maps.channels, (32, 16, 8, 4)))


def test_a_file_of_weights_takes_the_place_of_the_packages(tmp_path):
    network = load_efficientnet("lite0")
    weights = {name: value.clone() for name, value in network.state_dict().items()}
    save_file(weights, tmp_path / "same.safetensors")
    x = pictures(1, 32)
    for one, other in zip(frozen_maps("lite0")(x), frozen_maps(f"lite0:{tmp_path / 'same.safetensors'}")(x)):
        assert torch.equal(one, other)


@pytest.mark.parametrize("name", ["lite9", "", "lite0:nowhere.safetensors", "random:file"])
def test_unknown_features_are_refused_in_a_sentence(name):
    with pytest.raises(OnestrokeError, match=r"\.$"):
        frozen_maps(name)


def test_a_file_of_another_network_is_refused_in_a_sentence(tmp_path):
    save_file({"weight": torch.zeros(3)}, tmp_path / "other.safetensors")
    with pytest.raises(OnestrokeError, match=r"does not hold the weights of EfficientNet-Lite0\.$"):
        frozen_maps(f"lite0:{tmp_path / 'other.safetensors'}")


def test_random_maps_are_always_the_same():
    x = pictures(2)
    torch.manual_seed(1)
    first = frozen_maps("random")(x)
    torch.manual_seed(2)
    for one, other in zip(first, frozen_maps("random")(x)):
        assert torch.equal(one, other)


# ---- scores


def test_the_critic_learns_with_its_heads_only():
    judge = critic(classes=2)
    scores = judge.scores(judge.extract(pictures(4)), torch.tensor([0, 1, 0, 1]))
    sum(values.sum() for values in scores).backward()
    moved = {
        name.split(".")[0] for name, p in judge.named_parameters() if p.grad is not None and p.grad.abs().max() > 0
    }
    assert moved == {"heads", "pixel_head"}


def test_a_frozen_critic_gives_the_pictures_their_gradient_and_takes_none():
    judge, x = critic(), pictures(2).requires_grad_()
    with judge.frozen():
        sum(values.sum() for values in judge.scores(judge.extract(x), None)).backward()
    assert x.grad.abs().max() > 0
    assert all(parameter.grad is None for parameter in judge.parameters())
    assert any(parameter.requires_grad for parameter in judge.parameters())


def test_classes_change_scores_once_they_are_learnt():
    judge, x = critic(classes=2), pictures(1)
    zero, one = torch.tensor([0]), torch.tensor([1])
    assert torch.equal(judge.scores(judge.extract(x), zero)[0], judge.scores(judge.extract(x), one)[0])
    tiny.randomised(judge)
    assert not torch.allclose(judge.scores(judge.extract(x), zero)[0], judge.scores(judge.extract(x), one)[0])


def test_bands_change_scores_once_they_are_learnt():
    judge, x = Critic("random", classes=2, bands=3), pictures(1)
    label, low, high = torch.tensor([1]), torch.tensor([0]), torch.tensor([2])
    assert torch.equal(judge.scores(judge.extract(x), label, low)[0], judge.scores(judge.extract(x), label, high)[0])
    tiny.randomised(judge)
    assert not torch.allclose(
        judge.scores(judge.extract(x), label, low)[0], judge.scores(judge.extract(x), label, high)[0]
    )


def test_a_saved_critic_can_be_loaded_into_another_one():
    judge, other = critic(), Critic("random")
    other.load_state_dict(judge.state_dict())
    x = pictures(2)
    for one, two in zip(judge.scores(judge.extract(x), None), other.scores(other.extract(x), None)):
        assert torch.equal(one, two)


def test_frozen_maps_are_not_saved():
    assert not any("maps" in name for name in critic().state_dict())
