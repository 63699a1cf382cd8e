"""Forward-mode derivatives of the real network and of real distances, against finite differences."""

import pytest
import torch

from tests import tiny
from training.metrics.pairwise import metric_of
from training.objectives.tangent import metric_product, value_and_tangent

RNG = torch.Generator().manual_seed(0)
U, V = (torch.randn(2, 3, 8, 8, generator=RNG) for _ in range(2))
SIGMA, V_SIGMA = torch.tensor([0.3, 2.0]), torch.tensor([1.0, -0.5])
NETWORKS = [
    {},
    {"classes": 2},
    {"patch": 1},
    {"patch_prior": False},
    {"scale_shift": True},
    {"scale_shift": True, "pixel_norm": True},
    {"time_input": "angle"},
    {"multipliers": (1,), "attention_grids": (4,)},
]


@pytest.fixture
def doubled(monkeypatch):
    """The network computes in float64 where it asks for float32: finite differences then have eight digits."""
    monkeypatch.setattr(torch.Tensor, "float", torch.Tensor.double)
    return [value.double() for value in (U, SIGMA, V, V_SIGMA)]


def function_of(changes: dict, model=None):
    """A network (or model) as a function of picture and noise level, with classes and a dropout mask."""
    network = tiny.network(**changes)
    model = model or network.double().to(memory_format=torch.channels_last)  # the layout in which it is trained
    labels = torch.tensor([0, 1]) if "classes" in changes else None
    dropout_mask = torch.bernoulli(torch.full((2, network.dropout_channels), 0.8), generator=RNG) / 0.8
    return lambda u, sigma: model(u, sigma, labels, dropout_mask), network


def difference(function, point, direction, h: float):
    """The central difference of a function along a direction."""
    up, down = ([p + sign * h * v for p, v in zip(point, direction)] for sign in (1, -1))
    return (function(*up) - function(*down)) / (2 * h)


@pytest.mark.parametrize("changes", NETWORKS, ids=str)
def test_value_and_tangent_are_those_of_the_network(doubled, changes):
    u, sigma, v, v_sigma = doubled
    f, _ = function_of(changes)
    with torch.no_grad():
        value, tangent = value_and_tangent(f, (u, sigma), (v, v_sigma))
        expected = difference(f, (u, sigma), (v, v_sigma), 1e-5)
        torch.testing.assert_close(value, f(u, sigma))
    torch.testing.assert_close(tangent, expected, rtol=1e-5, atol=1e-6)
    assert not tangent.requires_grad


@pytest.mark.parametrize("changes", NETWORKS[:3], ids=str)
def test_gradients_flow_through_the_tangent(doubled, changes):
    u, sigma, v, v_sigma = doubled
    f, network = function_of(changes)
    parameters = list(network.parameters())

    def gradient(output):
        grads = torch.autograd.grad((output * v).sum(), parameters, materialize_grads=True)
        return torch.cat([g.flatten() for g in grads])

    found = gradient(value_and_tangent(f, (u, sigma), (v, v_sigma))[1])
    expected = difference(lambda *point: gradient(f(*point)), (u, sigma), (v, v_sigma), 1e-5)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("parameterisation", ["consistency", "edm", "trigflow"])
def test_the_tangents_of_scaled_models_are_exact_in_float32(parameterisation):
    model = tiny.model(parameterisation, classes=2)
    f, _ = function_of({"classes": 2}, model)
    with torch.no_grad():
        _, tangent = value_and_tangent(f, (U, SIGMA), (V, V_SIGMA))
        expected = difference(f, (U, SIGMA), (V, V_SIGMA), 3e-3)
    assert (tangent - expected).norm() < 0.01 * expected.norm()


def test_in_half_precision_the_tangent_is_the_same_up_to_its_rounding():
    network = tiny.network()
    f, _ = function_of({}, network)
    with torch.no_grad():
        _, exact = value_and_tangent(f, (U, SIGMA), (V, V_SIGMA))
        network.precision = lambda: torch.autocast("cpu", dtype=torch.bfloat16)
        _, rounded = value_and_tangent(f, (U, SIGMA), (V, V_SIGMA))
    assert 0 < (rounded - exact).norm() < 0.05 * exact.norm()


def test_the_metric_of_squares_is_a_number_times_the_identity():
    torch.testing.assert_close(metric_product(metric_of("l2"), U, V), 2 * V / U[0].numel())
    torch.testing.assert_close(metric_product(metric_of("norm"), U, V), V / 1e-4)


def curved(a, b):
    """A distance with a metric that differs from place to place: between features."""
    return (features(a) - features(b)).square().sum(dim=(1, 2, 3))


def features(x):
    return torch.tanh(x + x.flip(2) * x.roll(1, 3))


def swapped(a, b):
    return curved(b, a)


@pytest.mark.parametrize("distance", [curved, swapped])
def test_the_product_is_the_second_difference_of_the_distance_in_either_argument(distance):
    u, v = U.double(), V.double()
    along = difference(features, (u,), (v,), 1e-5)
    product = metric_product(distance, u, v)
    torch.testing.assert_close((v * product).sum((1, 2, 3)), 2 * along.square().sum((1, 2, 3)), rtol=1e-7, atol=0)


def test_the_product_with_the_metric_of_lpips_is_the_change_of_its_gradient():
    distance = metric_of("lpips_random")

    def gradient(y):
        y = y.clone().requires_grad_()
        return torch.autograd.grad(distance(y, U).sum(), y)[0]

    expected = difference(gradient, (U,), (V,), 1e-3)
    assert (metric_product(distance, U, V) - expected).norm() < 0.02 * expected.norm()


def test_the_product_is_a_constant_only_where_no_gradient_is_wanted():
    u, v = U.double().requires_grad_(), V.double().requires_grad_()

    def form(u, v):
        return (v * metric_product(curved, u, v)).sum()

    assert torch.autograd.gradcheck(form, (u[:, :1, :2, :2], v[:, :1, :2, :2]))
    with torch.no_grad():
        assert not metric_product(curved, u, v).requires_grad
    assert u.grad is None
