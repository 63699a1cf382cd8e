"""How much the pictures of a set differ from each other.

Shapes: N pictures, R pixels along each side.
"""

from collections.abc import Callable

import numpy as np

SAMPLES = 200  # pictures that are paired, at most


def variety(pictures: np.ndarray, distances: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> float:
    """The mean distance of the two pictures of a pair, over random disjoint pairs of at most 200 pictures.

    pictures: [N,R,R,3] uint8. distances: a function of two such sets that returns the distance of each pair, such as
    ImageNetFeatures.distances. The pairs depend on N alone. A set of similar pictures has a small variety; so has a set
    of blurred ones, which have few details to differ in.
    """
    pairs = min(len(pictures), SAMPLES) // 2
    shuffled = np.random.Generator(np.random.Philox(key=0)).permutation(len(pictures))
    return float(distances(pictures[shuffled[:pairs]], pictures[shuffled[pairs : 2 * pairs]]).mean())
