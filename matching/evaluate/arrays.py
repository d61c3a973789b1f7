"""Turn what a caller has into arrays that can be computed with, or refuse it by name."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matching.errors import InvalidField

Floats = NDArray[np.float64]
Numbers = Sequence[float] | NDArray[np.generic]


def column(values: Numbers, path: str, *, n: int | None = None) -> Floats:
    """Return *values* as (n,) finite floats.

    Raise InvalidField, naming *path*, if there are none, if they are not one-dimensional, if one is
    not finite, or if there are not as many as *n* where that is given.
    """
    try:
        read: Floats = np.asarray(values, np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidField("not an array of numbers", path=path) from error
    if read.ndim != 1:
        raise InvalidField(f"one dimension expected, {read.ndim} found", path=path)
    if not len(read):
        raise InvalidField("empty", path=path)
    if n is not None and len(read) != n:
        raise InvalidField(f"{n} rows expected, {len(read)} found", path=path)
    if not np.isfinite(read).all():
        raise InvalidField("not finite", path=path)
    return read


def probabilities(values: Numbers, path: str, *, n: int | None = None) -> Floats:
    """Return *values* as (n,) floats in 0..1; raise InvalidField as `column` does."""
    read = column(values, path, n=n)
    # A sum of probabilities may pass 1 by rounding.
    if read.min() < 0 or read.max() > 1 + 1e-9:
        raise InvalidField("not a probability", path=path)
    return read
