"""Algorithms 1 and 4 against data whose answers are known."""

import pytest
import torch

from core import (
    Inpaint,
    Nothing,
    RequestError,
    SamplingRules,
    SeededNoise,
    SuperResolve,
    denoise,
    edit,
    edit_steps,
    karras_sigmas,
    paint,
    sample,
    sample_steps,
)
from tests import tiny
from tests.oracles import SIGMA_MIN, Gaussian, Mixture

DATA = Gaussian()
UNCLAMPED = SamplingRules(clamp=False)
CARRY = SamplingRules(move="carry", clamp=False)
MANY = SeededNoise(range(400))
SHAPE = (3, 8, 8)


@pytest.mark.parametrize("sigmas", [[80.0], [80.0, 2.24], [80.0, 5.0, 1.0, 0.2], [80.0, SIGMA_MIN]])
def test_samples_of_the_exact_function_have_the_datas_mean_and_spread(sigmas):
    x0 = sample(DATA.consistency, sigmas, MANY, shape=SHAPE, rules=UNCLAMPED).double()
    count = x0.numel()
    start_bias = DATA.m * (DATA.s / 80)  # pure noise has mean 0, not m
    assert abs(x0.mean() - DATA.m) < 4 * DATA.s / count**0.5 + start_bias
    assert abs(x0.std() - DATA.s) < 4 * DATA.s / (2 * count) ** 0.5


def test_one_step_is_the_exact_function_of_the_first_noise():
    x0 = sample(DATA.consistency, [80.0], MANY, shape=SHAPE, rules=UNCLAMPED)
    assert torch.equal(x0, DATA.consistency(80.0 * MANY.draw(0, SHAPE), 80.0))


def test_two_steps_follow_algorithm_1():
    first = DATA.consistency(80.0 * MANY.draw(0, SHAPE), 80.0).clamp(-1, 1)
    noisy = first + (2.24**2 - SIGMA_MIN**2) ** 0.5 * MANY.draw(1, SHAPE)
    expected = DATA.consistency(noisy, 2.24).clamp(-1, 1)
    assert torch.equal(sample(DATA.consistency, [80.0, 2.24], MANY, shape=SHAPE), expected)


def test_both_modes_of_a_mixture_are_met_as_often_as_in_the_data():
    data, noise = Mixture(), SeededNoise([1])
    for sigmas in ([80.0], [80.0, 0.7]):
        x0 = sample(data.consistency, sigmas, noise, shape=(1, 100, 100), rules=UNCLAMPED)
        assert (x0 < 0).double().mean().item() == pytest.approx(data.share_below(0.0), abs=0.02)
        assert x0[x0 > 0].mean().item() == pytest.approx(0.4, abs=0.01)
        assert x0[x0 > 0].std().item() == pytest.approx(0.1, abs=0.01)


def test_carried_noise_makes_the_exact_denoiser_integrate_the_flow_at_first_order():
    noise = SeededNoise([3])
    exact = DATA.consistency(80.0 * noise.draw(0, SHAPE), 80.0)

    def defect(steps):
        x0 = sample(DATA.denoiser, karras_sigmas(steps), noise, shape=SHAPE, rules=CARRY)
        return float((x0 - exact).abs().mean())

    coarse, middle, fine = (defect(steps) for steps in (40, 80, 160))
    assert 1.7 < coarse / middle < 2.3
    assert 1.8 < middle / fine < 2.2


@pytest.mark.parametrize(("steps", "ratio"), [(18, 0.8460861659), (40, 0.9297271448)])
def test_carried_noise_has_eulers_known_error_on_the_karras_grid(steps, ratio):
    data, noise = Gaussian(m=0.0, s=0.5), SeededNoise([3])
    x0 = sample(data.denoiser, karras_sigmas(steps), noise, shape=SHAPE, rules=CARRY)
    exact = data.consistency(80.0 * noise.draw(0, SHAPE), 80.0)
    torch.testing.assert_close(x0 / exact, torch.full_like(exact, ratio), rtol=5e-5, atol=0)


def test_carried_noise_makes_the_mixtures_denoiser_agree_with_its_quantiles():
    data, noise = Mixture(), SeededNoise([5])
    x0 = sample(data.denoiser, karras_sigmas(900), noise, shape=(1, 16, 16), rules=CARRY)
    exact = data.consistency(80.0 * noise.draw(0, (1, 16, 16)), 80.0)
    assert float((x0 - exact).abs().median()) < 2e-3


def test_every_evaluation_is_yielded_and_none_is_made_ahead():
    levels = []

    def watched(x, sigma, labels):
        levels.append(sigma)
        return DATA.consistency(x, sigma)

    steps = sample_steps(watched, [80.0, 5.0, 1.0], MANY, shape=SHAPE)
    next(steps)
    assert levels == [80.0]
    assert len(list(steps)) == 2
    assert levels == [80.0, 5.0, 1.0]


def test_the_last_yielded_picture_is_the_sample():
    *_, last = sample_steps(DATA.consistency, [80.0, 2.0], MANY, shape=SHAPE)
    assert torch.equal(last, sample(DATA.consistency, [80.0, 2.0], MANY, shape=SHAPE))


@pytest.mark.parametrize("move", ["renoise", "carry"])
def test_a_picture_is_the_same_alone_and_in_a_batch(move):
    model, rules = tiny.model(), SamplingRules(move=move)
    together = sample(model, [80.0, 2.0, 0.5], SeededNoise([4, 9, 4]), rules=rules)
    alone = torch.cat([sample(model, [80.0, 2.0, 0.5], SeededNoise([s]), rules=rules) for s in (4, 9, 4)])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-4)
    assert torch.equal(together[0], together[2])


def test_estimates_are_cut_to_model_range_only_if_the_rules_say_so():
    def bright(x, sigma, labels):
        return torch.full_like(x, 1.5)

    assert sample(bright, [80.0, 1.0], MANY, shape=SHAPE).max() == 1.0
    assert sample(bright, [80.0, 1.0], MANY, shape=SHAPE, rules=UNCLAMPED).max() == 1.5


def test_a_start_is_where_the_first_noise_is_put_around():
    strokes = tiny.photos(1)
    x0 = edit(DATA.consistency, Nothing(), [1.35], MANY, start=strokes, rules=UNCLAMPED)
    assert torch.equal(x0, DATA.consistency(strokes + 1.35 * MANY.draw(0, SHAPE), 1.35))


def test_painting_leads_every_level_back_to_the_strokes_by_its_share_of_the_first():
    strokes, sigmas = tiny.photos(1), [2.0, 1.0, 0.5]
    x0 = DATA.consistency(strokes + 2.0 * MANY.draw(0, SHAPE), 2.0).clamp(-1, 1)
    for k, sigma in enumerate(sigmas[1:], start=1):
        centre = x0 + (strokes - x0) * sigma / 2.0
        x0 = DATA.consistency(centre + (sigma**2 - SIGMA_MIN**2) ** 0.5 * MANY.draw(k, SHAPE), sigma).clamp(-1, 1)
    found = paint(DATA.consistency, strokes, sigmas, MANY)
    torch.testing.assert_close(found, x0, rtol=0, atol=1e-6)


def test_a_model_that_forgets_what_it_is_given_cannot_lose_the_strokes():
    """Its answers are the data's mean and a little of the rest; painting over and over would end at that mean."""
    strokes = torch.full((1, *SHAPE), 0.8)
    sigmas = [2.0, 1.8, 1.6, 1.4]

    def forgetful(x, sigma, labels):
        return 0.5 * x

    kept = paint(forgetful, strokes, sigmas, MANY).mean()
    lost = edit(forgetful, Nothing(), sigmas, MANY, start=strokes).mean()
    assert lost < 0.1 < 0.25 < kept


def test_kept_noise_holds_the_strokes_already():
    strokes, sigmas = tiny.photos(1), karras_sigmas(5, sigma_max=2.0)
    plain = edit(DATA.denoiser, Nothing(), sigmas, MANY, start=strokes, rules=CARRY)
    assert torch.equal(paint(DATA.denoiser, strokes, sigmas, MANY, rules=CARRY), plain)


def test_without_a_start_the_first_noise_is_put_around_the_known_part():
    seen, photo = [], tiny.photos(1)
    mask = torch.zeros(1, 1, 8, 8)
    mask[..., :4] = 1

    def watched(x, sigma, labels):
        seen.append(x)
        return x

    edit(watched, Inpaint(photo, mask), [3.0], SeededNoise([2]), shape=SHAPE)
    assert torch.equal(seen[0], photo * (1 - mask) + 3.0 * SeededNoise([2]).draw(0, SHAPE))


def test_labels_reach_every_evaluation():
    seen = []

    def watched(x, sigma, labels):
        seen.append(labels)
        return x

    labels = torch.tensor([1, 0])
    sample(watched, [80.0, 1.0], SeededNoise([1, 2]), shape=SHAPE, labels=labels)
    assert [value is labels for value in seen] == [True, True]


@pytest.mark.parametrize("sigmas", [[], [1.0, 2.0], [80.0, 0.001]])
def test_levels_that_cannot_be_walked_are_refused_before_any_evaluation(sigmas):
    with pytest.raises(RequestError):
        next(edit_steps(lambda *_: pytest.fail("evaluated"), Nothing(), sigmas, MANY, shape=SHAPE))


def test_a_denoiser_that_does_not_say_its_size_needs_a_shape():
    with pytest.raises(RequestError, match="shape="):
        sample(DATA.consistency, [80.0], MANY)


def test_denoising_is_one_evaluation_at_the_pictures_own_level():
    clean = DATA.pictures(50)
    noisy = clean + 0.3 * MANY.draw(0, SHAPE)[:50]
    x0 = denoise(DATA.denoiser, noisy, 0.3)
    assert torch.equal(x0, DATA.denoiser(noisy, 0.3).clamp(-1, 1))
    smallest_error = DATA.s**2 * 0.3**2 / (DATA.s**2 + 0.3**2)
    assert (x0 - clean).square().mean().item() == pytest.approx(smallest_error, rel=0.05)


def test_what_sampling_returns_can_be_differentiated_no_further():
    assert not sample(tiny.model(), [80.0], SeededNoise([1])).requires_grad


GUIDED = SamplingRules(move="carry", guidance=2.0)


def test_a_walk_with_nothing_known_is_guided():
    model, start, noise = tiny.model("edm"), tiny.photos(1), SeededNoise([3])
    x = start + 2.0 * noise.draw(0, model.shape)
    x0 = model(x, 2.0, guidance=2.0).clamp(-1, 1)
    expected = model(x0 + 0.5 * (x - x0), 1.0, guidance=2.0).clamp(-1, 1)
    found = edit(model, Nothing(), [2.0, 1.0], noise, start=start, rules=GUIDED)
    torch.testing.assert_close(found, expected)
    unguided = edit(model, Nothing(), [2.0, 1.0], noise, start=start, rules=SamplingRules(move="carry"))
    assert (found - unguided).abs().max() > 0.01


@pytest.mark.parametrize(
    ("constraint", "sigmas"), [(Nothing(), [2.0]), (SuperResolve(tiny.photos(1, 4, 4), 2), [2.0, 1.0])]
)
def test_a_single_step_and_a_walk_with_something_known_are_not_guided(constraint, sigmas):
    model, start, noise = tiny.model("edm"), tiny.photos(1), SeededNoise([3])
    guided, unguided = (
        edit(model, constraint, sigmas, noise, start=start, rules=rules)
        for rules in (GUIDED, SamplingRules(move="carry"))
    )
    assert torch.equal(guided, unguided)
