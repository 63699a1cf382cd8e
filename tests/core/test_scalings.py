"""c_skip, c_out, c_in against the reference figures."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.scalings import boundary_scalings, edm_scalings

BOUNDARY = {
    0.002: (1.0, 0.0, 1.999984),
    0.01: (0.9997440655, 0.00799840048, 1.99960012),
    0.5: (0.502004, 0.352139177, 1.414213562),
    1.0: (0.2006414105, 0.4463191683, 0.894427191),
    80.0: (3.906292723e-05, 0.4999777349, 0.01249975587),
}


@pytest.mark.parametrize(("sigma", "expected"), BOUNDARY.items())
def test_the_consistency_scalings_are_the_published_ones(sigma, expected):
    scale = boundary_scalings(torch.tensor([sigma], dtype=torch.float64))
    assert [float(value) for value in scale] == pytest.approx(expected, rel=1e-8)


def test_at_sigma_min_nothing_of_the_network_is_left():
    scale = boundary_scalings(torch.tensor([0.002]))
    assert scale.skip.item() == 1.0
    assert scale.out.item() == 0.0


@given(st.floats(0.002, 80.0))
def test_the_denoisers_scalings_keep_variance_one(sigma):
    skip, out, in_ = (float(value) for value in edm_scalings(torch.tensor([sigma], dtype=torch.float64)))
    variance = sigma**2 + 0.25
    assert in_**2 * variance == pytest.approx(1)  # into the network
    target = (1 - skip) ** 2 * 0.25 + skip**2 * sigma**2  # of x0 - c_skip x
    assert target == pytest.approx(out**2)  # out of the network


@given(st.floats(0.002, 80.0))
def test_consistency_and_denoiser_share_their_input_scaling(sigma):
    level = torch.tensor([sigma])
    assert torch.equal(boundary_scalings(level).in_, edm_scalings(level).in_)


def test_far_from_sigma_min_the_two_agree():
    level = torch.tensor([80.0], dtype=torch.float64)
    for ours, theirs in zip(boundary_scalings(level), edm_scalings(level)):
        assert float(ours) == pytest.approx(float(theirs), rel=6e-5)
