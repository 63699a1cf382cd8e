"""Sets of pictures compared with photographs: every figure that they are judged by."""

import numpy as np

from training.evaluation.resize import resized
from training.metrics.distribution import frechet_distance, kernel_distance
from training.metrics.features import ImageNetFeatures
from training.metrics.sliced_wasserstein import PatchDistance
from training.metrics.spectrum import grid_peaks, power_spectrum, top_octave
from training.metrics.variety import variety


class Comparison:
    """What photographs have, computed once, to compare sets of pictures with."""

    def __init__(self, photos: np.ndarray, features: ImageNetFeatures, side: int | None = None):
        """photos: [N,R,R,3] uint8, N at least 2. side: of the pictures for all distances; R by default."""
        self._features, self._side = features, side or photos.shape[1]
        sized = resized(photos, self._side)
        self._real = features(sized)
        self._patch_distance = PatchDistance(sized)
        self._variety = variety(sized, features.distances)
        self._spectrum = power_spectrum(photos)

    def row(self, name: str, pictures: np.ndarray) -> dict:
        """A row of figures for as many pictures, of the photographs' size.

        KID and Frechet: distances of features (metrics/distribution.py). SWD: the mean over levels of the patches'
        distance, and under "SWD levels" each level's (metrics/sliced_wasserstein.py). variety, top octave, grid: as
        shares of the photographs' own (metrics/variety.py, metrics/spectrum.py).
        """
        sized = resized(pictures, self._side)
        found, spectrum = self._features(sized), power_spectrum(pictures)
        levels = self._patch_distance(sized)
        return {
            "pictures": name,
            "KID": kernel_distance(found, self._real),
            "Frechet": frechet_distance(found, self._real),
            "SWD": float(np.mean(list(levels.values()))),
            "SWD levels": levels,
            "variety": variety(sized, self._features.distances) / self._variety,
            "top octave": top_octave(spectrum) / top_octave(self._spectrum),
            "grid": grid_peaks(spectrum) / grid_peaks(self._spectrum),
        }
