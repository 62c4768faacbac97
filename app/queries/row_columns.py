"""Rows of claims in, columns out: what `row_of` tells of each claim, found out once for each distinct value.

For tables of very many claims. A claim's names, days and outlet are those of many others, and only its id, quote and
offsets are its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.graph import ConflictGraph, ResolvedClaim, Rows

Value = Callable[[ResolvedClaim], object]


@dataclass(frozen=True, slots=True)
class Coded:
    """A column: line i holds `values[codes[i]]`, or `values[i]` where there are no codes."""

    values: Sequence[Any]
    codes: NDArray[np.intp] | None = None

    def __iter__(self) -> Iterator[Any]:
        return iter(self.values) if self.codes is None else map(self.values.__getitem__, self.codes.tolist())

    def each(self, make: Callable[[Any], Any]) -> Coded:
        """A column of what is made of each distinct value."""
        return Coded([make(value) for value in self.values], self.codes)


def columns_of(graph: ConflictGraph, rows: Rows, narrower: frozenset[str] = frozenset()) -> dict[str, Coded]:
    """The columns of `ClaimRow`, those of its evidence under `evidence.…`, in no order.

    Args:
        graph: The graph.
        rows: The claims, in the order of the lines.
        narrower: Ids of those whose `scope` is `narrower`.
    """
    table = graph.claims
    names: dict[str, str] = {}

    def name(node: str | None) -> str | None:
        if node is None:
            return None
        if node not in names:
            names[node] = graph.label(node)
        return names[node]

    def by(columns: Sequence[str], **values: Value) -> dict[str, Coded]:
        """Each value, which depends on these columns alone, asked of one claim for each of their combinations."""
        codes = np.zeros(len(rows), np.int64)
        for column in columns:
            held = table.columns[column].values[rows].astype(np.int64) + 1
            codes = codes * (int(held.max(initial=0)) + 1) + held
        _, first, lines = np.unique(codes, return_index=True, return_inverse=True)
        claims = [table.at(row) for row in rows[first].tolist()]
        return {field: Coded([value(claim) for claim in claims], lines) for field, value in values.items()}

    found: dict[str, Coded] = {}
    for field in ("speaker", "source", "target", "source_named", "target_named"):
        node: Value = lambda claim, field=field: getattr(claim, field)  # type: ignore[misc] # noqa: E731 -- one a field
        ids = by((field,), id=node)["id"]
        found |= {f"{field}_id": ids, field: ids.each(name)}
    incidents = by(("incident",), id=lambda claim: claim.incident)["id"]
    found |= {"incident": incidents, "incident_label": incidents.each(name)}
    found |= by(
        ("sort",),
        type=lambda claim: claim.type,
        modality=lambda claim: claim.modality,
        denial_kind=lambda claim: claim.denial_kind,
        threat_kind=lambda claim: claim.threat_kind,
        rung=lambda claim: claim.rung,
    )
    found |= by(
        ("told",),
        published=lambda claim: claim.published,
        publisher=lambda claim: claim.publisher,
        ingested=lambda claim: claim.ingested,
    )
    found |= by(("happened",), happened=lambda claim: claim.happened.iso)
    found |= by(("date",), date=lambda claim: claim.date)
    found |= by(("date", "told"), said=lambda claim: claim.date or claim.published, said_basis=_basis)
    found |= by(("lineage",), lineage=lambda claim: claim.lineage)
    found |= by(("cue",), cue=lambda claim: claim.cue)
    found |= by(("part",), **{"evidence.part": lambda claim: claim.part})
    articles = by(("article",), id=lambda claim: claim.article)["id"]
    headings = [graph.articles.heading(article) for article in articles.values]
    found |= {
        "evidence.article": articles,
        "title": Coded([title for title, _ in headings], articles.codes),
        "url": Coded([url for _, url in headings], articles.codes),
    }
    lines, ids_ = rows.tolist(), table.ids.names(rows)
    found |= {
        "id": Coded(ids_),
        "evidence.quote": Coded(_quotes(graph, rows)),
        "evidence.start": Coded(table.columns["start"].values[rows].tolist()),
        "evidence.end": Coded(table.columns["end"].values[rows].tolist()),
        "confidence": Coded(table.columns["confidence"].values[rows].tolist()),
        "responds_to": Coded([table.responding.get(row) for row in lines]),
        "relayed_by": Coded([tuple(map(name, table.relayed[row][1])) if row in table.relayed else () for row in lines]),
        "scope": Coded(["narrower" if one in narrower else None for one in ids_]),
    }
    return found


def _basis(claim: ResolvedClaim) -> str | None:
    if claim.date is not None:
        return "text"
    return "published" if claim.published is not None else None


def _quotes(graph: ConflictGraph, rows: Rows) -> list[str]:
    """Read in the order in which they are kept: quotes lie in blocks, each of which is unpacked as a whole."""
    found = [""] * len(rows)
    order = np.argsort(rows, kind="stable")
    quote = graph.claims.quote
    for line, row in zip(order.tolist(), rows[order].tolist(), strict=True):
        found[line] = quote(row)
    return found
