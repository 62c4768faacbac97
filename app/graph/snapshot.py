"""A fold in, columns on disk out, and back: the graph of half a million claims without reading half a million rows.

A snapshot is a folder of Parquet files and a manifest that says of which revision of which ledger it is, what each file
hashes to, and by which code it was made: whatever is not exactly so is no snapshot. It is never the only copy of
anything, so one that cannot be used is passed over, and the ledger is read instead.

`claims.parquet` is a table that other programs can read, too; what its columns mean is told in
docs/reference/data-model.md.
"""

from __future__ import annotations

import gc
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from itertools import pairwise
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec
import networkx as nx
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from app.graph.conflict import ConflictGraph, Edge, _ByDay
from app.graph.fold import Entries, Fold
from app.graph.identity import Clusters, Rank
from app.graph.model import IncidentNode, ResolvedAcknowledgement, ResolvedClaim
from app.graph.verdict import Verdict
from app.vocabulary.records import Acknowledgement, Actor, Article, Claim, Decision, Evidence, Incident, Place
from app.vocabulary.terms import (
    AcknowledgementKind,
    ClaimType,
    DenialKind,
    EdgeKind,
    Modality,
    NodeKind,
    ThreatKind,
)
from app.vocabulary.times import Period

FORMAT = 1
_T = TypeVar("_T")
_Columns = dict[str, list[Any]]


class _Manifest(msgspec.Struct, frozen=True):
    format: int
    code: str
    revision: int
    digest: str
    claims: int
    files: dict[str, str]


class _Rest(msgspec.Struct, frozen=True):
    """What is too little, or too mixed, for columns."""

    actors: list[Actor]
    graph_actors: list[Actor]
    places: list[Place]
    graph_places: list[Place]
    conflicts: list[Decision]
    doubts: list[Decision]
    merged: dict[str, str]
    missing: list[str]
    undone: list[str]
    retracted: list[str]
    corrected: list[tuple[str, str, Decision]]
    conflicted: list[str]
    doubted: list[Decision]
    by_people: list[list[str]]
    cluster_conflicts: list[Decision]
    lineage_conflicts: list[Decision]
    cluster_apart: list[tuple[str, str]]
    lineage_apart: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Snapshots:
    """The snapshots in one folder; it is made when the first is written."""

    folder: Path

    def write(self, fold: Fold, digest: str) -> Path:
        """Write down a fold, whole or not at all, and remove older ones; returns the snapshot's own folder.

        Args:
            fold: What to write down; it must not be fed meanwhile.
            digest: What the ledger's digest of the graph's revision is (`Ledger.digest`).

        Raises:
            OSError: It cannot be written.
        """
        revision = fold.graph.revision
        place = self.folder / f"{revision}-{digest[:16]}-{_code()[:8]}"
        if place.exists():
            return place
        part = self.folder / f".{place.name}.{os.getpid()}"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        try:
            for name, table in _tables(fold):
                pq.write_table(table, part / f"{name}.parquet", compression="zstd", compression_level=1)
            (part / "rest.json").write_bytes(msgspec.json.encode(_rest(fold)))
            hashes = {path.name: _hash(path) for path in sorted(part.iterdir())}
            manifest = _Manifest(FORMAT, _code(), revision, digest, len(fold.graph.claims), hashes)
            (part / "manifest.json").write_bytes(msgspec.json.encode(manifest))
            part.rename(place)
        except OSError:
            shutil.rmtree(part, ignore_errors=True)
            if not place.exists():
                raise
        for older in self._found():
            if older != place and _revision(older) <= revision:
                shutil.rmtree(older, ignore_errors=True)
        return place

    def read(
        self,
        digest: Callable[[int], str | None],
        *,
        reload: Callable[[int], Entries],
        appended_at: Callable[[int], str | None] | None = None,
        until: int | None = None,
    ) -> Fold | None:
        """The newest fold that is of this ledger and this code, and undamaged; None where there is none.

        Args:
            digest: The ledger's digests by revision.
            reload: All entries of the ledger up to a revision, for when everything has to be folded anew after all.
            appended_at: As `Fold` takes it.
            until: No newer revision than this one.
        """
        for place in sorted(self._found(), key=_revision, reverse=True):
            revision = _revision(place)
            if until is not None and revision > until:
                continue
            # Whatever is wrong with a snapshot, the ledger has it all, so nothing of it is worth more than a word.
            try:
                manifest = msgspec.json.decode((place / "manifest.json").read_bytes(), type=_Manifest)
                if (manifest.format, manifest.code, manifest.revision) != (FORMAT, _code(), revision):
                    continue
                if digest(revision) != manifest.digest:
                    continue
                if any(_hash(place / name) != known for name, known in manifest.files.items()):
                    continue
                with _no_collection():
                    return _restored(place, revision, reload, appended_at)
            except (OSError, ValueError, KeyError, IndexError, TypeError, msgspec.MsgspecError, pa.ArrowException):
                continue
        return None

    def claims(self) -> int:
        """How many claims the newest snapshot holds, whether it can be used or not; 0 where there is none."""
        newest = max(self._found(), key=_revision, default=None)
        if newest is None:
            return 0
        try:
            return msgspec.json.decode((newest / "manifest.json").read_bytes(), type=_Manifest).claims
        except (OSError, msgspec.MsgspecError):
            return 0

    def _found(self) -> list[Path]:
        try:
            return [path for path in self.folder.iterdir() if path.name.split("-")[0].isdecimal()]
        except OSError:
            return []


def _revision(place: Path) -> int:
    return int(place.name.split("-")[0])


def _code() -> str:
    """A hash of the code that decides what a fold is: another version's snapshot might hold another graph."""
    global _known_code
    if not _known_code:
        here = Path(__file__).parent
        files = [*here.glob("*.py"), *(here.parent / "vocabulary").glob("*.py")]
        digest = hashlib.sha256()
        for path in sorted(files):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        _known_code = digest.hexdigest()
    return _known_code


_known_code = ""


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _no_collection() -> Iterator[None]:
    """Millions of objects are made, none of them in cycles: looking at them again and again would take seconds."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


# ---- records as columns ----

_EVIDENCE = tuple(f"evidence_{field.name}" for field in fields(Evidence) if field.name != "article")
_CLAIM = tuple(field.name for field in fields(Claim) if field.name != "evidence")
_RESOLVED = tuple(field.name for field in fields(ResolvedClaim) if field.name not in ("claim", "when", "happened"))
_TERMS: dict[str, type[StrEnum]] = {
    "type": ClaimType,
    "modality": Modality,
    "denial_kind": DenialKind,
    "threat_kind": ThreatKind,
    "kind": AcknowledgementKind,
}
# Between the parts of a tuple of ids, of which no id holds one.
_AND = "\x1f"


def _strings(values: Iterable[str | None]) -> pa.Array:
    """A column of strings that come again and again."""
    return pa.array(values, pa.string()).dictionary_encode()


def _joined(values: Iterable[tuple[str, ...]]) -> pa.Array:
    return _strings(_AND.join(value) for value in values)


def _split(values: Sequence[str]) -> list[tuple[str, ...]]:
    known = {value: tuple(value.split(_AND)) if value else () for value in set(values)}
    return [known[value] for value in values]


def _days(periods: Iterable[Period]) -> tuple[pa.Array, pa.Array]:
    found = list(periods)
    return pa.array([one.start for one in found], pa.date32()), pa.array([one.end for one in found], pa.date32())


def _values(column: pa.ChunkedArray) -> list[Any]:
    """A column as Python values; equal strings of a dictionary are one object."""
    if pa.types.is_dictionary(column.type):
        combined = column.combine_chunks()
        chunk = combined if isinstance(combined, pa.DictionaryArray) else combined.chunk(0)
        words = [*chunk.dictionary.to_numpy(zero_copy_only=False).tolist(), None]
        return [words[number] for number in chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False).tolist()]
    if pa.types.is_date(column.type):
        numbers = column.cast(pa.int32())
        days = dict(zip(numbers.unique().to_pylist(), column.unique().to_pylist(), strict=True))
        return [days[number] for number in numbers.to_pylist()]
    if column.null_count == 0 or pa.types.is_string(column.type):
        found: list[Any] = column.to_numpy().tolist()
    else:
        found = column.to_pylist()
    return found


def _column(name: str, values: list[Any]) -> pa.Array:
    kind = type(next((value for value in values if value is not None), None))
    if issubclass(kind, StrEnum):
        return _strings(values)
    if kind is str:
        # An id that every row has another of gains nothing by a dictionary.
        return pa.array(values, pa.string()) if name in _UNIQUE else _strings(values)
    if kind is tuple:
        return _joined(values)
    if kind is type(None):
        return _strings(values)
    return pa.array(values)


_UNIQUE = frozenset(("id", "evidence_quote", "label"))


def _taken(records: Sequence[object], names: Sequence[str], prefix: str = "") -> dict[str, pa.Array]:
    """The fields of records, a column for each."""
    found = {}
    for name in names:
        get = attrgetter(prefix + name.replace("evidence_", "evidence.", 1))
        found[name] = _column(name, list(map(get, records)))
    return found


_TUPLES = frozenset(("alleged_perpetrators", "relayed_by", "types", "reported_in", "members"))


def _given(
    table: pa.Table, names: Sequence[str], prefix: str = "", terms: Mapping[str, type[StrEnum]] = MappingProxyType({})
) -> list[list[Any]]:
    """The columns of fields as the records hold them; `terms` tells which hold words of the code book."""
    found = []
    for name in names:
        values = _values(table[prefix + name])
        if name in terms:
            words: dict[str | None, StrEnum | None] = {None: None, **{str(term): term for term in terms[name]}}
            values = [words[value] for value in values]
        elif name in _TUPLES:
            values = _split(values)
        found.append(values)
    return found


def _evidence(table: pa.Table, articles: list[str]) -> list[Evidence]:
    return list(map(Evidence, articles, *(_values(table[name]) for name in _EVIDENCE)))


# ---- out ----


def _tables(fold: Fold) -> Iterator[tuple[str, pa.Table]]:
    graph = fold.graph
    articles = [fold._articles[name] for name in fold._article_at]
    yield (
        "articles",
        pa.table(
            {
                **_taken(articles, ("id", "title", "published", "publisher", "url", "external_id")),
                "reader": _strings(graph.readers.get(article.id) for article in articles),
                "read": pa.array(
                    [article.id in fold._readings or article.id in fold._read_before for article in articles]
                ),
                "ingested": _strings(fold._ingested[article.id] for article in articles),
            }
        ),
    )
    claims = list(graph.claims.values())
    said, happened = _days(one.when for one in claims), _days(one.happened for one in claims)
    yield (
        "claims",
        pa.table(
            {
                **_taken(claims, (*_CLAIM, *_EVIDENCE), "claim."),
                **{f"node_{name}": column for name, column in _taken(claims, _RESOLVED).items()},
                **dict(zip(("said_from", "said_until"), said, strict=True)),
                **dict(zip(("happened_from", "happened_until"), happened, strict=True)),
            }
        ),
    )
    taken = list(graph.acknowledgements.values())
    yield (
        "acknowledgements",
        pa.table(
            {
                **_taken(taken, (*_ACKNOWLEDGEMENT, *_EVIDENCE), "acknowledgement."),
                **{f"node_{name}": column for name, column in _taken(taken, _RESOLVED_ACKNOWLEDGEMENT).items()},
                **dict(zip(("said_from", "said_until"), _days(one.when for one in taken), strict=True)),
            }
        ),
    )
    told = [(root, incident) for root, tellings in fold._tellings.items() for incident in tellings]
    tellings = [incident for _, incident in told]
    columns = _taken(tellings, (*_INCIDENT, *_EVIDENCE))
    yield "tellings", pa.table({"node": _strings(root for root, _ in told), **columns})
    yield "incidents", pa.table(_taken(list(graph.incidents.values()), _INCIDENT_NODE))
    yield from _network(graph)
    yield from _indexes(graph)
    for name, clusters in (("clusters", fold._verdict.clusters), ("lineages", fold._verdict.lineages)):
        members = [(root, member) for root, found in clusters._members.items() for member in found if member != root]
        roots, names = zip(*members, strict=True) if members else ((), ())
        yield name, pa.table({"root": _strings(roots), "member": pa.array(names, pa.string())})
        places, in_text, offsets, ids = zip(*clusters.rank.values(), strict=True) if clusters.rank else ((),) * 4
        yield (
            f"{name}_rank",
            pa.table(
                {
                    "id": pa.array(ids, pa.string()),
                    "article": pa.array(places, pa.int64()),
                    "in_text": pa.array(in_text, pa.bool_()),
                    "start": pa.array(offsets, pa.int64()),
                }
            ),
        )
    yield "judged", pa.table({"id": pa.array(sorted(fold._judged), pa.string())})


_ACKNOWLEDGEMENT = tuple(field.name for field in fields(Acknowledgement) if field.name != "evidence")
_RESOLVED_ACKNOWLEDGEMENT = tuple(
    field.name for field in fields(ResolvedAcknowledgement) if field.name not in ("acknowledgement", "when")
)
_INCIDENT = tuple(field.name for field in fields(Incident) if field.name != "evidence")
_INCIDENT_NODE = tuple(field.name for field in fields(IncidentNode))


def _network(graph: ConflictGraph) -> Iterator[tuple[str, pa.Table]]:
    network = graph._graph
    nodes = list(network.nodes(data="kind"))
    yield "nodes", pa.table({"id": _strings(node for node, _ in nodes), "kind": _strings(kind for _, kind in nodes)})
    edges: list[Edge] = [data["edge"] for _, _, data in network.edges(data=True)]
    row = {name: number for number, name in enumerate(graph.claims)}
    offsets = np.cumsum([0, *(len(edge.claims) for edge in edges)], dtype=np.int32)
    behind = pa.array([row[name] for edge in edges for name in edge.claims], pa.int32())
    names = ("id", "kind", "source", "target", "modality", "incident")
    yield "edges", pa.table({**_taken(edges, names), "claims": pa.ListArray.from_arrays(pa.array(offsets), behind)})
    into = [(target, source) for target in network for source in network.pred[target]]
    targets, sources = zip(*into, strict=True) if into else ((), ())
    yield "into", pa.table({"target": _strings(targets), "source": _strings(sources)})


def _indexes(graph: ConflictGraph) -> Iterator[tuple[str, pa.Table]]:
    row = {name: number for number, name in enumerate(graph.claims)}
    by_day = (("said", graph._said), ("faced", graph._faced), ("dyads", graph._dyads))
    for name, index in by_day:
        found = [[row[claim] for _, claim in pairs.pairs()] for pairs in index.values()]
        yield name, _index(list(index), found)
    yield (
        "edgeless",
        _index(list(graph._edgeless), [[row[claim] for claim in found] for found in graph._edgeless.values()]),
    )


def _index(keys: list[tuple[str | None, ...]], found: list[list[int]]) -> pa.Table:
    offsets = np.cumsum([0, *map(len, found)], dtype=np.int32)
    rows = pa.array([number for one in found for number in one], pa.int32())
    parts = {f"key_{at}": _strings(key[at] for key in keys) for at in range(len(keys[0]) if keys else 0)}
    return pa.table({**parts, "claims": pa.ListArray.from_arrays(pa.array(offsets), rows)})


def _rest(fold: Fold) -> _Rest:
    graph, verdict = fold.graph, fold._verdict
    return _Rest(
        actors=list(fold._actors.values()),
        graph_actors=list(graph.actors.values()),
        places=list(fold._places.values()),
        graph_places=list(graph.places.values()),
        conflicts=graph.conflicts,
        doubts=graph.doubts,
        merged=graph.merged,
        missing=sorted(fold._missing),
        undone=sorted(verdict.undone),
        retracted=sorted(verdict.retracted),
        corrected=[(claim, field, one) for claim, found in verdict.corrected.items() for field, one in found.items()],
        conflicted=sorted(verdict.conflicted),
        doubted=verdict.doubted,
        by_people=sorted(sorted(pair) for pair in verdict.by_people),
        cluster_conflicts=verdict.clusters.conflicts,
        lineage_conflicts=verdict.lineages.conflicts,
        cluster_apart=[(one, other) for one, found in verdict.clusters._apart.items() for other in sorted(found)],
        lineage_apart=[(one, other) for one, found in verdict.lineages._apart.items() for other in sorted(found)],
    )


# ---- in ----


def _restored(
    place: Path,
    revision: int,
    reload: Callable[[int], Entries],
    appended_at: Callable[[int], str | None] | None,
) -> Fold:
    def table(name: str) -> pa.Table:
        return pq.read_table(place / f"{name}.parquet")

    rest = msgspec.json.decode((place / "rest.json").read_bytes(), type=_Rest)
    fold = Fold(appended_at)
    graph = fold.graph
    graph.revision = revision
    articles = table("articles")
    read = _values(articles["read"])
    ids, titles, published, publishers, urls, external = (
        _values(articles[name]) for name in ("id", "title", "published", "publisher", "url", "external_id")
    )
    texts = [""] * len(ids)
    known = map(Article, titles, texts, published, publishers, urls, external, ids)
    fold._articles = {article.id: article for article in known}
    fold._article_at = ids
    fold._place = {name: number for number, name in enumerate(ids)}
    fold._ingested = dict(zip(ids, _values(articles["ingested"]), strict=True))
    fold._read_before = {name for name, is_read in zip(ids, read, strict=True) if is_read}
    fold._reload = reload
    for name, reader in zip(ids, _values(articles["reader"]), strict=True):
        if reader is not None:
            graph.add_article(fold._articles[name], reader)

    fold._actors = {actor.id: actor for actor in rest.actors}
    fold._places = {place.id: place for place in rest.places}
    fold._missing = set(rest.missing)
    fold._judged = set(_values(table("judged")["id"]))
    fold._verdict = _verdict(rest, table)
    graph.conflicts, graph.doubts, graph.merged = rest.conflicts, rest.doubts, rest.merged

    for actor in rest.graph_actors:
        graph.add_actor(actor)
    for one in rest.graph_places:
        graph.add_place(one)
    graph.incidents = {node.id: node for node in map(IncidentNode, *_given(table("incidents"), _INCIDENT_NODE))}
    tellings = table("tellings")
    told = dict(zip(_INCIDENT, _given(tellings, _INCIDENT), strict=True))
    told["evidence"] = _evidence(tellings, told["article"])
    order = [told[field.name] for field in fields(Incident)]
    for root, incident in zip(_values(tellings["node"]), map(Incident, *order), strict=True):
        fold._tellings.setdefault(root, []).append(incident)

    _restore_claims(graph, table("claims"))
    _restore_acknowledgements(graph, table("acknowledgements"))
    _restore_network(graph, table("nodes"), table("edges"), table("into"))
    entries = [(one.when.start or date.min, name) for name, one in graph.claims.items()]
    _restore_by_day(graph._said, table("said"), entries)
    _restore_by_day(graph._faced, table("faced"), entries)
    _restore_by_day(graph._dyads, table("dyads"), entries)
    names = list(graph.claims)
    for (node, kind), rows in _keyed(table("edgeless")):
        graph._edgeless[node, ClaimType(kind)] = [names[row] for row in rows]
    return fold


def _verdict(rest: _Rest, table: Callable[[str], pa.Table]) -> Verdict:
    verdict = Verdict(
        undone=set(rest.undone),
        retracted=set(rest.retracted),
        clusters=_clusters(table("clusters"), table("clusters_rank"), rest.cluster_apart, rest.cluster_conflicts),
        lineages=_clusters(table("lineages"), table("lineages_rank"), rest.lineage_apart, rest.lineage_conflicts),
        conflicted=set(rest.conflicted),
        doubted=rest.doubted,
        by_people={frozenset(pair) for pair in rest.by_people},
    )
    for claim, field, decision in rest.corrected:
        verdict.corrected.setdefault(claim, {})[field] = decision
    return verdict


def _clusters(members: pa.Table, ranks: pa.Table, apart: list[tuple[str, str]], conflicts: list[Decision]) -> Clusters:
    clusters = Clusters(conflicts=conflicts)
    parent, found = clusters._parent, clusters._members
    for root, member in zip(_values(members["root"]), _values(members["member"]), strict=True):
        parent[member] = root
        if root in found:
            found[root].add(member)
        else:
            found[root] = {root, member}
    columns = [_values(ranks[name]) for name in ("article", "in_text", "start", "id")]
    rank: Iterable[Rank] = zip(*columns, strict=True)
    clusters.rank = {place[3]: place for place in rank}
    for one, other in apart:
        clusters._apart.setdefault(one, set()).add(other)
    return clusters


def _restore_claims(graph: ConflictGraph, table: pa.Table) -> None:
    told = dict(zip(_CLAIM, _given(table, _CLAIM, terms=_TERMS), strict=True))
    told["evidence"] = _evidence(table, told["article"])
    claims = map(Claim, *(told[field.name] for field in fields(Claim)))
    nodes = dict(zip(_RESOLVED, _given(table, _RESOLVED, "node_"), strict=True))
    nodes["claim"], nodes["when"] = list(claims), _periods(table, "said")
    nodes["happened"] = _periods(table, "happened")
    for claim in map(ResolvedClaim, *(nodes[field.name] for field in fields(ResolvedClaim))):
        graph._remember(claim)


def _restore_acknowledgements(graph: ConflictGraph, table: pa.Table) -> None:
    told = dict(zip(_ACKNOWLEDGEMENT, _given(table, _ACKNOWLEDGEMENT, terms=_TERMS), strict=True))
    told["evidence"] = _evidence(table, told["article"])
    found = map(Acknowledgement, *(told[field.name] for field in fields(Acknowledgement)))
    columns = _given(table, _RESOLVED_ACKNOWLEDGEMENT, "node_")
    nodes = dict(zip(_RESOLVED_ACKNOWLEDGEMENT, columns, strict=True))
    nodes["acknowledgement"], nodes["when"] = list(found), _periods(table, "said")
    for one in map(ResolvedAcknowledgement, *(nodes[field.name] for field in fields(ResolvedAcknowledgement))):
        graph.add_acknowledgement(one)


def _periods(table: pa.Table, name: str) -> list[Period]:
    pairs = list(zip(_values(table[f"{name}_from"]), _values(table[f"{name}_until"]), strict=True))
    known = {pair: Period(*pair) for pair in set(pairs)}
    return [known[pair] for pair in pairs]


def _restore_network(graph: ConflictGraph, nodes: pa.Table, edges: pa.Table, into: pa.Table) -> None:
    """Put nodes and edges where networkx keeps them: `_node`, `_adj` and `_pred`, dicts of dicts, in their old order.

    `add_edge` would take several times as long, and could not give both directions the order they had.
    """
    network: nx.MultiDiGraph = graph._graph
    kinds = {str(kind): kind for kind in NodeKind}
    for node, kind in zip(_values(nodes["id"]), _values(nodes["kind"]), strict=True):
        network.add_node(node, kind=kinds[kind])
    forth, back = network._adj, network._pred
    names = list(graph.claims)
    words: dict[str, EdgeKind] = {str(kind): kind for kind in EdgeKind}
    modalities: dict[str | None, Modality | None] = {None: None, **{str(one): one for one in Modality}}
    columns = [_values(edges[name]) for name in ("id", "kind", "source", "target", "modality", "incident")]
    for name, kind, source, target, modality, incident, rows in zip(*columns, _lists(edges["claims"]), strict=True):
        behind = tuple([names[row] for row in rows])
        edge = Edge(name, words[kind], source, target, modalities[modality], incident, behind)
        forth[source].setdefault(target, {})[name] = {"edge": edge}
    for target, source in zip(_values(into["target"]), _values(into["source"]), strict=True):
        back[target][source] = forth[source][target]


def _lists(column: pa.ChunkedArray) -> Iterator[list[int]]:
    for chunk in column.chunks:
        numbers = chunk.values.to_numpy().tolist()
        ends = chunk.offsets.to_numpy().tolist()
        for start, end in pairwise(ends):
            yield numbers[start:end]


def _keyed(table: pa.Table) -> Iterator[tuple[tuple[Any, ...], list[int]]]:
    keys = [_values(table[name]) for name in table.column_names if name != "claims"]
    return zip(zip(*keys, strict=True), _lists(table["claims"]), strict=True) if keys else iter(())


def _restore_by_day(index: dict[Any, _ByDay], table: pa.Table, entries: list[tuple[date, str]]) -> None:
    kinds = {str(kind): kind for kind in ClaimType}
    for key, rows in _keyed(table):
        index[*key[:-1], kinds[key[-1]]] = _ByDay.of([entries[row] for row in rows])
