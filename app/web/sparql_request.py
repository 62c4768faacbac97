"""An HTTP request of the SPARQL 1.1 Protocol in, the query it carries out; updates and other data sets are refused.

https://www.w3.org/TR/sparql11-protocol/#query-operation
"""

from __future__ import annotations

from urllib.parse import parse_qs

from app.vocabulary.errors import BadInput, BadQuery

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
MOST_CHARS = 100_000
MOST_FIELDS = 100


def query_of(method: str, query_string: str, content_type: str | None, body: bytes) -> str:
    """The query.

    Raises:
        BadQuery: There is none or more than one, it is an update, or it asks for other graphs than ours.
        BadInput: The body is of another type than the protocol knows, or no UTF-8.
    """
    given = _fields(query_string)
    direct: list[str] = []
    if method == "POST":
        media = (content_type or "").split(";")[0].strip().lower()
        if media == FORM:
            for name, values in _fields(_text(body)).items():
                given.setdefault(name, []).extend(values)
        elif media == QUERY:
            direct = [_text(body)]
        elif media == UPDATE:
            raise BadQuery("this service is read-only: it takes queries and no updates")
        else:
            raise BadInput("unsupported", f"send {FORM} with a parameter named query, or {QUERY}")
    if "update" in given:
        raise BadQuery("this service is read-only: it takes queries and no updates")
    for other in ("default-graph-uri", "named-graph-uri"):
        if any(given.get(other, [])):
            raise BadQuery(f"{other} is not supported: all statements are in the default graph")
    queries = direct + given.get("query", [])
    if len(queries) != 1:
        raise BadQuery("send exactly one query, in the parameter named query or as the body")
    if len(queries[0]) > MOST_CHARS:
        raise BadQuery(f"the query is longer than {MOST_CHARS} characters")
    return queries[0]


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
