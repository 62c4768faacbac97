"""Pictures say who says what of whom in the phrases of the edges, and say that they do; what is planted is found."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from app import pictures, queries
from app.graph import ConflictGraph

Around = dict[str, Any]


def picture(graph: ConflictGraph, suffix: str, **around: Any) -> str:
    piece = queries.subgraph(graph, **around)
    rows = [queries.claim_row(graph, one) for one in dict.fromkeys(one for edge in piece.edges for one in edge.claims)]
    draw = {"svg": pictures.to_svg, "html": pictures.to_html}[suffix]
    return draw(piece, rows, title="Who accuses whom: Norland & others")


def breaches(rule: Any, body: str, suffix: str, known: Any) -> list[str]:
    if suffix == "html":
        return list(rule.of_html(body, known))
    return list(rule.of_svg(body, known))


def pieces(graph: ConflictGraph) -> list[Around]:
    found: list[Around] = [{}, {"hops": 4, "limit": 1000}, {"actors": ["Norland", "Sudria"]}]
    found += [{"incident": one, "hops": 2} for one in graph.incidents]
    return [*found, {"place": "Kesh", "hops": 3}]


@pytest.mark.parametrize("suffix", ["svg", "html"])
def test_no_picture_breaks_the_rule(graph: ConflictGraph, rule: Any, known: Any, suffix: str) -> None:
    for around in pieces(graph):
        body = picture(graph, suffix, **around)
        assert "accus" in body
        assert breaches(rule, body, suffix, known) == [], around


@pytest.mark.parametrize(
    ("suffix", "written", "planted"),
    [
        ("svg", "Norland accuses Sudria", "Norland attacks Sudria"),
        ("svg", "Norland retaliates against Sudria", "Norland punishes Sudria"),
        ("svg", ">accuses<", ">attacks<"),
        ("svg", pictures.DISCLAIMER, "Edges are findings."),
        ("svg", ">Norland<", ">Victim<"),
        ("svg", "<title>Norland (", "<title>Perpetrator ("),
        ("svg", "· ledger revision", "· proven at revision"),
        ("svg", "claim\n“", "claim\nthe culprit says “"),
        ("svg", ")\n“", ")\nSudria did it.\n“"),
        ("svg", ">Who accuses whom: ", ">Who shelled whom: "),
        ("svg", "</svg>", '<text x="1" y="2">Sudria did it.</text></svg>'),
        ("html", "Norland accuses Sudria", "Norland attacks Sudria"),
        ("html", "<td>accuses</td>", "<td>attacked</td>"),
        ("html", "<th>Towards</th>", "<th>Culprit</th>"),
        ("html", "<q>“", "<q>„"),
        ("html", "<td>retaliates (carried out)</td>", "<td>retaliates (justly)</td>"),
    ],
)
def test_what_is_planted_is_found(
    graph: ConflictGraph, rule: Any, known: Any, suffix: str, written: str, planted: str
) -> None:
    body = picture(graph, suffix)
    if written == "<td>retaliates (carried out)</td>":
        written = next(cell for cell in (written, "<td>retaliates (threatened)</td>") if cell in body)
    assert written in body
    assert breaches(rule, body.replace(written, planted), suffix, known)


def test_a_phrase_that_asserts_is_caught(
    graph: ConflictGraph, rule: Any, known: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    piece = queries.subgraph(graph)
    telling = [msgspec.structs.replace(edge, phrase="attacked") for edge in piece.edges]
    body = pictures.to_svg(msgspec.structs.replace(piece, edges=telling))
    assert list(rule.of_svg(body, known))


def test_a_quote_may_say_what_it_likes(graph: ConflictGraph, rule: Any, known: Any) -> None:
    """Else an article that calls somebody guilty could not be quoted."""
    quotes = [claim.claim.evidence.quote for claim in graph.claims.values()]
    assert any("guilty" in quote for quote in quotes)
    body = picture(graph, "svg", actors=["Sudria"], hops=2)
    assert "the guilty party" in body
    assert breaches(rule, body, "svg", known) == []
