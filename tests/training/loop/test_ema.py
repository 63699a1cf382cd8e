"""Averages of weights with a memory that is a fixed share of the run."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from training.loop.ema import PowerEma, exponent_of


class Weights(nn.Module):
    def __init__(self, *values):
        super().__init__()
        self.value = nn.Parameter(torch.tensor(values, dtype=torch.float64))
        self.register_buffer("table", torch.arange(3.0))


def test_the_exponents_are_those_of_the_paper():
    assert exponent_of(0.05) == pytest.approx(16.97, abs=0.005)
    assert exponent_of(0.10) == pytest.approx(6.94, abs=0.005)


@given(st.floats(0.01, 0.28))
def test_a_wider_memory_has_a_smaller_exponent(sigma_rel):
    assert exponent_of(sigma_rel) > exponent_of(sigma_rel * 1.02)


@pytest.mark.parametrize("sigma_rel", [0.05, 0.10, 0.2])
def test_over_a_ramp_the_average_lags_by_the_known_share_and_is_as_wide_as_asked(sigma_rel):
    steps, network = 4000, Weights(0.0, 0.0)
    average = PowerEma(network, sigma_rel)
    for step in range(1, steps + 1):
        network.value.data = torch.tensor([step / steps, (step / steps) ** 2], dtype=torch.float64)
        average.update(network, step)
    mean, mean_of_squares = average.weights["value"].tolist()
    gamma = exponent_of(sigma_rel)
    assert mean == pytest.approx((gamma + 1) / (gamma + 2), abs=1e-3)
    assert (mean_of_squares - mean**2) ** 0.5 == pytest.approx(sigma_rel, rel=0.01)


def test_the_first_step_replaces_what_was_there_before():
    network = Weights(5.0)
    average = PowerEma(network, 0.05)
    network.value.data.fill_(2.0)
    average.update(network, 1)
    assert average.weights["value"].item() == 2.0


def test_weights_that_rest_are_their_own_average():
    network = Weights(3.0)
    average = PowerEma(network, 0.1)
    for step in range(1, 50):
        average.update(network, step)
    assert average.weights["value"].item() == 3.0


def test_the_average_is_a_copy_and_holds_buffers_too():
    network = Weights(1.0)
    average = PowerEma(network, 0.1)
    network.value.data.fill_(9.0)
    assert average.weights["value"].item() == 1.0
    assert torch.equal(average.weights["table"], network.table)
    assert average.weights["table"].data_ptr() != network.table.data_ptr()


def test_a_loaded_average_goes_on_where_the_other_stopped():
    network = Weights(1.0, 2.0)
    whole = PowerEma(network, 0.1)
    for step in range(1, 20):
        network.value.data.mul_(1.1)
        whole.update(network, step)
        if step == 9:
            resumed = PowerEma(Weights(0.0, 0.0), 0.1)
            resumed.load({name: value.clone() for name, value in whole.weights.items()})
        if step > 9:
            resumed.update(network, step)
    assert torch.equal(resumed.weights["value"], whole.weights["value"])
