"""Multistep models: their segments, the walk down them, and networks that are told how long it is."""

from math import pi, tan

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import core
from core.edit_schedules import RANGES, edit_sigmas
from core.models import PARAMETERISATIONS
from core.schedule import validated_sigmas
from core.segments import equal_segments, nearest_count, segment_sigmas
from core.unet import UNet
from tests import tiny
from tests.oracles import Gaussian

DATA = Gaussian()
SHAPE = (3, 8, 8)
X = torch.randn(2, *SHAPE, generator=torch.Generator().manual_seed(0))
ENDS = {  # reference: tan(pi k / (2 S)), S = 2, 4, 8
    2: [1.0],
    4: [2.4142, 1.0, 0.4142],
    8: [5.0273, 2.4142, 1.4966, 1.0, 0.6682, 0.4142, 0.1989],
}


def card(counts=(4,), **fields) -> core.ModelCard:
    """The card of a model of equal segments."""
    generate = {str(n): equal_segments(n) for n in counts}
    sampling = core.SamplingRules(move="carry")
    fields = {"parameterisation": "multistep", "sampling": sampling, "schedules": {"generate": generate}} | fields
    return core.ModelCard(**fields)


def told_model(counts=(1, 2, 4)):
    """A model with random weights that is told one of these step counts."""
    network = tiny.network(step_counts=counts)
    return PARAMETERISATIONS["multistep"](network, card(counts, network=network.config))


@pytest.mark.parametrize("count", ENDS)
def test_equal_segments_end_where_the_cosine_schedule_says(count):
    assert equal_segments(count) == pytest.approx([80.0, *ENDS[count]], abs=5e-5)


@pytest.mark.parametrize("count", [0, 1001, 10**12])
def test_a_number_of_segments_beyond_reason_is_refused(count):
    with pytest.raises(core.RequestError, match="segments"):
        equal_segments(count)


def exact(x, sigma, labels=None):
    """The exact model of four segments: its estimate leads to the segment's end on the probability flow."""
    end = next(level for level in [*equal_segments(4)[1:], 0.0] if level < sigma)
    return (DATA.jump(x, sigma, end) - end / sigma * x) / (1 - end / sigma)


def test_the_walk_is_algorithm_2():
    """z_{t-1/S} = alpha_s x + sigma_s (z_t - alpha_t x) / sigma_t with the cosine's alpha and sigma, from sigma 80."""
    model, noise = tiny.model("multistep"), core.SeededNoise([5, 6])
    rules = core.SamplingRules(move="carry", clamp=False)
    times = [2 / pi * torch.tensor(80.0, dtype=torch.float64).atan().item(), 0.75, 0.5, 0.25, 0.0]
    alpha, sigma = ([f(torch.tensor(pi * t / 2)) for t in times] for f in (torch.cos, torch.sin))
    z = alpha[0] * 80.0 * noise.draw(0, SHAPE)
    with torch.no_grad():
        for k in range(4):
            x = model(z / alpha[k], tan(pi * times[k] / 2))
            z = alpha[k + 1] * x + sigma[k + 1] / sigma[k] * (z - alpha[k] * x)
    walked = core.sample(model, equal_segments(4), noise, rules=rules)
    torch.testing.assert_close(walked, z, rtol=1e-3, atol=1e-3)


def test_the_exact_model_samples_the_flow_exactly_however_few_its_segments():
    noise = core.SeededNoise([3])
    rules = core.SamplingRules(move="carry", clamp=False)
    walked = core.sample(exact, equal_segments(4), noise, shape=SHAPE, rules=rules)
    torch.testing.assert_close(walked, DATA.jump(80 * noise.draw(0, SHAPE), 80.0, 0.0), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("start", [60.0, 1.8, 0.3])
def test_from_any_level_the_exact_model_walks_its_borders_to_the_same_end(start):
    x = DATA.pictures(1) + start * core.SeededNoise([3]).draw(0, SHAPE)
    rules = core.SamplingRules(move="carry", clamp=False)
    borders = [start, *(level for level in equal_segments(4) if level < start)]
    sigmas = segment_sigmas(card(), start, len(borders))
    walked = core.edit(exact, core.Nothing(), sigmas, core.SeededNoise([3]), start=DATA.pictures(1), rules=rules)
    assert sigmas == borders
    torch.testing.assert_close(walked, DATA.jump(x, start, 0.0), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("sigma", [40.0, 1.7, 0.3])
def test_the_exact_estimate_is_a_mean_of_the_denoisers_along_the_path(sigma):
    """Even in 1 / sigma, so it is within [-1, 1] where they are, and cutting it there changes nothing."""
    end = next(level for level in [*equal_segments(4)[1:], 0.01] if level < sigma)
    edges, x = torch.linspace(1 / sigma, 1 / end, 1001, dtype=torch.float64), 2 * X
    levels = (2 / (edges[:-1] + edges[1:])).tolist()
    mean = sum(DATA.denoiser(DATA.jump(x, sigma, level), level) for level in levels) / len(levels)
    jumped = DATA.jump(x, sigma, end)
    torch.testing.assert_close((jumped - end / sigma * x) / (1 - end / sigma), mean, rtol=0, atol=2e-3)


def test_generation_walks_the_card_s_own_levels():
    assert edit_sigmas(card((2, 4)), "generate", 4) == equal_segments(4)
    assert edit_sigmas(card((2, 4)), "generate", 2) == equal_segments(2)


def test_painting_goes_down_the_borders_below_its_start():
    three = core.paint_sigmas(card(stroke_sigmas=(1.35, 0.56)), 0.5, 3)
    assert three == pytest.approx([1.35, 1.0, 0.4142], abs=5e-5)


def test_editing_goes_down_the_borders_below_its_start():
    assert edit_sigmas(card(), "inpaint", 4) == pytest.approx([10.0, 2.4142, 1.0, 0.4142], abs=5e-5)


def test_levels_of_unequal_segments_are_walked_as_the_card_has_them():
    own = card(schedules={"generate": {"3": [80.0, 6.0, 0.7]}})
    assert segment_sigmas(own, 9.0, 3) == pytest.approx([9.0, 6.0, 0.7])
    assert segment_sigmas(own, 2.0, 2) == pytest.approx([2.0, 0.7])


def test_a_walk_too_short_passes_over_borders_and_one_too_long_divides_segments():
    assert segment_sigmas(card(), 80.0, 3) == [80.0, *equal_segments(4)[2:]]  # the first segment is the shortest
    assert set(segment_sigmas(card(), 80.0, 8)) > set(equal_segments(4))
    assert segment_sigmas(card(), 80.0, 8) == pytest.approx(equal_segments(8), rel=0.3)


@given(st.floats(0.1, 80.0), st.integers(1, 60), st.sampled_from([(1,), (4,), (16,), (1, 2, 4, 8)]))
def test_every_walk_has_as_many_levels_as_asked_and_they_can_be_sampled(first, steps, counts):
    sigmas = segment_sigmas(card(counts), first, steps)
    assert len(sigmas) == steps and sigmas == validated_sigmas(sigmas) and sigmas[0] == first


@given(st.sampled_from(sorted(RANGES)), st.integers(1, 40))
def test_every_edit_has_levels_for_any_number_of_steps(edit, steps):
    sigmas = edit_sigmas(card(), edit, steps)
    assert len(sigmas) == steps and sigmas == validated_sigmas(sigmas)


def test_of_several_step_counts_the_one_that_fits_the_start_is_walked():
    several = card((1, 2, 4, 8))
    assert segment_sigmas(several, 80.0, 4) == pytest.approx(equal_segments(4))
    assert segment_sigmas(several, 1.35, 2) == pytest.approx([1.35, 1.0])  # of two segments
    assert [nearest_count(several, 80.0, steps) for steps in (1, 2, 3, 5, 8, 40)] == [1, 2, 4, 4, 8, 8]


def test_a_card_without_levels_is_walked_in_equal_segments():
    assert edit_sigmas(card(schedules={}, default_steps=4), "generate", 4) == pytest.approx(equal_segments(4))


def test_a_multistep_model_has_the_denoisers_scalings():
    assert torch.equal(tiny.model("multistep")(X, 0.7), tiny.model("edm")(X, 0.7))


def test_a_fresh_network_says_the_same_whatever_it_is_told():
    plain, told = UNet(tiny.network_config()), UNet(tiny.network_config(step_counts=(1, 4)))
    assert told.load_state_dict(plain.state_dict(), strict=False).missing_keys == ["trunk.steps.weight"]
    torch.nn.init.ones_(plain.trunk.conv_out.weight), torch.nn.init.ones_(told.trunk.conv_out.weight)
    answers = [told(X, torch.ones(2), steps_B=torch.full((2,), k)) for k in (0, 1)]
    assert all(torch.equal(answer, plain(X, torch.ones(2))) for answer in answers)


def test_each_picture_of_a_batch_may_be_told_another_step_count():
    model = told_model()
    mixed = model(X, 1.0, steps_B=torch.tensor([2, 0]))
    torch.testing.assert_close(mixed[:1], model.with_steps(4)(X[:1], 1.0), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(mixed[1:], model.with_steps(1)(X[1:], 1.0), rtol=1e-4, atol=1e-4)
    assert not torch.allclose(mixed, model(X, 1.0, steps_B=torch.tensor([0, 0])))


def test_untold_it_is_the_model_of_the_most_steps():
    assert torch.equal(told_model()(X, 1.0), told_model().with_steps(4)(X, 1.0))


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_sampling_tells_the_model_the_number_of_its_steps(steps):
    model, noise = told_model(), core.SeededNoise([1])
    own = core.sample(model, equal_segments(steps), noise)
    told = core.sample(model.with_steps(steps), equal_segments(steps), noise, shape=model.shape, rules=model.rules)
    assert torch.equal(own, told)
    others = [n for n in (1, 2, 4) if n != steps]
    for n in others:
        other = core.sample(model.with_steps(n), equal_segments(steps), noise, shape=model.shape, rules=model.rules)
        assert not torch.equal(own, other)


def test_painting_tells_the_model_the_walk_that_its_levels_come_from():
    model, asked = told_model(), []
    model.with_steps = lambda steps: asked.append(steps) or model
    core.edit(model, core.Nothing(), segment_sigmas(model.card, 1.35, 3), core.SeededNoise([1]), start=X[:1])
    assert asked == [4]


def test_a_step_count_is_told_exactly_to_networks_that_know_it():
    with pytest.raises(core.RequestError, match="no walk of 3 steps"):
        told_model().with_steps(3)
    with pytest.raises(core.RequestError, match="step_counts"):
        tiny.model("multistep")(X, 1.0, steps_B=torch.tensor([0, 0]))


@pytest.mark.parametrize("counts", [(4, 2), (2, 2), (0, 1), (1, 2000), (1, 2.5)])
def test_step_counts_that_make_no_sense_are_refused(counts):
    with pytest.raises(core.CheckpointError):
        tiny.network_config(step_counts=counts)


def test_a_told_model_survives_the_file(tmp_path):
    model = told_model()
    core.save_model(tmp_path / "m.safetensors", model.card, model.network.state_dict(), dtype=torch.float32)
    loaded = core.load_model(tmp_path / "m.safetensors", device="cpu", dtype="float32")
    assert loaded.card == model.card
    torch.testing.assert_close(loaded.with_steps(2)(X, 1.0), model.with_steps(2)(X, 1.0))
