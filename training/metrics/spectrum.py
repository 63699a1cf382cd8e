"""Power spectra of sets of pictures: how much fine detail they have, and how strong a grid of four pixels is.

The spectrum is |F|^2 of each channel, in float64, averaged over channels and pictures. F is the discrete Fourier
transform under a Hann window, which removes the jump between opposite edges of a picture. Frequencies are in cycles per
pixel, from -1/2 to 1/2.

Shapes: N pictures, R pixels along each side, a multiple of 4.
"""

from itertools import product

import numpy as np

NEIGHBOURS = 3  # bins from a frequency to its neighbours; the window spreads a line by one bin to each side
QUARTERS = [index for index in product(range(4), repeat=2) if index != (0, 0)]  # in quarters of a cycle per pixel


def power_spectrum(pictures_NRR3: np.ndarray) -> np.ndarray:
    """[R,R] the power of pictures [N,R,R,3] by frequency; frequency 0 comes first and its power is 0.

    Raises ValueError unless R is a multiple of 4.
    """
    side = pictures_NRR3.shape[1]
    if side % 4:
        raise ValueError(f"Quarters of the sampling rate need a side that is a multiple of 4, not {side}.")
    line = np.hanning(side + 1)[:-1]
    window = np.outer(line, line)[:, :, None]
    power = np.zeros((side, side))
    for picture in pictures_NRR3:  # one at a time, to save memory
        centred = picture - (window * picture).sum(axis=(0, 1)) / window.sum()
        power += np.square(np.abs(np.fft.fft2(window * centred, axes=(0, 1)))).mean(axis=2)
    return power / len(pictures_NRR3)


def top_octave(power_RR: np.ndarray) -> float:
    """The mean power at radial frequencies from 1/4 to 1/2 cycles per pixel, of a spectrum [R,R]."""
    frequencies = np.fft.fftfreq(len(power_RR))
    radius = np.hypot(frequencies[:, None], frequencies)
    return float(power_RR[(radius >= 1 / 4) & (radius <= 1 / 2)].mean())


def grid_peaks(power_RR: np.ndarray) -> float:
    """The power at the 15 frequencies (k/4, l/4) other than (0, 0), relative to that of their neighbours; the mean.

    A pattern that repeats every four pixels has its power at these frequencies. The neighbours are the 24 frequencies
    on the square ring three bins away. The spectrum is [R,R].
    """
    quarter = len(power_RR) // 4
    shifts = [(-row * quarter, -column * quarter) for row, column in QUARTERS]
    return float(np.mean([_peak(np.roll(power_RR, shift, axis=(0, 1))) for shift in shifts]))


def _peak(power_RR: np.ndarray) -> float:
    """The power at the first frequency relative to the mean of its neighbours."""
    around = np.arange(-NEIGHBOURS, NEIGHBOURS + 1)
    rows, columns = np.meshgrid(around, around)
    ring = np.maximum(abs(rows), abs(columns)) == NEIGHBOURS
    return power_RR[0, 0] / power_RR[rows[ring], columns[ring]].mean()
