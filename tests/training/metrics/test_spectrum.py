"""Power spectra, against noise and waves whose spectra are known."""

import numpy as np
import pytest

from tests.training.metrics.plain_features import noise
from training.evaluation.resize import blurred
from training.metrics.spectrum import grid_peaks, power_spectrum, top_octave

SIDE = 64


def test_white_noise_has_equal_power_everywhere():
    power = power_spectrum(noise(24, SIDE))
    window = np.outer(np.hanning(SIDE + 1)[:-1], np.hanning(SIDE + 1)[:-1])
    assert top_octave(power) == pytest.approx(30**2 * np.square(window).sum(), rel=0.05)
    assert grid_peaks(power) == pytest.approx(1, abs=0.1)


def test_two_sets_of_white_noise_have_a_ratio_of_1_and_twice_the_contrast_four_times_the_power():
    power, other, stronger = (
        power_spectrum(noise(40, SIDE, spread=spread, seed=seed)) for spread, seed in ((15, 0), (15, 1), (30, 2))
    )
    assert top_octave(other) / top_octave(power) == pytest.approx(1, abs=0.03)
    assert top_octave(stronger) / top_octave(power) == pytest.approx(4, rel=0.05)
    assert grid_peaks(stronger) / grid_peaks(power) == pytest.approx(1, abs=0.15)


def test_a_wave_of_four_pixels_has_the_peak_that_its_strength_gives():
    """A cos(pi x / 2) in noise of variance v: two of the 15 places get A^2 (sum w)^2 / (4 v sum w^2) more than 1."""
    strength, spread = 12, 20
    wave = strength * np.cos(np.pi / 2 * np.arange(SIDE))[:, None]
    pictures = (noise(24, SIDE, spread=spread).astype(float) + wave).round().clip(0, 255).astype(np.uint8)
    window = np.outer(np.hanning(SIDE + 1)[:-1], np.hanning(SIDE + 1)[:-1])
    more = strength**2 * window.sum() ** 2 / (4 * spread**2 * np.square(window).sum())
    assert grid_peaks(power_spectrum(pictures)) == pytest.approx(1 + 2 / 15 * more, rel=0.1)


@pytest.mark.parametrize("period", [2, 4])
def test_a_grid_of_two_or_four_pixels_has_a_large_peak(period):
    pictures = noise(20, SIDE, spread=10)
    pictures[:, ::period] += 20
    pictures[:, :, ::period] += 20
    assert grid_peaks(power_spectrum(pictures)) > 10


@pytest.mark.parametrize("period", [3, 5, 7])
def test_grids_of_other_periods_have_no_peak(period):
    """Their frequencies are no quarters, nor neighbours of one."""
    pictures = noise(12, 128, spread=10)
    pictures[:, ::period] += 20
    assert grid_peaks(power_spectrum(pictures)) < 1.3


def test_blur_takes_the_top_octave_away():
    pictures = noise(20, SIDE)
    assert top_octave(power_spectrum(blurred(pictures, 4))) < 0.05 * top_octave(power_spectrum(pictures))


def test_a_plain_picture_has_no_power_whatever_its_brightness():
    assert power_spectrum(np.full((2, 16, 16, 3), 200, np.uint8)) == pytest.approx(0, abs=1e-12)


def test_sides_that_are_no_multiple_of_4_are_refused():
    with pytest.raises(ValueError, match="multiple of 4"):
        power_spectrum(noise(1, 18))
