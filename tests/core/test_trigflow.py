"""TrigFlow models: one network seen through angles and through noise levels."""

from dataclasses import replace
from math import pi

import pytest
import torch

import core
from core import CheckpointError, ModelCard
from core.card import SamplingRules
from core.checkpoint import save_model
from core.edit_schedules import edit_sigmas
from core.scalings import angle_of, sigma_of
from core.unet import UNet
from tests import tiny

X = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
SD = 0.5


@pytest.mark.parametrize(("sigma", "angle"), [(80.0, 1.564546408), (0.9823798286, 1.1), (0.5, pi / 4), (0.0, 0.0)])
def test_angles_and_noise_levels_are_those_of_the_reference(sigma, angle):
    assert angle_of(torch.tensor(sigma)).item() == pytest.approx(angle, rel=1e-6)
    assert sigma_of(torch.tensor(angle, dtype=torch.float64)).item() == pytest.approx(sigma, rel=1e-6)


@pytest.mark.parametrize("time_input", ["log", "angle"])
@pytest.mark.parametrize("sigma", [0.02, 0.5, 3.0, 80.0])
def test_the_consistency_function_is_trigflows(time_input, sigma):
    model = tiny.model("trigflow", time_input=time_input)
    t = angle_of(torch.tensor([sigma, sigma]))
    x = (X.square() + sigma**2).sqrt() * X.sign()
    x_t = t.cos()[:, None, None, None] * x
    expected = t.cos()[0] * x_t - t.sin()[0] * model.velocity(x_t, t)
    torch.testing.assert_close(model(x, sigma), expected, rtol=1e-4, atol=1e-4)


def test_a_denoisers_weights_are_a_trigflow_models():
    denoiser, model = tiny.model("edm"), tiny.model("trigflow")
    x, sigma = 2 * X, torch.tensor([0.3, 2.0])
    t = angle_of(sigma)[:, None, None, None]
    clean = denoiser(x, sigma)
    noise = (x - clean) / sigma[:, None, None, None]  # the flow: d(cos(t) x0 + sin(t) sd z)/dt
    torch.testing.assert_close(
        model.velocity(t.cos() * x, angle_of(sigma)), SD * t.cos() * noise - t.sin() * clean, rtol=1e-4, atol=1e-4
    )


def test_the_answer_tends_to_the_input_as_the_noise_goes():
    model = tiny.model("trigflow", time_input="angle")
    gaps = [(model(X, sigma) - X).abs().max().item() for sigma in (1e-2, 1e-4, 1e-6)]
    assert gaps[0] > 50 * gaps[1] > 2500 * gaps[2]
    assert torch.equal(model(X, 0.0), X)


def test_labels_and_dropout_reach_the_network():
    model, t, labels = tiny.model("trigflow", classes=2), torch.tensor([0.3, 1.2]), torch.tensor([0, 1])
    ones = torch.ones(2, model.network.dropout_channels)
    whole = model.velocity(X, t, labels)
    assert torch.equal(model.velocity(X, t, labels, ones), whole)
    assert not torch.allclose(model.velocity(X, t, labels, 0 * ones), whole)
    assert not torch.allclose(model.velocity(X, t, labels.flip(0)), whole)


def test_the_embedding_of_an_angle_sees_it_scaled(monkeypatch):
    seen = []
    monkeypatch.setattr("core.unet.sinusoids", lambda values, width: seen.append(values) or torch.zeros(2, width))
    tiny.network(time_input="angle", time_scale=3.0)(X, torch.tensor([0.5, 80.0]))
    assert seen[0].tolist() == pytest.approx([3 * pi / 4, 3 * 1.564546408], rel=1e-6)


def test_an_unknown_time_input_is_refused():
    with pytest.raises(CheckpointError, match='"sine" is not known: log, angle are'):
        tiny.network_config(time_input="sine")


def test_a_card_that_does_not_name_its_time_input_sees_the_logarithm():
    card = ModelCard(network=tiny.network_config())
    old = card.to_json().replace(', "time_input": "log"', "")
    assert "time_input" not in old
    assert ModelCard.from_json(old) == card


def test_a_trigflow_file_opens_and_samples_by_renoising(tmp_path):
    network = tiny.network_config(time_input="angle")
    card = ModelCard(name="t", parameterisation="trigflow", network=network, sampling=SamplingRules(move="renoise"))
    weights = tiny.randomised(UNet(network)).state_dict()
    model = core.load_model(save_model(tmp_path / "t.safetensors", card, weights, dtype=torch.float32), "cpu")
    assert model.card == card
    sigmas = edit_sigmas(card, "generate", 3)
    assert sigmas == edit_sigmas(replace(card, parameterisation="consistency"), "generate", 3)
    noise = core.SeededNoise([7, 8])
    _, second, third = core.sampling.sample_steps(model, sigmas, noise)
    x = second + (sigmas[2] ** 2 - 0.002**2) ** 0.5 * noise.draw(2, (3, 8, 8))
    torch.testing.assert_close(third, model(x, sigmas[2]).clamp(-1, 1), rtol=1e-4, atol=1e-4)
