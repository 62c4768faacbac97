"""Commands on receipts: `receipt` (what a claim rests on) and `verify` (whether a receipt is true)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.cli.curating import open_desk
from app.cli.session import AsOf, Json, print_json

if TYPE_CHECKING:
    from app.queries import Receipt
    from app.queries.receipts import Derived
    from app.queries.verifying import Verification

_MARKS = {"pass": "passed", "fail": "FAILED", "not_checked": "not checked"}


def receipt(
    claim: Annotated[str, typer.Argument(help="A claim's id.")], as_of: AsOf = None, as_json: Json = False
) -> None:
    """What a claim rests on: quote, article, what found it, what was decided. With --json, to be verified later."""
    from app.pipeline import fold_ledger, revision_of
    from app.queries import receipt as ask
    from app.vocabulary.errors import NotFound

    with open_desk() as desk:
        graph = desk.graph if as_of is None else fold_ledger(desk.ledger, revision_of(desk.ledger, as_of))
        article = desk.ledger.article(graph.claim(claim).article)
        if article is None:
            raise NotFound(f"the ledger does not hold the article of claim {claim!r}")
        found = ask(graph, claim, article, desk.log)
    if as_json:
        print_json(found)
    else:
        _print_receipt(found)


def verify(
    source: Annotated[str, typer.Argument(metavar="FILE|-", help="A receipt as JSON; - for standard input.")],
    text: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The article's text, in place of the ledger's.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="The article's title, where it is not the receipt's.")] = None,
    as_json: Json = False,
) -> None:
    """Check a receipt against itself, its article and the ledger; exit status 1 where a check fails."""
    import dataclasses

    from app.pipeline import fold_ledger
    from app.queries.verifying import read_receipt
    from app.queries.verifying import verify as ask

    handed = read_receipt(sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes())
    if text is not None:
        # Every character counts, the ends of lines too.
        with text.open(encoding="utf-8", newline="") as lines:
            handed = dataclasses.replace(handed, text=lines.read(), title=title)
    with open_desk() as desk:
        now, made_at = desk.graph, handed.receipt.revision
        then = now if made_at == now.revision else None
        if handed.is_whole and 0 < made_at < now.revision:
            then = fold_ledger(desk.ledger, made_at)
        found = ask(handed, then, now, desk.log, desk.ledger.article(handed.receipt.article))
    if as_json:
        print_json(found)
    else:
        _print_verification(found)
    if not found.passed:
        raise typer.Exit(1)


def _inferred(one: Derived) -> str:
    came = f"{one.told} → " if one.told is not None and one.told != one.is_now else ""
    return f"{one.what.replace('_', ' ')}: {came}{one.is_now or 'unknown'} ({one.how})"


def _print_receipt(found: Receipt) -> None:
    from app.curation import ruling_of

    console = Console(highlight=False)
    claim = found.claim
    table = Table("What", "As the receipt has it", title=f"Receipt of {claim.id}", show_lines=True, expand=True)
    rows = [
        ("quote", f"“{found.quote}”"),
        ("stands at", f"{found.part}[{found.start}:{found.end}] of {found.article}"),
        ("article", " · ".join(one for one in (claim.title, claim.publisher, claim.published, claim.url) if one)),
        ("its SHA-256", found.article_sha256),
        ("found by", f"{found.extractor or 'unknown'}, {found.cue or 'no cue'}, confidence {found.confidence:.2f}"),
        ("said", claim.said or "unknown"),
        ("published", claim.published or "unknown"),
        ("happened", claim.happened or "unknown"),
        ("ingested", claim.ingested or "unknown"),
        (
            "derived",
            "\n".join(_inferred(one) for one in found.derived),
        ),
        *(
            (
                ruling_of(one).replace("_", " "),
                f"{one.by}: {one.reason}" + (f" ({one.score:.2f})" if one.score is not None else "") + f"\n{one.id}",
            )
            for one in (*found.decisions, *found.judgements)
        ),
        ("check", "the quote stands where it should" if found.check.passed else found.check.detail or ""),
        ("digest", found.digest),
    ]
    for name, value in rows:
        table.add_row(name, Text(value))
    console.print(table)


def _print_verification(found: Verification) -> None:
    console = Console(highlight=False)
    table = Table("Check", "Outcome", "What was found", show_lines=True)
    for one in found.checks:
        table.add_row(one.check, _MARKS[one.outcome], Text(one.words))
    console.print(table)
    for row in found.since:
        console.print(
            Text(f"since: {row.kind} by {row.by} at {row.at}: {row.reason} ({row.id}, {row.status})"), soft_wrap=True
        )
    verdict = "No check failed" if found.passed else "The receipt does not hold"
    console.print(
        Text(f"{verdict}; made at revision {found.made_at}, the ledger is at {found.revision}."), soft_wrap=True
    )
