"""SQLite and DuckDB with an index for every question; SQLite's cover what is asked, so that no row is looked up."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any

from tests.benchmarks.peers.base import DAYS, MOST_EDGES, MOST_HOPS, TOP, Answer, Between, Loaded, Pair
from tests.benchmarks.peers.work import ACCUSES, DENIES, RETALIATES, Added, ClaimLine, Work

SCHEMA = """
CREATE TABLE rolled (source INTEGER, target INTEGER, kind INTEGER, day INTEGER, id TEXT);
CREATE TABLE faced (target INTEGER, kind INTEGER, source INTEGER, lineage TEXT, id TEXT);
CREATE TABLE direct (source INTEGER, target INTEGER, kind INTEGER, id TEXT);
CREATE TABLE edges (id TEXT, kind INTEGER, source INTEGER, target INTEGER, claims INTEGER, articles INTEGER);
CREATE TABLE links (one INTEGER, other INTEGER);
CREATE TABLE answers (id TEXT, answered TEXT);
"""
INDEXES = """
CREATE INDEX rolled_ ON rolled (source, target, kind, day, id);
CREATE INDEX faced_ ON faced (target, kind, source, lineage);
CREATE INDEX direct_out ON direct (source, kind, target);
CREATE INDEX direct_in ON direct (target, kind, source);
CREATE UNIQUE INDEX edges_id ON edges (id);
CREATE INDEX edges_out ON edges (source, claims DESC, articles DESC, id, target);
CREATE INDEX edges_in ON edges (target, claims DESC, articles DESC, id, source);
CREATE INDEX links_ ON links (one, other);
CREATE INDEX answers_up ON answers (id, answered);
CREATE INDEX answers_down ON answers (answered, id);
"""
BETWEEN = "SELECT id FROM rolled WHERE source = ? AND target = ? AND kind = ? AND day BETWEEN ? AND ? ORDER BY day, id"
ACCUSERS = f"""SELECT source, count(DISTINCT lineage) AS texts, count(*) AS claims FROM faced
WHERE target = ? AND kind = {ACCUSES} GROUP BY source"""
NEAR = """SELECT id, source, target, claims, articles FROM (
  SELECT * FROM (SELECT id, source, target, claims, articles FROM edges WHERE source = ?1
    ORDER BY claims DESC, articles DESC, id LIMIT ?2)
  UNION ALL
  SELECT * FROM (SELECT id, source, target, claims, articles FROM edges WHERE target = ?1 AND source <> ?1
    ORDER BY claims DESC, articles DESC, id LIMIT ?2))
ORDER BY claims DESC, articles DESC, id LIMIT ?2"""
RECIPROCAL = f"""WITH forth AS (SELECT target AS other, count(*) AS n FROM direct
  WHERE source = ?1 AND kind = {ACCUSES} GROUP BY target)
SELECT other, n, (SELECT count(*) FROM direct WHERE source = other AND kind = {ACCUSES} AND target = ?1) AS back
FROM forth WHERE back > 0"""
CHAINS = f"""SELECT id, denial, (SELECT min(printf('%08d', z.day) || z.id) FROM rolled z
  WHERE z.source = ?1 AND z.target = ?2 AND z.kind = {RETALIATES}
  AND z.day BETWEEN CAST(substr(denial, 1, 8) AS INTEGER) AND o.day + {DAYS}) AS deed
FROM (SELECT x.id, x.day, (SELECT min(printf('%08d', y.day) || y.id) FROM rolled y
  WHERE y.source = ?2 AND y.target = ?1 AND y.kind = {DENIES} AND y.day BETWEEN x.day AND x.day + {DAYS}) AS denial
  FROM rolled x WHERE x.source = ?1 AND x.target = ?2 AND x.kind = {ACCUSES}) AS o
WHERE denial IS NOT NULL AND deed IS NOT NULL ORDER BY day, id"""
THREAD = """WITH RECURSIVE thread (id) AS (SELECT ?1 UNION
  SELECT near.id FROM thread JOIN (
    SELECT id AS here, answered AS id FROM answers UNION ALL SELECT answered, id FROM answers) near
  ON near.here = thread.id) SELECT id FROM thread ORDER BY id"""
# The planner looks both ways through the indexes when the two ways stand apart.
THREAD_BOTH = """WITH RECURSIVE thread (id) AS (SELECT ?1
  UNION SELECT answers.answered FROM thread JOIN answers ON answers.id = thread.id
  UNION SELECT answers.id FROM thread JOIN answers ON answers.answered = thread.id) SELECT id FROM thread ORDER BY id"""
# Both ends grow by two hops at most: what they have in common is on a path.
PATH = f"""WITH RECURSIVE
ahead (node, hops) AS (SELECT ?1, 0 UNION SELECT links.other, hops + 1 FROM ahead JOIN links ON links.one = node
  WHERE hops < {MOST_HOPS // 2}),
back (node, hops) AS (SELECT ?2, 0 UNION SELECT links.other, hops + 1 FROM back JOIN links ON links.one = node
  WHERE hops < {MOST_HOPS - MOST_HOPS // 2})
SELECT min(ahead.hops + back.hops) FROM ahead JOIN back ON back.node = ahead.node"""


class Lines:
    """Rows for the tables."""

    def __init__(self, work: Work) -> None:
        self.number = dict(work.number)

    def of(self, node: str) -> int:
        """The number of a node, which may be new."""
        return self.number.setdefault(node, len(self.number))

    def rolled(self, lines: Iterable[ClaimLine]) -> Iterator[tuple[object, ...]]:
        """One row for each dyad a claim counts for."""
        for line in lines:
            for source in line.sources:
                for target in line.targets:
                    yield self.of(source), self.of(target), line.kind, line.day, line.id

    def faced(self, lines: Iterable[ClaimLine]) -> Iterator[tuple[object, ...]]:
        """One row for each actor a claim counts as said against."""
        for line in lines:
            for target in line.targets:
                yield self.of(target), line.kind, self.of(line.source), line.lineage, line.id

    def direct(self, lines: Iterable[ClaimLine]) -> Iterator[tuple[object, ...]]:
        """One row for each claim with a target."""
        for line in lines:
            if line.target is not None:
                yield self.of(line.source), self.of(line.target), line.kind, line.id


class Sqlite(Loaded):
    """A database in memory."""

    name = "SQLite"

    def load(self, work: Work) -> None:
        """Tables, then indexes, then statistics for the planner."""
        self.lines = Lines(work)
        self.nodes = list(work.nodes)
        self.db = sqlite3.connect(":memory:", isolation_level=None, cached_statements=256)
        self.db.executescript(SCHEMA)
        of = self.lines.of
        for table, rows in _tables(work, self.lines):
            marks = ", ".join("?" * len(rows[0])) if rows else ""
            self.db.execute("BEGIN")
            if rows:
                self.db.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
            self.db.execute("COMMIT")
        self.db.executescript(INDEXES)
        self.db.execute("ANALYZE")
        assert all(of(node) == number for number, node in enumerate(self.nodes[:10]))

    def add(self, added: Added) -> None:
        """One transaction."""
        lines, db = self.lines, self.db
        db.execute("BEGIN")
        db.executemany("INSERT INTO rolled VALUES (?, ?, ?, ?, ?)", lines.rolled(added.claims))
        db.executemany("INSERT INTO faced VALUES (?, ?, ?, ?, ?)", lines.faced(added.claims))
        db.executemany("INSERT INTO direct VALUES (?, ?, ?, ?)", lines.direct(added.claims))
        db.executemany(
            "INSERT INTO edges VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET claims = excluded.claims, "
            "articles = excluded.articles",
            [(one.id, one.kind, lines.of(one.source), lines.of(one.target), one.claims, one.articles)
             for one in added.edges],
        )  # fmt: skip
        db.executemany(
            "INSERT INTO answers VALUES (?, ?)",
            [(one.id, one.answers) for one in added.claims if one.answers is not None],
        )
        db.execute("COMMIT")
        self.nodes += list(lines.number)[len(self.nodes) :]

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
        """One range of one index."""
        by, to = self.lines.of(asked.source), self.lines.of(asked.target)
        return [one for (one,) in self.db.execute(BETWEEN, (by, to, ACCUSES, asked.since, asked.until))]

    def accusers(self, actor: str) -> Answer:
        """One range of one index, grouped; names decide among equals, and these are numbers in their order."""
        rows = self.db.execute(ACCUSERS, (self.lines.of(actor),)).fetchall()
        return _top(rows, self.nodes)

    def around(self, actor: str) -> Answer:
        """The best of the first hop; where there is room, the best of each node next to it, merged."""
        near = self.db.execute(NEAR, (self.lines.of(actor), MOST_EDGES)).fetchall()
        kept = {row[0] for row in near}
        room = MOST_EDGES - len(kept)
        if room:
            found: dict[str, tuple[int, int, str]] = {}
            for end in {end for row in near for end in row[1:3]} - {self.lines.of(actor)}:
                for name, _, _, claims, articles in self.db.execute(NEAR, (end, MOST_EDGES)):
                    if name not in kept:
                        found[name] = (-claims, -articles, name)
            kept.update(name for _, _, name in sorted(found.values())[:room])
        return sorted(kept)

    def path(self, asked: Pair) -> Answer:
        """Two recursive walks that meet."""
        given = (self.lines.of(asked.source), self.lines.of(asked.target))
        hops = self.db.execute(PATH, given).fetchone()[0]
        return [hops] if hops is not None else []

    def reciprocal(self, actor: str) -> Answer:
        """Groups of one index, each looked up in the other."""
        rows = self.db.execute(RECIPROCAL, (self.lines.of(actor),))
        return sorted((self.nodes[other], n, back) for other, n, back in rows)

    def chains(self, asked: Between) -> Answer:
        """Each accusation with the first of what follows it."""
        rows = self.db.execute(CHAINS, (self.lines.of(asked.source), self.lines.of(asked.target)))
        return [(claim, denial[8:], deed[8:]) for claim, denial, deed in rows]

    def thread(self, claim: str) -> Answer:
        """A recursive walk."""
        return [one for (one,) in self.db.execute(THREAD_BOTH, (claim,))]

    def close(self) -> None:
        """The database is gone."""
        self.db.close()


def _tables(work: Work, lines: Lines) -> Iterator[tuple[str, list[tuple[object, ...]]]]:
    of = lines.of
    yield "rolled", list(lines.rolled(work.claims))
    yield "faced", list(lines.faced(work.claims))
    yield "direct", list(lines.direct(work.claims))
    yield "edges", [(e.id, e.kind, of(e.source), of(e.target), e.claims, e.articles) for e in work.edges]
    yield "links", [pair for a, b in work.links for pair in ((of(a), of(b)), (of(b), of(a)))]
    yield "answers", [(line.id, line.answers) for line in work.claims if line.answers is not None]


def _top(rows: Iterable[tuple[int, int, int]], nodes: list[str]) -> Answer:
    ranked = sorted((-texts, -claims, nodes[source]) for source, texts, claims in rows)
    return [(source, -texts, -claims) for texts, claims, source in ranked[:TOP]]


class Duck(Loaded):
    """DuckDB in memory, its tables sorted by what is asked for and indexed; it is made for scans."""

    name = "DuckDB"

    def load(self, work: Work) -> None:
        """By Arrow, sorted."""
        duckdb, pa = import_module("duckdb"), import_module("pyarrow")
        self.lines, self.nodes = Lines(work), list(work.nodes)
        self.db = duckdb.connect(":memory:")
        self.db.execute("SET threads = 2")
        self.db.execute(SCHEMA)
        order = {
            "rolled": "source, target, kind, day, id",
            "faced": "target, kind, source",
            "direct": "source, kind, target",
            "edges": "source, target",
            "links": "one, other",
            "answers": "id",
        }
        for table, rows in _tables(work, self.lines):
            if rows:
                columns = list(zip(*rows, strict=True))
                given = pa.table([pa.array(column) for column in columns], names=[f"c{n}" for n in range(len(columns))])
                self.db.register("given", given)
                self.db.execute(f"INSERT INTO {table} SELECT * FROM given")
                self.db.unregister("given")
                self.db.execute(f"CREATE TABLE sorted AS SELECT * FROM {table} ORDER BY {order[table]}")
                self.db.execute(f"DROP TABLE {table}")
                self.db.execute(f"ALTER TABLE sorted RENAME TO {table}")
        for index in INDEXES.split(";"):
            if index.strip():
                self.db.execute(index.replace(" DESC", ""))

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

    def _rows(self, query: str, *given: object) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self.db.execute(query, given).fetchall()
        return found

    def between(self, asked: Between) -> Answer:
        """A filter over sorted rows."""
        by, to = self.lines.of(asked.source), self.lines.of(asked.target)
        return [one for (one,) in self._rows(BETWEEN, by, to, ACCUSES, asked.since, asked.until)]

    def accusers(self, actor: str) -> Answer:
        """A filter and a group."""
        return _top(self._rows(ACCUSERS, self.lines.of(actor)), self.nodes)

    def around(self, actor: str) -> Answer:
        """Both hops in one query."""
        query = f"""WITH near AS (SELECT * FROM edges WHERE source = ?1 OR target = ?1),
        ends AS (SELECT source AS node FROM near UNION SELECT target FROM near),
        far AS (SELECT * FROM edges WHERE (SELECT count(*) FROM near) < {MOST_EDGES} AND source <> ?1 AND target <> ?1
          AND (source IN (SELECT node FROM ends) OR target IN (SELECT node FROM ends)))
        SELECT id FROM (SELECT 1 AS hop, * FROM near UNION ALL SELECT 2, * FROM far)
        ORDER BY hop, claims DESC, articles DESC, id LIMIT {MOST_EDGES}"""
        return sorted(one for (one,) in self._rows(query, self.lines.of(actor)))

    def path(self, asked: Pair) -> Answer:
        """As SQLite."""
        hops = self._rows(PATH, self.lines.of(asked.source), self.lines.of(asked.target))[0][0]
        return [hops] if hops is not None else []

    def reciprocal(self, actor: str) -> Answer:
        """Two groups, joined."""
        query = f"""WITH f AS (SELECT target AS other, count(*) AS n FROM direct
          WHERE source = ?1 AND kind = {ACCUSES} GROUP BY target),
        b AS (SELECT source AS other, count(*) AS n FROM direct
          WHERE target = ?1 AND kind = {ACCUSES} GROUP BY source)
        SELECT f.other, f.n, b.n FROM f JOIN b ON b.other = f.other"""
        return sorted((self.nodes[other], n, back) for other, n, back in self._rows(query, self.lines.of(actor)))

    def chains(self, asked: Between) -> Answer:
        """Joins, and the first of each group."""
        query = f"""WITH pair AS (SELECT * FROM rolled
          WHERE (source = ?1 AND target = ?2) OR (source = ?2 AND target = ?1)),
        x AS (SELECT * FROM pair WHERE source = ?1 AND target = ?2 AND kind = {ACCUSES}),
        y AS (SELECT * FROM pair WHERE source = ?2 AND target = ?1 AND kind = {DENIES}),
        z AS (SELECT * FROM pair WHERE source = ?1 AND target = ?2 AND kind = {RETALIATES}),
        xy AS (SELECT x.id, x.day, min((y.day, y.id)) AS denial FROM x JOIN y
          ON y.day BETWEEN x.day AND x.day + {DAYS} GROUP BY x.id, x.day)
        SELECT xy.id, denial, min((z.day, z.id)) FROM xy JOIN z ON z.day BETWEEN denial[1] AND xy.day + {DAYS}
        GROUP BY xy.id, xy.day, denial ORDER BY xy.day, xy.id"""
        rows = self._rows(query, self.lines.of(asked.source), self.lines.of(asked.target))
        return [(claim, denial[1], deed[1]) for claim, denial, deed in rows]

    def thread(self, claim: str) -> Answer:
        """A recursive walk."""
        return [one for (one,) in self._rows(THREAD, claim)]

    def close(self) -> None:
        """The database is gone."""
        self.db.close()
