"""The assertion firewall as a rule over everything that goes out: a file or answer in, what breaks the rule out.

The rule in words is in docs/explanation/claims-not-facts.md. It is written here once more, by itself, so that shapes
and code cannot both be wrong unseen. Each check gives a line for each breach; none is good.
"""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, parse

from app.graph.model import OVER_INCIDENTS
from app.graph.views import PHRASES as PROJECTIONS
from app.pictures import DISCLAIMER
from app.rdf import terms
from app.rdf.serialise import FORMATS
from app.rdf.terms import BASE_IRI, PLM, RDF, SCHEMA, SEM, SKOS
from app.vocabulary.terms import ClaimType, EdgeKind, Modality, NodeKind, Rung

# ---- words -----------------------------------------------------------------------------------------------------------

VERDICTS = frozenset(
    "perpetrator perpetrators perpetrated culprit culprits guilty guilt innocent innocence winner winners loser "
    "verdict verdicts true truth truthful untrue false falsehood proven disproven fact facts factual liar offender "
    "offenders aggressor aggressors attacker attackers responsible".split()
)
"""What no field may be called: who did it, or who is right."""
SETTLED = frozenset({"admitted", "adjudicated", "self_claimed", "self-claimed"})
"""Standings of an attribution that rest on somebody's word, which must be named beside them."""
WITHOUT_CLAIMS = frozenset({EdgeKind.PART_OF, EdgeKind.LOCATED_IN})
"""Edges that may rest on a gazetteer, or on what articles say of an incident, and on no claim."""
PHRASES: Mapping[str, frozenset[str]] = {
    kind: frozenset({kind.phrase} | ({OVER_INCIDENTS[kind]} if kind in OVER_INCIDENTS else set())) for kind in EdgeKind
}
"""How each kind of edge may read."""
PROJECTED: Mapping[str, frozenset[str]] = {kind: frozenset({phrase}) for kind, phrase in PROJECTIONS.items()}
"""How the edges of views that merge the claims between two actors may read."""
REPORTED = re.compile(r"(?:clm|ack)-")


def words(name: str) -> list[str]:
    """A name taken apart: `allegedPerpetrators`, `alleged_perpetrators`, `alleged perpetrators`."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return [word.casefold() for word in re.split(r"[^A-Za-z0-9]+", apart) if word]


def of_name(name: str, where: str) -> Iterator[str]:
    """What is wrong with the name of a field, a column or a property. Who is alleged may be called that."""
    found = words(name)
    for before, word in zip(["", *found], found, strict=False):
        if word in VERDICTS and before != "alleged":
            yield f"{where}: {name!r} names a verdict ({word})"


def of_edge(edge: Mapping[str, Any], where: str) -> Iterator[str]:
    """What is wrong with an edge that has these attributes."""
    kind, phrase, claims = str(edge.get("kind")), edge.get("phrase"), edge.get("claims")
    read = {**PHRASES, **PROJECTED}
    if kind not in read:
        yield f"{where}: {kind!r} is no kind of edge"
    elif phrase not in read[kind]:
        yield f"{where}: an edge of the kind {kind} reads {phrase!r}"
    held = claims.split() if isinstance(claims, str) else claims
    if kind not in WITHOUT_CLAIMS and not (held and all(REPORTED.match(str(one)) for one in held)):
        yield f"{where}: an edge of the kind {kind} has no claim behind it"


# ---- JSON ------------------------------------------------------------------------------------------------------------


def of_json(document: object, where: str = "$") -> Iterator[str]:
    """What is wrong with a JSON document."""
    if isinstance(document, list):
        for number, one in enumerate(document):
            yield from of_json(one, f"{where}[{number}]")
    if not isinstance(document, dict):
        return
    for name, value in document.items():
        yield from of_name(str(name), where)
        # Filters repeat what was asked, and ask for nothing that is not a name checked here.
        yield from of_json(value, f"{where}.{name}") if name != "filters" else ()
    if {"source", "target"} <= document.keys() and ("phrase" in document or "kind" in document):
        yield from of_edge(document, where)
    elif "phrase" in document and document["phrase"] not in frozenset().union(*PHRASES.values()):
        yield f"{where}: the phrase {document['phrase']!r} is none of an edge"
    if document.get("type") in list(ClaimType) and "speaker" in document:
        yield from _of_claim(document, where)
    status = str(document.get("status")).casefold()
    if status in SETTLED and not (_names_a_report(document) and (status != "adjudicated" or _authority(document))):
        yield f"{where}: it calls something {status} and does not say on whose word"


def _of_claim(claim: Mapping[str, Any], where: str) -> Iterator[str]:
    evidence = claim.get("evidence", claim.get("quote"))
    quote = evidence.get("quote") if isinstance(evidence, dict) else evidence
    # What an id is made of says where the words stand, beside a receipt that holds them.
    points = evidence is None and {"article", "part", "start", "end"} <= claim.keys()
    if not quote and not points:
        yield f"{where}: a claim without the words that make it"
    if not claim.get("source"):
        yield f"{where}: a claim of which nobody is the source"


def _names_a_report(document: object) -> bool:
    """True where a claim or acknowledgement is named anywhere inside."""
    if isinstance(document, dict):
        return any(_names_a_report(value) for value in document.values())
    if isinstance(document, list):
        return any(map(_names_a_report, document))
    return isinstance(document, str) and REPORTED.match(document) is not None


def _authority(document: object) -> bool:
    """True where somewhere inside an authority is named with the claim that reports what it found."""
    if isinstance(document, dict):
        held = bool(document.get("authority")) and any(map(_names_a_report, document.values()))
        return held or any(map(_authority, document.values()))
    return isinstance(document, list) and any(map(_authority, document))


def of_schema(document: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with an OpenAPI document: no answer may have such a field, whether or not one has it today."""
    for name, schema in document["components"]["schemas"].items():
        yield from of_name(name, "schemas")
        for field in schema.get("properties", {}):
            yield from of_name(field, name)
        for value in schema.get("enum", ()):
            yield from of_name(str(value), name)
    for path, operations in document["paths"].items():
        yield from of_name(path, "paths")
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                yield from of_name(parameter["name"], path)


# ---- files of graphs and of rows -------------------------------------------------------------------------------------


def of_graphml(body: bytes) -> Iterator[str]:
    """What is wrong with a GraphML file."""
    root = _plain(body)
    names = {key.get("id"): str(key.get("attr.name")) for key in root.iter("key")}
    for name in names.values():
        yield from of_name(name, "key")
    for edge in root.iter("edge"):
        found = {names[data.get("key")]: data.text or "" for data in edge.iter("data")}
        yield from of_edge(found, f"edge {edge.get('id')}")


def of_gexf(body: bytes) -> Iterator[str]:
    """What is wrong with a GEXF file."""
    root = _plain(body)
    names: dict[tuple[str, str | None], str] = {}
    for group in root.iter("attributes"):
        for one in group.iter("attribute"):
            names[str(group.get("class")), one.get("id")] = str(one.get("title"))
            yield from of_name(str(one.get("title")), "attribute")
    for edge in root.iter("edge"):
        found = {names["edge", value.get("for")]: value.get("value") for value in edge.iter("attvalue")}
        where = f"edge {edge.get('id')}"
        yield from of_edge(found, where)
        if edge.get("label") != found.get("phrase"):
            yield f"{where}: its caption {edge.get('label')!r} is not how it reads"


def of_csv(body: bytes) -> Iterator[str]:
    """What is wrong with a table: its columns, and rows that are no claim with its words, or an edge with no claim."""
    rows = list(csv.reader(io.StringIO(body.decode("utf-8"), newline="")))
    for name in rows[0]:
        yield from of_name(name, "column")
    for number, cells in enumerate(rows[1:], start=2):
        row = dict(zip(rows[0], cells, strict=True))
        if "phrase" in row:
            yield from of_edge(row, f"row {number}")
        elif "quote" in row and row.get("type") not in set(ClaimType):
            yield f"row {number}: {row.get('type')!r} is no type of claim"
        elif "quote" in row:
            yield from _of_claim(row, f"row {number}")


CONCEPT = re.compile(
    r"(?:.+ is responsible for .+|.+ happened) \(alleged\)\Z|Retaliation against .+ over .+ \(as reported\)\Z",
    re.DOTALL,
)
"""How a table of statements may say what is affirmed or rejected."""


def of_dna(body: bytes) -> Iterator[str]:
    """What is wrong with a table of statements: its columns, and statements that do not say that they are alleged."""
    rows = csv.DictReader(io.StringIO(body.decode("utf-8"), newline=""), delimiter=";")
    for name in rows.fieldnames or ():
        yield from of_name(name, "column")
    for number, row in enumerate(rows, start=2):
        if row["claim_type"] not in set(ClaimType) or row["agreement"] not in ("0", "1"):
            yield f"row {number}: {row['claim_type']!r}, {row['agreement']!r} is no statement"
        if not CONCEPT.match(row.get("concept", "")):
            yield f"row {number}: it says {row.get('concept')!r} of its own"
        if not (row["text"] and row["organization"] and REPORTED.match(row["statement ID"])):
            yield f"row {number}: a statement without the words that make it, or of nobody"


def _plain(body: bytes) -> ET.Element:
    """XML without its namespaces, which tell nothing here."""
    root = ET.fromstring(body)
    for one in root.iter():
        one.tag = one.tag.rpartition("}")[2]
    return root


# ---- pictures --------------------------------------------------------------------------------------------------------

LEGEND = frozenset(
    {
        *NodeKind,
        *(kind.phrase for kind in EdgeKind),
        "threatened or called for, not reported as done",
        "number of claims",
    }
)
_TITLE = re.compile(r"(?:Who accuses whom(?:: .+)?|Claims around .+)\Z")
_NOT_DONE = " (threatened or called for)"
_MORE = re.compile(r"… and \d+ more\Z")
_COUNTED = re.compile(r"\d+ nodes?, \d+ edges?(?: of \d+, those with most evidence)? · ledger revision \d+\Z")


class Known(NamedTuple):
    """What a picture may repeat: the names of the nodes and the words of the claims."""

    labels: frozenset[str]
    quotes: frozenset[str]


def of_svg(body: str, known: Known) -> Iterator[str]:
    """What is wrong with a picture."""
    labels = known.labels
    root = _plain(body.encode())
    if DISCLAIMER not in [one.text for one in root.iter() if one.tag in ("desc", "text")]:
        yield "the picture does not say that edges are claims"
    drawn = {id(one) for group in root.iter("g") if group.find("title") is not None for one in group.iter()}
    for group in root.iter("g"):
        told = group.findtext("title")
        if told is None:
            continue
        if "edge" in (group.get("class") or "").split():
            yield from _of_tooltip(told, str(group.get("class")).removeprefix("edge "), known)
        elif not any(told.startswith(f"{label} (") for label in labels):
            yield f"the node {told!r} bears no name of the graph"
        else:
            yield from _of_label(group, labels)
    for one in root.iter("text"):
        said = one.text or ""
        fixed = said in LEGEND or said == DISCLAIMER or said.isdigit() or _TITLE.match(said) or _COUNTED.match(said)
        if id(one) not in drawn and not fixed:
            yield f"the picture says {said!r}"


def _of_label(group: ET.Element, labels: frozenset[str]) -> Iterator[str]:
    """What is written at a node is its name, perhaps broken into lines and cut short."""
    for one in group.iter("text"):
        said = (one.text or "").rstrip("…").strip()
        if not any(said in label for label in labels):
            yield f"at a node it says {one.text!r}"


def _of_tooltip(told: str, kind: str, known: Known) -> Iterator[str]:
    said, _, rest = told.partition("\n")
    labels = known.labels
    said = re.sub(r": \d+ claims?\Z", "", said).removesuffix(_NOT_DONE)
    ends = {(a, b) for a in labels if said.startswith(a + " ") for b in labels if said.endswith(" " + b)}
    read = {said[len(a) + 1 : len(said) - len(b) - 1] for a, b in ends}
    if kind not in PHRASES or not read & PHRASES[kind]:
        yield f"an edge of the kind {kind} reads {said!r}"
    while rest and not _MORE.match(rest):
        begin = next((f"“{quote}” (" for quote in known.quotes if rest.startswith(f"“{quote}” (")), None)
        if begin is None:
            yield f"the edge {said!r} says {rest!r} of its own"
            return
        rest = rest[len(begin) :].partition(")\n")[2]


def of_html(body: str, known: Known) -> Iterator[str]:
    """What is wrong with a page that holds a picture and a table of quotes."""
    picture = re.search(r"<svg.*?</svg>", body, re.DOTALL)
    if picture is None:
        yield "the page holds no picture"
        return
    yield from of_svg(picture[0], known)
    for name in re.findall(r"<th>(.*?)</th>", body, re.DOTALL):
        yield from of_name(name, "column")
    claims = {str(one) for one in ClaimType}
    claims |= {f"retaliates ({one.replace('_', ' ')})" for one in (*Modality, *Rung)}
    for row in re.findall(r"<tr id=.*?</tr>", body, re.DOTALL):
        cells = re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
        if cells[3] not in claims:
            yield f"a row reads {cells[3]!r}"
        if not re.match(r"<q>“.+”</q>\Z", cells[6], re.DOTALL):
            yield "a row without the words that make its claim"


# ---- RDF -------------------------------------------------------------------------------------------------------------


def _named(*names: str) -> frozenset[str]:
    return frozenset(PLM + name for name in names)


BETWEEN_ACTORS = frozenset(terms.SPEECH_ACT.values()) | _named("partOfActor")
"""All that may join two actors; nothing may join an actor and an incident."""
MAY_SAY: Mapping[str, frozenset[str]] = {
    "actor": BETWEEN_ACTORS
    | _named("country", "membership")
    | {terms.RDFS + "label", SKOS + "altLabel", SCHEMA + "sameAs", SCHEMA + "identifier", RDF + "type"},
    "incident": _named("incidentType", "locatedIn", "country", "reportedIn")
    | {terms.RDFS + "label", SCHEMA + "identifier", RDF + "type"}
    | {SEM + name for name in ("hasPlace", "hasEarliestBeginTimeStamp", "hasLatestEndTimeStamp")},
    "proposition": _named("incident", "agent") | {RDF + "type", RDF + "reifies"},
}
"""All that may be said of them."""
_EXAMPLE = terms.VOID + "exampleResource"
MAY_POINT_AT: Mapping[str, Mapping[str, str]] = {
    "actor": {
        **dict.fromkeys(BETWEEN_ACTORS, "actor"),
        **dict.fromkeys(_named("onBehalfOf", "sourceAsNamed", "target", "targetAsNamed"), "claim"),
        PLM + "speaker": "claim acknowledgement",
        PLM + "actor": "acknowledgement relay",
        PLM + "agent": "proposition",
        PLM + "whole": "membership",
    },
    "incident": {
        PLM + "about": "claim acknowledgement",
        PLM + "respondsTo": "claim",
        PLM + "incident": "proposition",
    },
    "proposition": {PLM + "content": "claim acknowledgement"},
}
"""All that may point at them, and what must be at its other end."""
_CLASSES = {PLM + name.capitalize(): name for name in "actor incident proposition claim acknowledgement relay".split()}
_CLASSES[PLM + "Membership"] = "membership"


def of_rdf(body: bytes, format_: str, base_iri: str = BASE_IRI) -> Iterator[str]:
    """What is wrong with a file of RDF."""
    yield from of_statements(parse(body, FORMATS[format_].rdf_format()), base_iri)


def of_statements(statements: Iterable[Quad | Triple], base_iri: str = BASE_IRI) -> Iterator[str]:
    """What is wrong with statements. A thing is what its type or, failing that, its address calls it."""
    held = list(statements)
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    for one in held:
        for end in (one.subject, one.object):
            if isinstance(end, NamedNode) and end.value.startswith(base_iri):
                kind, _, name = end.value[len(base_iri) :].partition("/")
                # What follows is a part of the thing.
                if "#" not in name and "/" not in name:
                    kinds[end.value].add(kind)
        if one.predicate.value == RDF + "type" and isinstance(one.object, NamedNode) and one.object.value in _CLASSES:
            kinds[_address(one.subject)].add(_CLASSES[one.object.value])
    for one in held:
        yield from _of_statement(one, kinds)


def _of_statement(one: Quad | Triple, kinds: Mapping[str, set[str]]) -> Iterator[str]:
    subject, predicate = _address(one.subject), one.predicate.value
    whole = f"{subject} {predicate} {_address(one.object)}"
    mine = kinds.get(subject, set())
    if predicate == terms.PERPETRATED:
        yield f"perpetration is asserted: {whole}"
        return
    yield from of_name(re.split(r"[#/]", predicate)[-1], predicate)
    if predicate == _EXAMPLE and mine == {"dataset"}:
        # That a data set holds something is all that is said.
        return
    for kind in mine & MAY_SAY.keys():
        if predicate not in MAY_SAY[kind]:
            yield f"this is said of an {kind}: {whole}"
    if isinstance(one.object, Triple):
        yield from _of_triple_term(one.object, predicate, mine, whole)
        return
    theirs = kinds.get(_address(one.object), set())
    if {"actor", "incident"} <= mine | theirs and mine and theirs:
        yield f"an actor and an incident are joined: {whole}"
    for kind in theirs & MAY_POINT_AT.keys():
        allowed = MAY_POINT_AT[kind].get(predicate, "")
        if not mine & set(allowed.split()):
            yield f"this points at an {kind}: {whole}"
    if predicate == RDF + "type" and mine & {"actor", "incident", "proposition", "claim", "acknowledgement"}:
        class_ = _address(one.object)
        if not class_.startswith(PLM) and class_ not in (SEM + "Actor", SEM + "Event"):
            yield f"a class of another vocabulary: {whole}"


def _of_triple_term(inner: Triple, predicate: str, mine: set[str], whole: str) -> Iterator[str]:
    """A triple term asserts nothing; even so it is named by what reports or describes it only."""
    act = inner.predicate.value
    if predicate != RDF + "reifies":
        yield f"a triple term that is not reified: {whole}"
    elif act == terms.PERPETRATED:
        if "proposition" not in mine:
            yield f"perpetration is named by what is no proposition: {whole}"
    elif act not in terms.SPEECH_ACT.values() or "claim" not in mine:
        yield f"a triple term that is no speech act of a claim: {whole}"


def _address(term: object) -> str:
    return term.value if isinstance(term, NamedNode) else str(term)


def rdf_format(media_type: str) -> str | None:
    """The name of the RDF format of a media type, or None."""
    plain = media_type.partition(";")[0].strip()
    found = RdfFormat.from_media_type(plain)
    return next((name for name, one in FORMATS.items() if found is not None and one.media_type == plain), None)
