"""What SPARQL answers, and how it is written down: results as JSON, XML, CSV or TSV, graphs as any RDF format.

https://www.w3.org/TR/sparql11-results-json/, https://www.w3.org/TR/rdf-sparql-XMLres/,
https://www.w3.org/TR/sparql11-results-csv-tsv/
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from app.rdf.ntriples import for_xml
from app.rdf.serialise import FORMATS, encode
from app.vocabulary.errors import BadQuery

if TYPE_CHECKING:
    from pyoxigraph import Quad

RESULT_FORMATS = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}
"""Name → media type, for SELECT and ASK; ASK knows no CSV and TSV."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one query.

    Attributes:
        form: `solutions` for SELECT, `boolean` for ASK, `graph` for CONSTRUCT and DESCRIBE.
        data: SPARQL results in JSON, or N-Triples for a graph.
        truncated: True where there was more than the row limit lets through.
        revision: The ledger revision that was asked.
        unknown_graphs: Graphs that the request's data set names and that are not here: they counted as empty.
    """

    form: Literal["solutions", "boolean", "graph"]
    data: bytes
    truncated: bool
    revision: int
    unknown_graphs: tuple[str, ...] = ()

    @property
    def formats(self) -> dict[str, str]:
        """The formats it can be written in: name → media type, the usual one first."""
        if self.form == "graph":
            return {name: entry.media_type for name, entry in FORMATS.items()}
        able = ("json", "xml") if self.form == "boolean" else RESULT_FORMATS
        return {name: RESULT_FORMATS[name] for name in able}

    @property
    def boolean(self) -> bool:
        """The answer to ASK; for other forms, whether there is anything."""
        if self.form == "graph":
            return bool(self.data)
        body = self._body()
        return bool(body["boolean"]) if self.form == "boolean" else bool(body["results"]["bindings"])

    @property
    def variables(self) -> tuple[str, ...]:
        """The columns of a SELECT."""
        return tuple(self._body()["head"].get("vars", ())) if self.form != "graph" else ()

    def rows(self) -> list[tuple[str | None, ...]]:
        """The rows of a SELECT as text, IRIs in full; None where a variable is unbound."""
        if self.form != "solutions":
            return []
        names = self.variables
        bindings = self._body()["results"]["bindings"]
        return [tuple(_text(row[name]) if name in row else None for name in names) for row in bindings]

    def encode(self, format_: str) -> bytes:
        """The answer in one of `formats`.

        Raises:
            BadQuery: It cannot be written so.
        """
        if format_ not in self.formats:
            raise BadQuery(f"{format_!r} cannot carry this answer; choose one of {', '.join(self.formats)}")
        if self.form == "graph":
            return self._graph(format_)
        if format_ == "json":
            return self.data
        from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, parse_query_results

        data = json.dumps(_cleaned(self._body())).encode() if format_ == "xml" else self.data
        results: QuerySolutions | QueryBoolean = parse_query_results(data, QueryResultsFormat.JSON)
        target = {"xml": QueryResultsFormat.XML, "csv": QueryResultsFormat.CSV, "tsv": QueryResultsFormat.TSV}[format_]
        return results.serialize(format=target) or b""

    def _graph(self, format_: str) -> bytes:
        from pyoxigraph import RdfFormat, parse

        quads: Iterator[Quad] = parse(self.data, RdfFormat.N_TRIPLES)
        if format_ == "rdfxml":
            quads = (_quad_for_xml(quad) for quad in quads)
        out = io.BytesIO()
        try:
            encode(quads, FORMATS[format_], out)
        except (ValueError, OSError) as why:  # pyoxigraph says OSError of triple terms
            raise BadQuery(f"{format_} cannot carry this answer: {why}; choose ntriples") from why
        return out.getvalue()

    def _body(self) -> Any:  # noqa: ANN401 # JSON
        return json.loads(self.data)


def _text(term: dict[str, Any]) -> str:
    value = term["value"]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _cleaned(value: object) -> object:
    if isinstance(value, dict):
        return {name: _cleaned(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_cleaned(part) for part in value]
    return for_xml(value) if isinstance(value, str) else value


def _quad_for_xml(quad: Quad) -> Quad:
    from pyoxigraph import Literal as Text
    from pyoxigraph import Quad as Statement

    value = quad.object
    if not isinstance(value, Text) or for_xml(value.value) == value.value:
        return quad
    kind = {"datatype": value.datatype} if value.language is None else {"language": value.language}
    return Statement(quad.subject, quad.predicate, Text(for_xml(value.value), **kind))
