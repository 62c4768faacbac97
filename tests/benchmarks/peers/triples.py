"""RDF stores that are asked in SPARQL: pyoxigraph and rdflib, in memory, with the same statements and queries.

A claim is a node with whom it counts for on either side; there is a predicate for each kind of claim, so that no
question has to filter by it. SPARQL 1.1 has no shortest path, so (d) is not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.benchmarks.peers.base import DAYS, MOST_EDGES, TOP, Answer, Between, Loaded
from tests.benchmarks.peers.work import ACCUSES, DENIES, RETALIATES, Work

BASE = "https://bench.invalid/"
HEAD = f"PREFIX : <{BASE}>\nPREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"
BETWEEN = f"""SELECT ?id {{ ?c :by{ACCUSES} :n%d ; :to :n%d ; :day ?d ; :id ?id ; :key ?k
FILTER(?d >= %d && ?d <= %d) }} ORDER BY ?k"""
ACCUSERS = f"""SELECT ?s (COUNT(DISTINCT ?l) AS ?texts) (COUNT(DISTINCT ?c) AS ?claims)
{{ ?c :to :n%d ; :own{ACCUSES} ?s ; :lineage ?l }} GROUP BY ?s"""
NEAR = f"""SELECT ?id ?o {{ {{ SELECT ?e ?id ?n ?a {{ ?e :touches :n%d ; :claims ?n ; :articles ?a ; :id ?id }}
ORDER BY DESC(?n) DESC(?a) ?id LIMIT {MOST_EDGES} }} ?e :touches ?o }}"""
FAR = """SELECT DISTINCT ?id ?n ?a { VALUES ?m { %s } ?e :touches ?m ; :claims ?n ; :articles ?a ; :id ?id
FILTER NOT EXISTS { ?e :touches :n%d } } ORDER BY DESC(?n) DESC(?a) ?id LIMIT %d"""
RECIPROCAL = f"""SELECT ?o ?forth ?back {{
{{ SELECT ?o (COUNT(?c) AS ?forth) {{ ?c :own{ACCUSES} :n%d ; :at ?o }} GROUP BY ?o }}
{{ SELECT ?o (COUNT(?c) AS ?back) {{ ?c :at :n%d ; :own{ACCUSES} ?o }} GROUP BY ?o }} }}"""
CHAINS = f"""SELECT ?said ?denial (MIN(?zk) AS ?deed) {{
{{ SELECT ?said ?xd (MIN(?yk) AS ?denial) {{ ?x :by{ACCUSES} :n%d ; :to :n%d ; :day ?xd ; :key ?said .
?y :by{DENIES} :n%d ; :to :n%d ; :day ?yd ; :key ?yk FILTER(?yd >= ?xd && ?yd <= ?xd + {DAYS}) }} GROUP BY ?said ?xd }}
?z :by{RETALIATES} :n%d ; :to :n%d ; :day ?zd ; :key ?zk
FILTER(?zd >= xsd:integer(SUBSTR(?denial, 1, 8)) && ?zd <= ?xd + {DAYS}) }} GROUP BY ?said ?denial"""
THREAD = "SELECT DISTINCT ?id { :%s (:answers|^:answers)* ?o . ?o :id ?id }"


def lines(work: Work) -> Iterator[str]:
    """N-Triples."""
    number = work.number

    def iri(name: str) -> str:
        return f"<{BASE}{name}>"

    def whole(value: int) -> str:
        return f'"{value}"^^<http://www.w3.org/2001/XMLSchema#integer>'

    def node(name: str) -> str:
        return iri(f"n{number[name]}")

    by = [iri(f"by{kind}") for kind in range(3)]
    own = [iri(f"own{kind}") for kind in range(3)]
    to, at, day, lineage, name, key, answers, touches, claims, articles = map(
        iri, ("to", "at", "day", "lineage", "id", "key", "answers", "touches", "claims", "articles")
    )
    for line in work.claims:
        claim = iri(line.id)
        for source in line.sources:
            yield f"{claim} {by[line.kind]} {node(source)} .\n"
        for target in line.targets:
            yield f"{claim} {to} {node(target)} .\n"
        yield f"{claim} {own[line.kind]} {node(line.source)} .\n"
        if line.target is not None:
            yield f"{claim} {at} {node(line.target)} .\n"
        yield f"{claim} {day} {whole(line.day)} .\n"
        yield f'{claim} {lineage} "{line.lineage}" .\n'
        yield f'{claim} {name} "{line.id}" .\n'
        yield f'{claim} {key} "{line.day:08d}{line.id}" .\n'
        if line.answers is not None:
            yield f"{claim} {answers} {iri(line.answers)} .\n"
    for count, edge in enumerate(work.edges):
        here = iri(f"e{count}")
        for end in {edge.source, edge.target}:
            yield f"{here} {touches} {node(end)} .\n"
        yield f"{here} {claims} {whole(edge.claims)} .\n"
        yield f"{here} {articles} {whole(edge.articles)} .\n"
        yield f'{here} {name} "{edge.id}" .\n'


class _Sparql(Loaded):
    """What the two have in common."""

    name = "SPARQL"

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of plain values, nodes as their ids."""
        raise NotImplementedError

    def _know(self, work: Work) -> None:
        self.number, self.nodes = work.number, work.nodes

    def _node(self, iri: str) -> str:
        return self.nodes[int(iri.removeprefix(f"{BASE}n"))]

    def asks(self) -> Mapping[str, Callable[[Any], Answer]]:
        """All but paths."""
        return {
            "a": self.between,
            "b": self.accusers,
            "c": self.around,
            "e1": self.reciprocal,
            "e2": self.chains,
            "f": self.thread,
        }

    def between(self, asked: Between) -> Answer:
        """A pattern and a filter."""
        by, to = self.number[asked.source], self.number[asked.target]
        return [row[0] for row in self._rows(BETWEEN % (by, to, asked.since, asked.until))]

    def accusers(self, actor: str) -> Answer:
        """A pattern, grouped."""
        rows = self._rows(ACCUSERS % self.number[actor])
        ranked = sorted((-int(texts), -int(claims), self._node(source)) for source, texts, claims in rows)
        return [(source, -texts, -claims) for texts, claims, source in ranked[:TOP]]

    def around(self, actor: str) -> Answer:
        """A node's edges, then those of its neighbours."""
        here = self.number[actor]
        near = self._rows(NEAR % here)
        kept = {row[0] for row in near}
        if len(kept) < MOST_EDGES:
            ends = {row[1].removeprefix(BASE) for row in near} - {f"n{here}"}
            values = " ".join(f":{end}" for end in sorted(ends))
            kept.update(row[0] for row in self._rows(FAR % (values, here, MOST_EDGES - len(kept))))
        return sorted(kept)

    def reciprocal(self, actor: str) -> Answer:
        """Two groups, joined."""
        here = self.number[actor]
        rows = self._rows(RECIPROCAL % (here, here))
        return sorted((self._node(other), int(forth), int(back)) for other, forth, back in rows)

    def chains(self, asked: Between) -> Answer:
        """A group within a group."""
        by, to = self.number[asked.source], self.number[asked.target]
        return [tuple(key[8:] for key in row) for row in sorted(self._rows(CHAINS % (by, to, to, by, by, to)))]

    def thread(self, claim: str) -> Answer:
        """A property path."""
        return sorted(row[0] for row in self._rows(THREAD % claim))


class Oxigraph(_Sparql):
    """pyoxigraph's store in memory."""

    name = "pyoxigraph"

    def load(self, work: Work) -> None:
        """By its bulk loader."""
        import pyoxigraph

        self._know(work)
        self.store = pyoxigraph.Store()
        given = "".join(lines(work)).encode()
        self.store.bulk_load(given, pyoxigraph.RdfFormat.N_TRIPLES)

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        found: Any = self.store.query(HEAD + query)
        return [tuple(term.value for term in row) for row in found]


class Rdflib(_Sparql):
    """rdflib's graph in memory."""

    name = "rdflib"

    def load(self, work: Work) -> None:
        """By its parser."""
        import rdflib

        self._know(work)
        self.graph = rdflib.Graph()
        self.graph.parse(data="".join(lines(work)), format="nt")

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        found: Any = self.graph.query(HEAD + query)
        # Where nothing matches, it groups nothing into one row of nothing.
        return [tuple(map(str, row)) for row in found if None not in row]
