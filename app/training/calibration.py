"""From what a judge says to how often it is right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def calibration(said: Array, right: Array, bins: int = 20) -> tuple[list[float], list[float]]:
    """A non-decreasing curve from what a judge says to how often it is right (isotonic regression, Zadrozny 2002).

    Pool-adjacent-violators over bins of equal count; the ends are fixed at what the first and last bin show.
    """
    order = np.argsort(said, kind="stable")
    blocks: list[list[float]] = []
    for piece in np.array_split(order, bins):
        if not len(piece):
            continue
        blocks.append([float(said[piece].mean()), float(right[piece].mean()), float(len(piece))])
        while len(blocks) > 1 and blocks[-2][1] > blocks[-1][1]:
            x2, y2, n2 = blocks.pop()
            x1, y1, n1 = blocks.pop()
            n = n1 + n2
            blocks.append([(x1 * n1 + x2 * n2) / n, (y1 * n1 + y2 * n2) / n, n])
    # Means of equal numbers may differ in their last bit; interpolation wants them rising.
    rising = np.maximum.accumulate([block[0] for block in blocks])
    return rising.tolist(), [block[1] for block in blocks]
