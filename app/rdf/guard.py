"""A SPARQL query in; its form and data set out, or a refusal where it would write or reach beyond the store.

It runs nothing. It reads the text more strictly than the grammar does, since the parser behind it takes a keyword
wherever it fits, even glued to a number or a prefix: outside strings, IRIs, variables, comments and local names the
letters of SERVICE may not occur at all. https://www.w3.org/TR/sparql11-query/#sparqlGrammar,
https://www.w3.org/TR/sparql11-federated-query/, https://www.w3.org/TR/sparql11-query/#specifyingDataset
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

from app.vocabulary.errors import BadQuery

MAX_LENGTH = 50_000
"""Characters of a query: longer ones are refused unread."""

# Possessive throughout, and a string that never ends reaches to where the parser would give up: so reading is linear.
_TOKEN = re.compile(
    r"""
      \#[^\n\r]*+                                                              # comment
    | \"{3}(?:\"{0,2}(?:[^"\\]|\\.))*+(?:\"{3}|\Z) | '{3}(?:'{0,2}(?:[^'\\]|\\.))*+(?:'{3}|\Z)  # long strings
    | "(?:[^"\\\n\r]|\\.)*+"? | '(?:[^'\\\n\r]|\\.)*+'?                   # strings
    | (?P<iri><(?:[^<>"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+>)
    | [?$](?P<variable>\w++)
    | @[A-Za-z]++(?:-[A-Za-z0-9]++)*+                                         # language
    | (?P<brace>[{}])
    | (?P<star>\*)
    | (?P<stray>\\)                                                           # stands nowhere else
    | (?P<word>[\w.-]*+)(?P<local>:(?:[\w.:-]|%[0-9A-Fa-f]{2}|\\.)*+)?+       # keyword, number, prefixed name
    """,
    re.VERBOSE | re.DOTALL,
)
_HEADINGS = {"PREFIX", "BASE", "VERSION"}
_UPDATES = {"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"}
_ESCAPED = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})|\\(.)")


@dataclass(frozen=True, slots=True)
class Graphs:
    """The data set of a query: the IRIs of the graphs that make up its default graph, and of its named ones."""

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """What a query is.

    Attributes:
        form: Its first keyword in capitals, such as SELECT; empty where it has none, and then it cannot be parsed.
        graphs: What its FROM clauses name; None where it has none.
        variables: Of SELECT *, all that occur, as they first do, which is the order of its columns; None otherwise.
    """

    form: str
    graphs: Graphs | None
    variables: tuple[str, ...] | None


def check(text: str, prefixes: Mapping[str, str] | None = None, base: str = "") -> Outline:
    """Let a query pass that only reads this store.

    Args:
        text: The query.
        prefixes: Prefixes that it may use without declaring them.
        base: What its relative IRIs are resolved against, as long as it does not say so itself.

    Raises:
        BadQuery: It is too long, would change something, or asks another endpoint.
    """
    if len(text) > MAX_LENGTH:
        raise BadQuery(f"the query is longer than {MAX_LENGTH:,} characters; ask for less at a time")
    form = ""
    variables: dict[str, None] = {}
    # What stands between SELECT and what it selects: nothing, or how.
    is_open, selects_all = False, False
    clauses = _Clauses(dict(prefixes or {}), base)
    for token in _TOKEN.finditer(text):
        word, local = (token["word"] or "").upper(), (token["local"] or "").upper()
        if token["stray"]:
            raise BadQuery("a backslash may stand only in strings, IRIs and local names; write the character itself")
        if "SERVICE" in word or ".SERVICE" in local:
            raise BadQuery("SERVICE is refused: this endpoint asks no other; a prefix of that name must be renamed")
        if not form and word and not local and word not in _HEADINGS:
            form = word
            is_open = form == "SELECT"
            if form in _UPDATES:
                raise BadQuery(f"{form} is refused: this endpoint is read-only; use SELECT, ASK, CONSTRUCT or DESCRIBE")
        elif token["variable"]:
            variables.setdefault(token["variable"])
            is_open = False
        elif token["star"]:
            selects_all = selects_all or is_open
        elif word not in ("", "DISTINCT", "REDUCED") or token["brace"]:
            is_open = False
        clauses.read(token)
    return Outline(form, clauses.graphs, tuple(variables) if selects_all else None)


class _Clauses:
    """Reads declarations and data set clauses as they go by: FROM, not in braces, with or without NAMED."""

    def __init__(self, prefixes: dict[str, str], base: str) -> None:
        self._prefixes = prefixes
        self._base = base
        self._depth = 0
        # What the next IRI belongs to: BASE, FROM, NAMED, or the prefix that it declares (with its colon).
        self._awaits = ""
        self._default: list[str] = []
        self._named: list[str] = []
        self._is_given = False

    @property
    def graphs(self) -> Graphs | None:
        return Graphs(tuple(self._default), tuple(self._named)) if self._is_given else None

    def read(self, token: re.Match[str]) -> None:
        if token["brace"]:
            self._depth += 1 if token["brace"] == "{" else -1
            return
        if token["iri"]:
            if self._awaits:
                self._take(self._resolved(_unescaped(token["iri"][1:-1])))
            return
        word, local = token["word"] or "", token["local"]
        keyword = word.upper()
        if self._awaits == "PREFIX" and local:
            self._awaits = f"{word}:"
        elif keyword in ("PREFIX", "BASE") and not local:
            self._awaits = keyword
        elif keyword == "FROM" and self._depth == 0 and self._awaits != "FROM":
            self._awaits, self._is_given = "FROM", True
            self._name("", local)
        elif keyword == "NAMED" and self._awaits == "FROM":
            self._awaits = "NAMED"
            self._name("", local)
        elif local:
            self._name(word, local)

    def _resolved(self, iri: str) -> str:
        try:
            return urljoin(self._base, iri)
        except ValueError:  # it looks like an address and is none
            return iri

    def _name(self, prefix: str, local: str | None) -> None:
        if local is not None and self._awaits in ("FROM", "NAMED"):
            self._take(self._prefixes.get(prefix, f"{prefix}:") + _unescaped(local[1:]))

    def _take(self, iri: str) -> None:
        match self._awaits:
            case "BASE":
                self._base = iri
            case "FROM":
                self._default.append(iri)
            case "NAMED":
                self._named.append(iri)
            case declared if declared.endswith(":"):
                self._prefixes[declared[:-1]] = iri
            case _:
                return
        self._awaits = ""


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: found[3] or chr(min(int(found[1] or found[2], 16), 0x10FFFF)), text)
