"""Two clusterings of the same things in, how far they agree out: B³, MUC, CEAFe and their mean, as in coreference.

B³ (Bagga and Baldwin 1998) asks of each thing how many of its companions are right and how many are found; MUC (Vilain
et al. 1995) counts links; CEAFe (Luo 2005) pairs off clusters. Their mean is the CoNLL score. None sees the names of
clusters, only what lies together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping

import msgspec

Clustering = Mapping[str, Hashable]
"""Things with the cluster each lies in."""


class Agreement(msgspec.Struct, frozen=True):
    """How far a clustering agrees with the right one.

    Attributes:
        precision: Of what it puts together, how much belongs together.
        recall: Of what belongs together, how much it puts together.
    """

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of both; 0 where both are."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def b_cubed(right: Clustering, found: Clustering) -> Agreement:
    """B³ over things: those that only `right` has lower the recall, those that only `found` has the precision."""
    shared = Counter((right[thing], found[thing]) for thing in right.keys() & found.keys())
    sizes, found_sizes = Counter(right.values()), Counter(found.values())
    precision = sum(n * n / found_sizes[theirs] for (_, theirs), n in shared.items())
    recall = sum(n * n / sizes[ours] for (ours, _), n in shared.items())
    return Agreement(precision / len(found) if found else 0.0, recall / len(right) if right else 0.0)


def muc(right: Clustering, found: Clustering) -> Agreement:
    """MUC: of the links that hold clusters together, how many the other has. Clusters of one have none."""
    return Agreement(_links(found, right), _links(right, found))


def ceaf_e(right: Clustering, found: Clustering) -> Agreement:
    """CEAFe: clusters are paired off so that they are as like as can be; each pair counts 2·shared / (sizes)."""
    sizes, found_sizes = Counter(right.values()), Counter(found.values())
    shared = Counter((right[thing], found[thing]) for thing in right.keys() & found.keys())
    rows, columns = list(sizes), list(found_sizes)
    likeness = [[2 * shared[a, b] / (sizes[a] + found_sizes[b]) for b in columns] for a in rows]
    total = _best_pairing(likeness)
    return Agreement(total / len(columns) if columns else 0.0, total / len(rows) if rows else 0.0)


def conll(right: Clustering, found: Clustering) -> float:
    """The mean F1 of MUC, B³ and CEAFe."""
    return sum(measure(right, found).f1 for measure in (muc, b_cubed, ceaf_e)) / 3


def _links(ours: Clustering, theirs: Clustering) -> float:
    """The share of our links that they have too: a cluster of n has n − 1, and lacks one for each further piece."""
    sizes = Counter(ours.values())
    # What they lack altogether is a piece of its own.
    pieces = Counter(ours[thing] for thing in ours if thing not in theirs)
    pieces.update(cluster for cluster, _ in {(ours[t], theirs[t]) for t in ours.keys() & theirs.keys()})
    links = sum(size - 1 for size in sizes.values())
    return sum(size - pieces[cluster] for cluster, size in sizes.items()) / links if links else 0.0


def _best_pairing(gain: list[list[float]]) -> float:
    """The greatest sum of gains where each row has at most one column and each column at most one row.

    The Hungarian method with potentials (Kuhn 1955; shortest augmenting paths), one row after the other.
    """
    if not gain or not gain[0]:
        return 0.0
    if len(gain) > len(gain[0]):
        gain = [list(column) for column in zip(*gain, strict=True)]
    height, width = len(gain), len(gain[0])
    row_price, column_price = [0.0] * (height + 1), [0.0] * (width + 1)
    taken, way = [0] * (width + 1), [0] * (width + 1)
    for row in range(1, height + 1):
        taken[0], column = row, 0
        least, seen = [float("inf")] * (width + 1), [False] * (width + 1)
        while taken[column]:
            seen[column] = True
            here, step, following = taken[column], float("inf"), 0
            for other in range(1, width + 1):
                if seen[other]:
                    continue
                cost = -gain[here - 1][other - 1] - row_price[here] - column_price[other]
                if cost < least[other]:
                    least[other], way[other] = cost, column
                if least[other] < step:
                    step, following = least[other], other
            for other in range(width + 1):
                if seen[other]:
                    row_price[taken[other]] += step
                    column_price[other] -= step
                else:
                    least[other] -= step
            column = following
        while column:
            taken[column] = taken[way[column]]
            column = way[column]
    return sum(gain[row - 1][column - 1] for column, row in enumerate(taken) if column and row)
