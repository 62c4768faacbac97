"""An HTTP request of the SPARQL 1.1 Protocol in, the query and the data set it carries out; updates are refused.

https://www.w3.org/TR/sparql11-protocol/#query-operation
"""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message
from urllib.parse import parse_qs

from app.rdf.sparql import Graphs
from app.vocabulary.errors import BadInput, BadQuery

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
MOST_CHARS = 100_000
MOST_FIELDS = 100
_READ_ONLY = "this service is read-only: it takes queries and no updates"
_OF_UPDATES = ("update", "using-graph-uri", "using-named-graph-uri")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked.

    Attributes:
        query: The query; None where a GET has none, which asks for the service description.
        graphs: The data set that the request names; None where it names none.
    """

    query: str | None
    graphs: Graphs | None


def asked_of(method: str, query_string: str, content_type: str | None, body: bytes) -> Asked:
    """The query, and what it is asked of.

    Raises:
        BadQuery: A POST has no query, there is more than one, it is an update, or it asks for an older revision.
        BadInput: The body is of another type or in another encoding than the protocol knows.
    """
    given = _fields(query_string)
    direct: list[str] = []
    if method == "POST":
        media, charset = _type_of(content_type)
        if media not in (FORM, QUERY, UPDATE):
            raise BadInput("unsupported", f"send {FORM} with a parameter named query, or {QUERY}")
        if charset not in ("utf-8", "utf8", "us-ascii"):
            raise BadInput("unsupported", f"the body must be UTF-8, not {charset[:40]}")
        if media == UPDATE:
            raise BadQuery(_READ_ONLY)
        if media == QUERY:
            direct = [_text(body)]
        else:
            for name, values in _fields(_text(body)).items():
                given.setdefault(name, []).extend(values)
    if any(name in given for name in _OF_UPDATES):
        raise BadQuery(_READ_ONLY)
    if "as_of" in given:
        raise BadQuery("as_of is not supported here: the newest revision answers; `polemos sparql --as-of` asks others")
    queries = direct + given.get("query", [])
    if len(queries) > 1 or (method == "POST" and not queries):
        raise BadQuery("send exactly one query, in the parameter named query or as the body")
    if queries and len(queries[0]) > MOST_CHARS:
        raise BadQuery(f"the query is longer than {MOST_CHARS} characters")
    default, named = given.get("default-graph-uri", []), given.get("named-graph-uri", [])
    graphs = Graphs(tuple(default), tuple(named)) if default or named else None
    return Asked(queries[0] if queries else None, graphs)


def _type_of(header: str | None) -> tuple[str, str]:
    """A Content-Type's media type and charset, in small letters."""
    message = Message()
    message["Content-Type"] = header or ""
    media = (header or "").split(";")[0].strip().lower()
    charset = message.get_param("charset", "utf-8") if ";" in (header or "") else "utf-8"
    return media, str(charset).strip().lower()


def _fields(encoded: str) -> dict[str, list[str]]:
    try:
        return parse_qs(encoded, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as why:
        raise BadQuery(f"send at most {MOST_FIELDS} parameters") from why


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as why:
        raise BadInput("wrong_encoding", "the body must be UTF-8") from why
