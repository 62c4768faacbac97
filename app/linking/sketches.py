"""Pieces of text as runs of words in, articles that may hold a like piece out: MinHash sketches in an index of bands.

The sketches are rensa's. Its own index takes 1.4 kB for each, so the bands are kept here, in two sorted arrays with 128
bytes for each. Equal runs give equal sketches in every process, and what is near what does not depend on the order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from rensa import RMinHash

PERMUTATIONS, ROWS, SEED = 64, 4, 20
"""16 bands of 4: pieces that share half of their runs are found in 64 of 100 cases, those that share 3 in 4 in 99."""
CROWD = 256
"""Articles that one band gives at most, the earliest: a text that is printed without end must slow nothing."""
_FRESH = 1 << 15
"""Entries that wait in a dictionary before they are sorted in."""

_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], np.uint64)


class Sketches:
    """An index of the pieces of articles, by the articles' numbers, which must not fall."""

    def __init__(self) -> None:
        self._keys = np.empty(0, np.uint32)
        self._numbers = np.empty(0, np.uint32)
        self._fresh: dict[int, list[int]] = {}
        self._waiting = 0

    def add(self, number: int, pieces: Sequence[npt.NDArray[np.uint64]]) -> list[int]:
        """Add an article's pieces, and return the articles near it, itself left out, the nearest first."""
        keys = bands(pieces)
        near = self._near(keys)
        for key in keys:
            self._fresh.setdefault(key, []).append(number)
        self._waiting += len(keys)
        if self._waiting >= _FRESH:
            self._sort_in()
        return near

    def _near(self, keys: list[int]) -> list[int]:
        hits: Counter[int] = Counter()
        wanted = np.array(keys, np.uint32)
        starts, ends = (np.searchsorted(self._keys, wanted, side) for side in ("left", "right"))
        for at, key in enumerate(keys):
            there = self._numbers[starts[at] : min(ends[at], starts[at] + CROWD)].tolist()
            hits.update(there)
            if key in self._fresh:
                hits.update(self._fresh[key][: CROWD - len(there)])
        return sorted(hits, key=lambda number: (-hits[number], number))

    def _sort_in(self) -> None:
        keys = np.array([key for key, numbers in self._fresh.items() for _ in numbers], np.uint32)
        numbers = np.array([number for numbers in self._fresh.values() for number in numbers], np.uint32)
        order = np.argsort(keys, kind="stable")
        at = np.searchsorted(self._keys, keys[order], "right")
        self._keys = np.insert(self._keys, at, keys[order])
        self._numbers = np.insert(self._numbers, at, numbers[order])
        self._fresh.clear()
        self._waiting = 0


def bands(pieces: Sequence[npt.NDArray[np.uint64]]) -> list[int]:
    """The bands of the sketches of some pieces, each a number of 32 bits, without doubles."""
    pieces = [piece for piece in pieces if len(piece)]
    if not pieces:
        return []
    ends = np.cumsum([0, *map(len, pieces)]).astype(np.uint64)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(np.concatenate(pieces), ends, PERMUTATIONS, SEED)
    rows = np.array(matrix.to_rows(), np.uint64).reshape(-1, PERMUTATIONS // ROWS, ROWS)
    mixed = (rows * _MIX).sum(axis=2, dtype=np.uint64) + np.arange(rows.shape[1], dtype=np.uint64) * _MIX[0]
    mixed ^= mixed >> np.uint64(31)
    mixed *= _MIX[3]
    return list(dict.fromkeys((mixed >> np.uint64(32)).ravel().tolist()))
