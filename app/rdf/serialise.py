"""A `ConflictGraph` in, an RDF file out: Turtle, N-Triples, N-Quads, TriG, JSON-LD or RDF/XML, streaming.

The first node of every file is the data set with the ledger's revision. It never keeps the whole file in memory, and a
file written to a path appears only once it is complete.

Turtle, TriG and RDF/XML are written by pyoxigraph; N-Triples and N-Quads are our own lines; JSON-LD is pyoxigraph's
(expanded), or compacted where a context is given. https://www.w3.org/TR/rdf11-primer/#section-graph-syntax
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from app.graph import ConflictGraph
from app.rdf import jsonld
from app.rdf.dataset import Statements
from app.rdf.ntriples import LineStream
from app.rdf.terms import BASE_IRI, Profile, prefixes
from app.rdf.things import ExtractorOf
from app.vocabulary.errors import BadInput, BadQuery
from app.vocabulary.terms import RefusalReason

if TYPE_CHECKING:
    from pyoxigraph import Quad, RdfFormat, Triple

FORMAT_IRI = "http://www.w3.org/ns/formats/"
"""Where W3C's names for formats live."""


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write RDF.

    Attributes:
        rdflib: What rdflib calls it.
        w3c: What https://www.w3.org/ns/formats/ calls it.
        triple_terms: True where RDF 1.2 can be written in it.
        graphs: True where it has named graphs.
    """

    name: str
    media_type: str
    extension: str
    rdflib: str
    w3c: str
    triple_terms: bool
    graphs: bool

    def carries(self, profile: Profile) -> bool:
        """Whether a profile can be written in it."""
        if profile is Profile.NANOPUB:
            return self.graphs
        return profile is not Profile.RDF12 or self.triple_terms

    def rdf_format(self) -> RdfFormat:
        """What pyoxigraph calls it."""
        from pyoxigraph import RdfFormat

        found = RdfFormat.from_media_type(self.media_type)
        if found is None:
            raise BadQuery(f"this pyoxigraph cannot write {self.media_type}")
        return found


FORMATS: dict[str, Format] = {
    entry.name: entry
    for entry in (
        Format("turtle", "text/turtle", "ttl", "turtle", "Turtle", triple_terms=True, graphs=False),
        Format("ntriples", "application/n-triples", "nt", "nt", "N-Triples", triple_terms=True, graphs=False),
        Format("nquads", "application/n-quads", "nq", "nquads", "N-Quads", triple_terms=True, graphs=True),
        Format("trig", "application/trig", "trig", "trig", "TriG", triple_terms=True, graphs=True),
        Format("jsonld", "application/ld+json", "jsonld", "json-ld", "JSON-LD", triple_terms=False, graphs=True),
        Format("rdfxml", "application/rdf+xml", "rdf", "xml", "RDF_XML", triple_terms=False, graphs=False),
    )
}


def format_named(name: str, profile: Profile = Profile.CLAIMS) -> Format:
    """The format with this name.

    Raises:
        BadQuery: There is none, or it cannot carry the profile.
    """
    found = FORMATS.get(name)
    if found is None:
        raise BadQuery(f"there is no RDF format {name!r}; choose one of {', '.join(FORMATS)}")
    if not found.carries(profile):
        able = ", ".join(entry.name for entry in FORMATS.values() if entry.carries(profile))
        what = "named graphs" if profile is Profile.NANOPUB else "triple terms"
        raise BadQuery(f"{name} cannot carry the {what} of profile {profile}; choose one of {able}")
    return found


def format_of(path: Path) -> Format:
    """The format that a file's name tells.

    Raises:
        BadInput: It tells none.
    """
    known = next((entry for entry in FORMATS.values() if path.name.endswith("." + entry.extension)), None)
    if known is None:
        able = ", ".join("." + entry.extension for entry in FORMATS.values())
        raise BadInput(RefusalReason.UNSUPPORTED, f"{path} is no RDF file by its name; use one of {able}")
    return known


def write(
    graph: ConflictGraph,
    format_: str,
    out: BinaryIO | Path,
    *,
    base_iri: str = BASE_IRI,
    profile: Profile = Profile.CLAIMS,
    extractor_of: ExtractorOf | None = None,
    context: jsonld.Context | None = None,
    only: tuple[str, str] | None = None,
    claims: Iterable[str] | None = None,
    selection: str = "",
) -> int:
    """Write the graph, or a part of it, and return the number of statements.

    Args:
        graph: What to write.
        format_: One of `FORMATS`.
        out: A path, or a binary file open for writing.
        base_iri: Where instances live.
        profile: What of the graph is published.
        extractor_of: Who read each article, where the graph's own word will not do.
        context: For JSON-LD: compact by this context (`jsonld.load_context`) and put it inline.
        only: Kind and id of one thing, to write what is said of it and no more.
        claims: Ids of the only claims to write, with what they name (see `app.rdf.chosen`); all where None.
        selection: How these were chosen, in words.

    Raises:
        BadQuery: No such format, or one that cannot carry the profile.
        NotFound: `only` names nothing, or `claims` a claim that is not there.
    """
    chosen = format_named(format_, profile)
    statements = Statements(
        graph,
        base_iri=base_iri,
        profile=profile,
        extractor_of=extractor_of,
        for_xml=chosen.name == "rdfxml",
        claims=claims,
        selection=selection,
    )
    blocks: Iterable[str] = statements.pieces() if only is None else list(statements.of(*only))
    if not isinstance(out, Path):
        return _write(blocks, chosen, out, base_iri, context)
    # pyoxigraph and we both write to the unfinished file; its name changes only when everything is in it.
    unfinished = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with unfinished.open("wb") as file:
            count = _write(blocks, chosen, file, base_iri, context)
        unfinished.replace(out)
    finally:
        with contextlib.suppress(FileNotFoundError):
            unfinished.unlink()
    return count


def write_blocks(
    blocks: Iterable[str],
    format_: str,
    out: BinaryIO,
    *,
    base_iri: str = BASE_IRI,
    context: jsonld.Context | None = None,
) -> int:
    """Write statements that are there as blocks of N-Triples or N-Quads, and return their number.

    Raises:
        BadQuery: There is no such format.
    """
    return _write(blocks, format_named(format_), out, base_iri, context)


def _write(blocks: Iterable[str], chosen: Format, out: BinaryIO, base_iri: str, context: jsonld.Context | None) -> int:
    if chosen.name in ("ntriples", "nquads"):
        # In the default graph a quad is written as a triple: https://www.w3.org/TR/n-quads/#simple-triples
        count = 0
        put = out.write
        for block in blocks:
            # Lines of bytes are counted several times as fast as those of text.
            data = block.encode()
            count += data.count(b"\n")
            put(data)
        return count

    from pyoxigraph import RdfFormat, parse

    lines = LineStream(blocks)
    quads: Iterator[Quad] = parse(cast("IO[bytes]", lines), RdfFormat.N_QUADS, lenient=True)
    if chosen.name == "jsonld" and context is not None:
        for piece in jsonld.document(quads, context, base_iri):
            out.write(piece)
        return lines.lines
    encode(quads, chosen, out, base_iri)
    return lines.lines


def encode(quads: Iterable[Quad], chosen: Format, out: BinaryIO, base_iri: str = BASE_IRI) -> None:
    """Write statements of whatever origin; prefixes come in alphabetical order.

    Raises:
        ValueError, OSError: They hold what the format cannot carry.
    """
    from pyoxigraph import serialize

    target = chosen.rdf_format()
    body: Iterable[Quad] | Iterable[Triple] = quads if target.supports_datasets else (quad.triple for quad in quads)
    ordered = _Finish(out, xml=chosen.name == "rdfxml")
    serialize(body, cast("BinaryIO", ordered), target, prefixes=prefixes(base_iri))
    ordered.finish()


class _Finish:
    """Mends two things in what pyoxigraph writes, as it passes.

    Prefixes are declared in an order that differs from run to run: they are put in order. In XML a carriage return
    stands as it is, and every XML reader takes it for a line feed (https://www.w3.org/TR/xml/#sec-line-ends): it is
    written as a character reference.
    """

    def __init__(self, out: BinaryIO, *, xml: bool) -> None:
        self._out = out
        self._xml = xml
        self._held: bytes | None = b""

    def write(self, data: bytes) -> int:
        size = len(data)
        if self._xml:
            data = data.replace(b"\r", b"&#xD;")
        if self._held is None:
            self._out.write(data)
            return size
        self._held += data
        end = _header_end(self._held)
        if end:
            self._out.write(_in_order(self._held[:end]) + self._held[end:])
            self._held = None
        return size

    def flush(self) -> None:
        """Nothing to do: the file behind it is flushed by whoever opened it."""

    def finish(self) -> None:
        if self._held:
            self._out.write(_in_order(self._held))
            self._held = None


def _header_end(head: bytes) -> int:
    """Where the declarations end, or 0 where not enough of the file is there to tell."""
    if head.startswith(b"<?xml"):
        return head.find(b">\n", head.find(b"<rdf:RDF") + 1) + 1 if b"<rdf:RDF" in head else 0
    found = re.search(rb"^(?!@prefix )[^@\n]", head, re.MULTILINE)
    return found.start() if found is not None else 0


def _in_order(header: bytes) -> bytes:
    if header.startswith(b"<?xml"):
        start = header.find(b"<rdf:RDF") + len(b"<rdf:RDF")
        return header[:start] + b"".join(sorted(re.findall(rb' xmlns:[^"]*"[^"]*"', header[start:]))) + b">"
    return b"".join(sorted(header.splitlines(keepends=True)))
