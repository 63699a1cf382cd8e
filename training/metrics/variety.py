"""How much the pictures of a set differ from each other.

Shapes: N pictures [N,R,R,3] uint8.
"""

from collections.abc import Callable

import numpy as np

SAMPLES = 200


def variety(pictures: np.ndarray, distances: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> float:
    """The mean distance between the two pictures of a pair, over random disjoint pairs of up to 200 pictures.

    distances: of pairs of pictures, such as ImageNetFeatures.distances. The pairs depend on N alone. A set that repeats
    itself has a small variety, and so has one of blurred pictures: what is not there does not differ.
    """
    pairs = min(len(pictures), SAMPLES) // 2
    order = np.random.Generator(np.random.Philox(key=0)).permutation(len(pictures))
    return float(distances(pictures[order[:pairs]], pictures[order[pairs : 2 * pairs]]).mean())
