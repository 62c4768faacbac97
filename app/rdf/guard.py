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

# Possessive throughout, and a string that never ends reaches to where the parser would give up: so reading is linear.
_TOKEN = re.compile(
    r"""
      \#[^\n\r]*+                                                              # comment
    | \"{3}(?:\"{0,2}(?:[^"\\]|\\.))*+(?:\"{3}|\Z) | '{3}(?:'{0,2}(?:[^'\\]|\\.))*+(?:'{3}|\Z)  # long strings
    | "(?:[^"\\\n\r]|\\.)*+"? | '(?:[^'\\\n\r]|\\.)*+'?                   # strings
    | <(?:[^<>"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+>       # IRI
    | [?$]\w++                                                                # variable
    | @[A-Za-z]++(?:-[A-Za-z0-9]++)*+                                         # language
    | (?P<stray>\\)                                                           # stands nowhere else
    | (?P<word>[\w.-]*+)(?P<local>:(?:[\w.:-]|%[0-9A-Fa-f]{2}|\\.)*+)?+       # keyword, number, prefixed name
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
        word, local = (token["word"] or "").upper(), (token["local"] or "").upper()
        if token["stray"]:
            raise BadQuery("a backslash may stand only in strings, IRIs and local names; write the character itself")
        if "SERVICE" in word or ".SERVICE" in local:
            raise BadQuery("SERVICE is refused: this endpoint asks no other; a prefix of that name must be renamed")
        if word == "FROM":
            raise BadQuery("FROM is refused: there is one data set here; leave the clause out")
        if form is None and word and not local and word not in _HEADINGS:
            form = word
            if form in _UPDATES:
                raise BadQuery(f"{form} is refused: this endpoint is read-only; use SELECT, ASK, CONSTRUCT or DESCRIBE")
