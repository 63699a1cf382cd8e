"""Distances between two sets of feature vectors.

Shapes: N and M pictures, D features.
"""

import numpy as np


def kernel_distance(a_ND: np.ndarray, b_MD: np.ndarray) -> float:
    """KID (Binkowski et al. 2018): the unbiased squared MMD with the kernel (x.y / D + 1)^3.

    For two samples of one distribution its expectation is 0, so it can be slightly negative. It does not depend on the
    number of pictures on average, so small samples suffice.
    """
    a_NN, b_MM, ab_NM = _kernel(a_ND, a_ND), _kernel(b_MD, b_MD), _kernel(a_ND, b_MD)
    return float(_off_diagonal_mean(a_NN) + _off_diagonal_mean(b_MM) - 2 * ab_NM.mean())


def _kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a @ b.T / a.shape[1] + 1) ** 3


def _off_diagonal_mean(matrix: np.ndarray) -> float:
    count = len(matrix)
    return (matrix.sum() - np.trace(matrix)) / (count * (count - 1))


def frechet_distance(a_ND: np.ndarray, b_MD: np.ndarray) -> float:
    """The Fréchet distance of Gaussians fitted to both sets (Heusel et al. 2017). It is too large for few pictures."""
    mean_gap = a_ND.mean(0) - b_MD.mean(0)
    cov_a, cov_b = np.cov(a_ND, rowvar=False), np.cov(b_MD, rowvar=False)
    root_a = _symmetric_root(cov_a)
    cross = np.linalg.eigvalsh(root_a @ cov_b @ root_a).clip(min=0)
    return float(mean_gap @ mean_gap + np.trace(cov_a) + np.trace(cov_b) - 2 * np.sqrt(cross).sum())


def _symmetric_root(matrix: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(values.clip(min=0))) @ vectors.T
