"""Networks inside their scalings."""

import dataclasses

import pytest
import torch

import core
from core import RequestError
from core.models import as_sampled
from tests import tiny

X = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("changes", [{}, {"patch_prior": False}, {"patch": 1}])
def test_at_sigma_min_a_consistency_model_returns_its_input_bit_for_bit(changes):
    assert torch.equal(tiny.model(**changes)(X, 0.002), X)


def test_a_fresh_network_leaves_only_c_skip():
    model = tiny.model("edm", patch_prior=False)
    torch.nn.init.zeros_(model.network.trunk.conv_out.weight)
    torch.nn.init.zeros_(model.network.trunk.conv_out.bias)
    torch.testing.assert_close(model(X, 0.5), 0.5 * X)


@pytest.mark.parametrize("parameterisation", ["consistency", "edm"])
def test_one_level_for_all_is_the_same_as_one_for_each(parameterisation):
    model = tiny.model(parameterisation)
    torch.testing.assert_close(model(X, 1.5), model(X, torch.tensor([1.5, 1.5])))
    torch.testing.assert_close(model(X, torch.tensor([1.5, 9.0]))[1:], model(X[1:], 9.0), rtol=1e-4, atol=1e-4)


def test_the_cards_own_sigma_min_and_sigma_data_are_used():
    model = tiny.model()
    model.card = dataclasses.replace(model.card, sigma_min=0.01)
    assert torch.equal(model(X, 0.01), X)
    assert not torch.equal(model(X, 0.002), X)


def test_far_from_sigma_min_both_parameterisations_agree():
    consistency, edm = tiny.model(), tiny.model("edm")
    torch.testing.assert_close(consistency(80 * X, 80.0), edm(80 * X, 80.0), rtol=1e-4, atol=1e-3)


def test_labels_are_given_exactly_to_models_with_classes():
    with pytest.raises(RequestError, match="no classes"):
        tiny.model()(X, 1.0, torch.tensor([0, 1]))
    with pytest.raises(RequestError, match="labels"):
        tiny.model(classes=2)(X, 1.0)
    assert tiny.model(classes=2)(X, 1.0, torch.tensor([0, 1])).shape == X.shape


def test_looks_become_labels_by_their_place_among_the_classes():
    model = tiny.model(classes=2)
    model.card = dataclasses.replace(model.card, classes=("photo", "render"))
    assert model.labels("render", 3).tolist() == [1, 1, 1]
    assert model.labels(None, 2).tolist() == [0, 0]
    assert tiny.model().labels(None, 2) is None
    with pytest.raises(RequestError, match="photo, render are"):
        model.labels("drawing", 1)
    with pytest.raises(RequestError, match="it has none"):
        tiny.model().labels("photo", 1)


def test_a_model_knows_its_shape_its_device_and_its_rules():
    model = tiny.model()
    assert model.shape == (3, 8, 8)
    assert model.device == torch.device("cpu")
    assert model.rules is model.card.sampling


def test_a_plain_function_is_sampled_on_the_cpu_by_the_usual_rules_and_a_model_by_its_own():
    def double(x, sigma, labels=None):
        return 2 * x

    plain, model = as_sampled(double), tiny.model("edm")
    assert as_sampled(model) is model
    assert (plain.device, plain.rules) == (torch.device("cpu"), core.SamplingRules())
    assert plain.walking([2.0, 1.0], 3.0) is double
    assert torch.equal(plain(torch.ones(1), 1.0), torch.full((1,), 2.0))
