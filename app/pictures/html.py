"""A picture and its claims in, one HTML file out with the quotes as a table; it runs no script and loads nothing."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from urllib.parse import urlsplit

from app.pictures.layout import Layouter, lay_out
from app.pictures.svg import to_svg
from app.pictures.view import DISCLAIMER, ClaimView, SubgraphView, legal

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 90rem; padding: 1rem; color: #1b1f24;
       background: #fff; }
figure { margin: 0; overflow-x: auto; }
svg { max-width: 100%; height: auto; }
table { border-collapse: collapse; width: 100%; margin-top: 1.5rem; }
caption { text-align: left; font-weight: bold; padding: .4rem 0; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid #d5d9de; }
q { quotes: none; }
td.when { white-space: nowrap; }
"""


def to_html(
    piece: SubgraphView,
    claims: Iterable[ClaimView],
    *,
    title: str = "Who accuses whom",
    layouter: Layouter = lay_out,
) -> str:
    """The file's text; `layouter` decides where nodes lie."""
    rows = list(claims)
    table = "\n".join(_row(claim) for claim in rows)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{_text(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<figure>{to_svg(piece, rows, title=title, layouter=layouter)}</figure>
<table>
<caption>{len(rows)} claims behind the edges, each with the words that make it. {DISCLAIMER}</caption>
<thead><tr><th>Said on</th><th>Speaker</th><th>For</th><th>Claim</th><th>Towards</th><th>About</th><th>Words</th>
<th>Read in</th></tr></thead>
<tbody>
{table}
</tbody>
</table>
</body>
</html>
"""


def _row(claim: ClaimView) -> str:
    kind = str(claim.type) if claim.modality == "asserted" else f"{claim.type} ({claim.modality.replace('_', ' ')})"
    cells = [claim.speaker, claim.source, kind, claim.target or "", claim.incident_label or ""]
    return (
        f'<tr id="{_text(claim.id)}"><td class="when">{_text(claim.date or claim.published or "")}</td>'
        + "".join(f"<td>{_text(cell)}</td>" for cell in cells)
        + f"<td><q>“{_text(claim.evidence.quote)}”</q></td><td>{_read_in(claim)}</td></tr>"
    )


def _read_in(claim: ClaimView) -> str:
    words = _text(", ".join(part for part in (claim.title, claim.publisher) if part))
    # Only web addresses become links: an article's address comes from outside and could hold a script.
    if claim.url and urlsplit(claim.url).scheme in ("http", "https"):
        return f'<a href="{_text(claim.url)}" rel="noreferrer">{words or _text(claim.url)}</a>'
    return words


def _text(text: str) -> str:
    return escape(legal(text))
