"""Weights that a run starts from."""

from dataclasses import replace

import pytest
import torch

import core
from core.runtime import choose_runtime
from tests import tiny
from tests.core.published.openai_network import OpenAIUNet, denoised, noisy, randomised, relative_error
from training.loop.weights import load_teacher, network_from
from training.objectives.mcm import MultistepConsistency


def model_file(folder, **changes):
    """A model file with random weights."""
    network = tiny.network(**changes)
    card = core.ModelCard(network=network.config)
    return core.save_model(folder / "m.safetensors", card, network.state_dict(), dtype=torch.float32)


def run_of(folder, counts):
    """A run of multistep consistency for these step counts; () for one of a single count, which is told nothing."""
    objective = MultistepConsistency(counts or (4,), distil=False)
    return replace(tiny.run_config(folder), objective=objective, network=tiny.network_config(step_counts=counts))


def test_a_network_that_is_told_step_counts_starts_as_one_that_is_not(tmp_path):
    x, sigma = torch.randn(2, 3, 8, 8), torch.ones(2)
    started = network_from(model_file(tmp_path), run_of(tmp_path, (1, 4)))
    for index in (0, 1):
        told = started(x, sigma, steps_B=torch.full((2,), index))
        torch.testing.assert_close(told, tiny.network()(x, sigma))


def test_a_network_with_a_refiner_starts_as_one_without(tmp_path):
    x, sigma = torch.randn(2, 3, 8, 8), torch.ones(2)
    run = replace(tiny.run_config(tmp_path), network=tiny.network_config(refine=8))
    torch.testing.assert_close(network_from(model_file(tmp_path), run)(x, sigma), tiny.network()(x, sigma))


def test_a_network_without_a_refiner_does_not_start_as_one_that_has_learnt_to_refine(tmp_path):
    with pytest.raises(core.ConfigError, match="refine"):
        network_from(model_file(tmp_path, refine=8), tiny.run_config(tmp_path))


@pytest.mark.parametrize("counts", [(), (2, 4)])
def test_it_does_not_start_as_one_that_was_told_others(tmp_path, counts):
    path = model_file(tmp_path, step_counts=(1, 4))
    with pytest.raises(core.ConfigError, match="step_counts"):
        network_from(path, run_of(tmp_path, counts))


def test_a_published_denoiser_is_a_teacher_as_it_is(tmp_path):
    theirs = randomised(OpenAIUNet(64, (1,), 1, (0,), scale_shift=False))
    torch.save(theirs.state_dict(), tmp_path / "edm_tiny_ema.pt")
    run = tiny.run_config(tmp_path)
    teacher = load_teacher(str(tmp_path / "edm_tiny_ema.pt"), run, choose_runtime("cpu", "float32"))
    x = noisy(2.0, tiny.SIDE)
    assert relative_error(teacher(x, 2.0), denoised(theirs, x, 2.0)) < 1e-5
    started = network_from(str(tmp_path / "edm_tiny_ema.pt"), replace(run, network=teacher.network.config))
    assert all(torch.equal(value, teacher.network.state_dict()[name]) for name, value in started.state_dict().items())
