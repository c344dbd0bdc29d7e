"""The Frechet distance between two sets of features."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import DatasetError


def frechet_distance(features_1: ArrayLike, features_2: ArrayLike) -> float:
    """Compare two sets as if each were drawn from a normal distribution.

    |m_1 - m_2|^2 + Tr(C_1 + C_2 - 2 (C_1 C_2)^(1/2)) with means m and covariances C: D. C. Dowson
    and B. V. Landau, "The Frechet distance between multivariate normal distributions" (1982), as
    M. Heusel et al., "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash
    Equilibrium" (2017), use it for pictures. With C = R^T R, the trace of the root is the sum of
    the singular values of R_1 R_2^T: there is no root of a matrix that has none, however few the
    features are. The fewer they are the higher the distance comes out, so that only those of equally
    many pictures compare.

    Parameters
    ----------
    features_1, features_2
        (n, d) each, a row a picture; n may differ, d not.

    Raises
    ------
    DatasetError
        One set has fewer than two rows.
    """
    (mean_1, root_1), (mean_2, root_2) = (_moments(each) for each in (features_1, features_2))
    common = np.linalg.svd(root_1 @ root_2.T, compute_uv=False).sum()
    spread = np.sum(root_1**2) + np.sum(root_2**2) - 2 * common
    return float(np.sum((mean_1 - mean_2) ** 2) + max(spread, 0))


def _moments(features: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean, and an (at most d, d) root R of the covariance R^T R."""
    rows = np.asarray(features, dtype=np.float64)
    if len(rows) < 2:
        raise DatasetError(f"a Frechet distance needs at least two pictures, got {len(rows)}")
    mean = rows.mean(axis=0)
    root = (rows - mean) / np.sqrt(len(rows) - 1)
    if len(rows) > rows.shape[1]:
        _, root = np.linalg.qr(root)
    return mean, root
