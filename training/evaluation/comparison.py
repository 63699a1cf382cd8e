"""All figures that compare a set of pictures with photographs.

Shapes: N pictures, R pixels along each side.
"""

import numpy as np

from training.evaluation.resize import resized
from training.metrics.distribution import frechet_distance, kernel_distance
from training.metrics.features import ImageNetFeatures
from training.metrics.sliced_wasserstein import PatchDistance
from training.metrics.spectrum import grid_peaks, power_spectrum, top_octave
from training.metrics.variety import variety


class Comparison:
    """The statistics of photographs, computed once, with which sets of pictures are compared."""

    def __init__(self, photos: np.ndarray, features: ImageNetFeatures, side: int | None = None):
        """photos: [N,R,R,3] uint8, N at least 2. side: pixels, for all distances; by default R.

        Raises ValueError unless R is a multiple of 4.
        """
        self._features, self._side = features, side or photos.shape[1]
        sized = resized(photos, self._side)
        self._real = features(sized)
        self._patch_distance = PatchDistance(sized)
        self._variety = variety(sized, features.distances)
        self._spectrum = power_spectrum(photos)

    def row(self, name: str, pictures: np.ndarray) -> dict:
        """A row of figures for pictures [N,R,R,3] uint8, of the same number and size as the photographs.

        KID and Frechet are distances of features (metrics/distribution.py). SWD is the distance of patches, averaged
        over levels; "SWD levels" has that of each level (metrics/sliced_wasserstein.py). variety, top octave and grid
        are divided by the photographs' (metrics/variety.py, metrics/spectrum.py). Raises ValueError for another number
        or size.
        """
        sized = resized(pictures, self._side)
        features, spectrum = self._features(sized), power_spectrum(pictures)
        levels = self._patch_distance(sized)
        return {
            "pictures": name,
            "KID": kernel_distance(features, self._real),
            "Frechet": frechet_distance(features, self._real),
            "SWD": float(np.mean(list(levels.values()))),
            "SWD levels": levels,
            "variety": variety(sized, self._features.distances) / self._variety,
            "top octave": top_octave(spectrum) / top_octave(self._spectrum),
            "grid": grid_peaks(spectrum) / grid_peaks(self._spectrum),
        }
