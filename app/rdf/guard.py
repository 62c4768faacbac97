"""A SPARQL query in, a refusal out where it would write or reach beyond the store; it runs nothing.

It reads the text more strictly than the grammar does, since the parser behind it takes a keyword wherever it fits, even
glued to a number or a prefix: outside strings, IRIs, variables, comments and local names the letters of SERVICE may not
occur at all. https://www.w3.org/TR/sparql11-query/#sparqlGrammar, https://www.w3.org/TR/sparql11-federated-query/
"""

from __future__ import annotations

import re

from app.vocabulary.errors import BadQuery

MAX_LENGTH = 50_000
"""Characters of a query: longer ones are refused unread."""

_TOKEN = re.compile(
    r"""
      \#[^\n\r]*                                                            # comment
    | \"{3}(?:\"{0,2}(?:[^"\\]|\\.))*\"{3} | '{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}  # long strings
    | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*'                         # strings
    | <[^<>"{}|^`\\\x00-\x20]*>                                             # IRI
    | [?$]\w+                                                               # variable
    | @[A-Za-z]+(?:-[A-Za-z0-9]+)*                                          # language
    | (?P<prefix>[\w.-]*):(?P<local>(?:[\w.:-]|%[0-9A-Fa-f]{2}|\\.)*)       # prefixed name
    | (?P<word>[^\W\d]\w*)
    """,
    re.VERBOSE | re.DOTALL,
)
_HEADINGS = {"PREFIX", "BASE", "VERSION"}
_UPDATES = {"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"}


def check(text: str) -> None:
    """Let a query pass that only reads this store.

    Raises:
        BadQuery: It is too long, would change something, or names another source.
    """
    if len(text) > MAX_LENGTH:
        raise BadQuery(f"the query is longer than {MAX_LENGTH:,} characters; ask for less at a time")
    form = None
    for token in _TOKEN.finditer(text):
        word, prefix, local = token["word"], token["prefix"], token["local"]
        found = (word or prefix or "").upper()
        if "SERVICE" in found or ".SERVICE" in (local or "").upper():
            raise BadQuery("SERVICE is refused: this endpoint asks no other; a prefix of that name must be renamed")
        if found == "FROM":
            raise BadQuery("FROM is refused: there is one data set here; leave the clause out")
        if form is None and word is not None and found not in _HEADINGS:
            form = found
            if form in _UPDATES:
                raise BadQuery(f"{form} is refused: this endpoint is read-only; use SELECT, ASK, CONSTRUCT or DESCRIBE")
