"""Commands by which a person corrects the graph (each adds one row), and those that show what was decided and waits."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.cli.session import AsOf, Json, Session, counted, err, print_json
from app.vocabulary.errors import NotFound

if TYPE_CHECKING:
    from app.curation import Log
    from app.graph import ConflictGraph, Fold
    from app.ledger import Ledger
    from app.queries.review import Doubt, DoubtSide, LogPage, LogRow, ReviewPage
    from app.vocabulary.records import Decision

By = Annotated[str | None, typer.Option(help="Who decides; default: the user's login name.")]
Reason = Annotated[str, typer.Option(help="Why; kept with the decision.")]
Node = Annotated[
    str, typer.Argument(help="An actor's, place's or incident's id or name, or a claim's or mention's id.")
]
Most = Annotated[int, typer.Option(min=1, max=500, help="Most rows to print; how many there are is always told.")]


@dataclass(slots=True)
class Desk:
    """A ledger with its graph and its decisions, read in one go."""

    ledger: Ledger
    fold: Fold
    log: Log

    @property
    def graph(self) -> ConflictGraph:
        """The graph at the newest revision that was read."""
        return self.fold.graph

    def read(self) -> None:
        """Take in what is new in the ledger."""
        self.fold.feed(self.log.noting(self.ledger.entries(self.log.revision, with_text=False)))


@contextmanager
def open_desk() -> Iterator[Desk]:
    """The ledger that the settings name, with its graph and decisions."""
    from app.curation import Log
    from app.graph import Fold

    with Session().open_ledger() as ledger:
        desk = Desk(ledger, Fold(ledger.appended_at), Log(ledger.appended_at))
        desk.read()
        yield desk


def merge(left: Node, right: Node, reason: Reason, by: By = None) -> None:
    """Say that two nodes are the same; of two claims, that they go back to one text."""
    _judge("merge", "same_text", left, right, reason, by)


def split(left: Node, right: Node, reason: Reason, by: By = None) -> None:
    """Say that two nodes are different, so that nothing merges them; of two claims, that their texts are two."""
    _judge("split", "other_text", left, right, reason, by)


def leave(left: Node, right: Node, reason: Reason, by: By = None) -> None:
    """Say that it cannot be told whether two are the same; this takes the pair from the review queue."""
    _judge("leave", "leave", left, right, reason, by)


def correct(
    claim: Annotated[str, typer.Argument(help="A claim's id.")],
    field: Annotated[str, typer.Argument(help="type, modality, date, denial_kind or threat_kind.")],
    reason: Reason,
    value: Annotated[str | None, typer.Argument(help="The new value; left out: unknown.")] = None,
    by: By = None,
) -> None:
    """Set a field of a claim."""
    from app.curation import Ruling, decision

    _decide(
        lambda desk: decision(
            Ruling.CORRECT, claim, field=field, value=value, by=by or getpass.getuser(), reason=reason
        )
    )


def retract(
    subject: Annotated[str, typer.Argument(help="An article's, claim's, incident's or acknowledgement's id.")],
    reason: Reason,
    by: By = None,
) -> None:
    """Leave an article, or something in one, out of the graph; the ledger keeps it."""
    from app.curation import Ruling, decision

    _decide(lambda desk: decision(Ruling.RETRACT, subject, by=by or getpass.getuser(), reason=reason))


def undo(
    taken: Annotated[str, typer.Argument(metavar="DECISION", help="A decision's id.")],
    reason: Reason,
    by: By = None,
) -> None:
    """Take a decision back."""
    from app.curation import Ruling, decision

    _decide(lambda desk: decision(Ruling.UNDO, taken, by=by or getpass.getuser(), reason=reason))


def log(
    subject: Annotated[str | None, typer.Option(metavar="ID", help="Only decisions about this id.")] = None,
    by: Annotated[str | None, typer.Option(help="Only those of this person or linker.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only rulings of this kind, such as merge or correct.")] = None,
    since: Annotated[str | None, typer.Option(metavar="D", help="First day on which they were taken.")] = None,
    until: Annotated[str | None, typer.Option(metavar="D", help="Last such day.")] = None,
    linkers: Annotated[bool, typer.Option("--linkers", help="Linkers' judgements, too.")] = False,
    limit: Most = 50,
    as_json: Json = False,
) -> None:
    """What the ledger holds, and what was decided: by whom, when, why, and whether it applies; newest first."""
    from app.curation import Ruling
    from app.queries.review import LogFilter, log_page
    from app.vocabulary.errors import BadQuery

    if kind is not None and kind not in set(Ruling):
        raise BadQuery(f"there is no ruling {kind!r}; choose {', '.join(Ruling)}")
    asked = LogFilter(by, Ruling(kind) if kind is not None else None, subject, since, until, linkers)
    with open_desk() as desk:
        page = log_page(desk.graph, desk.log, asked, limit)
        held = _held(desk.ledger, page.revision)
    if as_json:
        shown = {"filters": page.filters, "log": page.log, "total": page.total, "orphaned": page.orphaned}
        print_json({**held, **shown})
    else:
        _print_holdings(held)
        _print_decisions(page)


def _held(ledger: Ledger, revision: int) -> dict[str, object]:
    """What the ledger holds, by name."""
    counts = ledger.counts()
    return {
        "ledger": ledger.location,
        "revision": revision,
        "appended_at": ledger.appended_at(revision),
        "articles": counts.articles,
        "readings": counts.readings,
        "claims": counts.claims,
        "decisions": counts.decisions,
        "refusals": counts.refusals,
    }


def _print_holdings(held: dict[str, object]) -> None:
    table = Table("What", "How much")
    for name, value in held.items():
        told = ", ".join(f"{n} {reason}" for reason, n in value.items()) if isinstance(value, dict) else str(value)
        table.add_row(name.replace("_", " "), Text(told))
    Console(highlight=False).print(table)


def _print_decisions(page: LogPage) -> None:
    if page.log:
        _print_log("Decisions, newest first", page.log)
    if page.orphaned:
        _print_log("Decisions that apply to nothing any more", page.orphaned)
    if len(page.log) < page.total:
        Console(highlight=False).print(Text(f"{len(page.log)} of {page.total} shown."))


def review(limit: Most = 20, as_of: AsOf = None, as_json: Json = False) -> None:
    """Pairs of which a linker is unsure, claims on which two extractors differ, and judgements not applied."""
    from app.queries.review import review as ask

    with open_desk() as desk:
        graph = desk.graph if as_of is None else Session().graph(as_of)
        page = ask(graph, desk.log, limit)
    print_json(page) if as_json else _print_review(page)


def _print_review(page: ReviewPage) -> None:
    console = Console(highlight=False)
    for doubt in page.doubts:
        _print_doubt(console, doubt)
    if page.claims:
        _print_doubted(console, page)
    if page.conflicts:
        _print_log("Not applied", page.conflicts)
    differ = f"{counted(page.claims_total, 'claim')} on which extractors differ; " if page.claims_total else ""
    hidden = f"; {page.left_out} about what is retracted or not read any more left out" if page.left_out else ""
    console.print(
        Text(
            f"{counted(page.total, 'pair')} to be judged, {len(page.doubts)} shown; "
            f"{differ}{counted(page.conflicts_total, 'decision')} not applied{hidden}; revision {page.revision}."
        ),
        soft_wrap=True,
    )


def _print_doubted(console: Console, page: ReviewPage) -> None:
    table = Table(title="Claims on which extractors differ", title_justify="left")
    for heading in ("Claim", "Why", "Confidence", "Who, of whom", "Quote"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "Claim")
    for one in page.claims:
        said = one.claim
        whom = f"{said.source} {said.type} {said.target or '…'}"
        cells = (said.id, one.reason, f"{one.confidence:.2f}", whom, said.quote)
        table.add_row(*(Text(cell) for cell in cells))
    console.print(table)
    if len(page.claims) < page.claims_total:
        console.print(Text(f"{len(page.claims)} of {page.claims_total} shown."))


def _judge(ruling: str, of_claims: str, left: str, right: str, reason: str, by: str | None) -> None:
    from app.curation import Ruling, decision

    def act(desk: Desk) -> Decision:
        pair = [_node(desk, name) for name in (left, right)]
        claims = all(name.startswith("clm-") for name in pair)
        word = Ruling(of_claims if claims else ruling)
        return decision(word, pair[0], other=pair[1], by=by or getpass.getuser(), reason=reason)

    _decide(act)


def _decide(act: Callable[[Desk], Decision]) -> None:
    from app.curation import take
    from app.queries.outcomes import Outcomes
    from app.queries.review import log_row, permit

    with open_desk() as desk:
        decision = act(desk)
        permit(desk.graph, decision, desk.log)
        revision = take(desk.ledger, decision)
        desk.read()
        taken = desk.log.of(decision.id)
        assert taken is not None, "what was appended is in the ledger"
        row = log_row(desk.graph, taken, Outcomes(desk.graph, desk.log))
        err.print(f"{decision.id}: {row.kind} by {decision.by}, revision {revision}", soft_wrap=True)
        if row.because is not None:
            err.print(f"{row.status.replace('_', ' ')}, because {row.because}", markup=False, soft_wrap=True)


def _node(desk: Desk, name: str) -> str:
    """The one id with this name: a thing's own name or id first, so that what was merged can be told apart again.

    Raises:
        NotFound: There is none, or there are several.
    """
    if name in desk.graph.claims or desk.log.held([name]):
        return name
    found = _named_in(desk.ledger, name) or desk.graph.named(name)
    if len(found) == 1:
        return found[0]
    told = f"several: {', '.join(found)}" if found else "none"
    raise NotFound(f"{name!r} should name one actor, place or incident, but names {told}")


def _named_in(ledger: Ledger, name: str) -> list[str]:
    """Ids of the ledger's actors and places with this very name."""
    from app.vocabulary.records import Actor, Place, slug

    wanted = slug(name)
    entries = ledger.entries(with_text=False)
    return sorted({entry.id for _, entry in entries if isinstance(entry, Actor | Place) and slug(entry.name) == wanted})


def _print_log(title: str, rows: list[LogRow]) -> None:
    table = Table(title=title, show_lines=True, expand=True)
    table.add_column("Taken", width=19)
    table.add_column("Decision", width=24, overflow="fold")
    table.add_column("Ruling", ratio=3, overflow="fold")
    table.add_column("By, and why", ratio=2, overflow="fold")
    for row in rows:
        ruling = Text(f"{row.kind} {_named(row.subject, row.subject_label)}")
        if row.object is not None:
            ruling.append(f"\nand {_named(row.object, row.object_label)}")
        if row.field is not None:
            ruling.append(f"\n{row.field}: {row.value if row.value is not None else 'unknown'}")
        standing = row.status.replace("_", " ") + (f", because {row.because}" if row.because is not None else "")
        ruling.append(f"\n{standing}", style="dim" if row.status == "applied" else "")
        score = f" ({row.score:.2f})" if row.score is not None else ""
        table.add_row((row.at or "")[:19], row.id, ruling, Text(f"{row.by}{score}: {row.reason}"))
    Console(highlight=False).print(table)


def _named(name: str, label: str | None) -> str:
    return name if label is None else f"{name} ({label})"


def _print_doubt(console: Console, doubt: Doubt) -> None:
    score = f" ({doubt.score:.2f})" if doubt.score is not None else ""
    title = Text(f"{doubt.by}{score}: {doubt.reason}")
    table = Table(title=title, title_justify="left", expand=True)
    sides = (doubt.left, doubt.right)
    for side in sides:
        table.add_column(Text(side.id), ratio=1, overflow="fold")
    table.add_row(*(Text(_described(side)) for side in sides))
    console.print(table)


def _described(side: DoubtSide) -> str:
    lines = [side.label, "; ".join(side.types), ", ".join(one for one in (side.place, side.country, side.date) if one)]
    for claim in side.claims:
        about = " · ".join(one for one in (claim.said, claim.publisher) if one)
        lines.append(f"\n“{claim.quote}”\n{about}")
    if len(side.claims) < side.claims_total:
        lines.append(f"\n{len(side.claims)} of {counted(side.claims_total, 'claim')}")
    return "\n".join(line for line in lines if line)
