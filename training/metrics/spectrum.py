"""Power spectra of sets of pictures: how much fine detail they have, and whether a grid of four pixels lies over them.

The spectrum is |F|^2 of each channel, in float64, averaged over channels and pictures; F is the discrete Fourier
transform under a Hann window, so that a picture's edges, which do not join, count for nothing. Frequencies are in
cycles a pixel, -1/2 to 1/2.

Shapes: N pictures, R their side, a multiple of 4.
"""

from itertools import product

import numpy as np

NEIGHBOURS = 3  # distance of a frequency to its neighbours: the window spreads a line over one bin to each side
QUARTERS = [place for place in product(range(4), repeat=2) if place != (0, 0)]


def power_spectrum(pictures_NRR3: np.ndarray) -> np.ndarray:
    """[R,R], frequency 0 first and 0 itself. Raises ValueError unless R is a multiple of 4."""
    side = pictures_NRR3.shape[1]
    if side % 4:
        raise ValueError(f"Quarters of the sampling rate need a side that is a multiple of 4, not {side}.")
    line = np.hanning(side + 1)[:-1]
    window = np.outer(line, line)[:, :, None]
    power = np.zeros((side, side))
    for picture in pictures_NRR3:  # one at a time, for the memory
        centred = picture - (window * picture).sum(axis=(0, 1)) / window.sum()
        power += np.square(np.abs(np.fft.fft2(window * centred, axes=(0, 1)))).mean(axis=2)
    return power / len(pictures_NRR3)


def top_octave(power_RR: np.ndarray) -> float:
    """Mean power of the radial frequencies from 1/4 to 1/2."""
    frequencies = np.fft.fftfreq(len(power_RR))
    radius = np.hypot(frequencies[:, None], frequencies)
    return float(power_RR[(radius >= 1 / 4) & (radius <= 1 / 2)].mean())


def grid_peaks(power_RR: np.ndarray) -> float:
    """Power at the 15 frequencies (k/4, l/4) but (0, 0), each relative to the mean of its neighbours; their mean.

    Whatever repeats every four pixels has its power there. Neighbours are the 24 frequencies three bins away in rows,
    columns or both.
    """
    quarter = len(power_RR) // 4
    shifts = [(-row * quarter, -column * quarter) for row, column in QUARTERS]
    return float(np.mean([_peak(np.roll(power_RR, shift, axis=(0, 1))) for shift in shifts]))


def _peak(power_RR: np.ndarray) -> float:
    """Of the first frequency."""
    around = np.arange(-NEIGHBOURS, NEIGHBOURS + 1)
    rows, columns = np.meshgrid(around, around)
    ring = np.maximum(abs(rows), abs(columns)) == NEIGHBOURS
    return power_RR[0, 0] / power_RR[rows[ring], columns[ring]].mean()
