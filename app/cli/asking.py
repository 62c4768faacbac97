"""Commands that ask: `accusations`, `denials`, `retaliations`, `thread`, `incident`, and lists of what there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.cli.filtering import Filters, filtered
from app.cli.session import AsOf, Json, Session, counted, print_json
from app.vocabulary.terms import ClaimType

if TYPE_CHECKING:
    from app.graph import ConflictGraph
    from app.queries import ClaimFilter, ClaimPage, ClaimRow, IncidentView, Thread
    from app.queries.attribution_rows import Stance

Limit = Annotated[
    int, typer.Option(min=1, max=100_000, help="Most claims to print; how many there are is always told.")
]
Question = Callable[["ConflictGraph", "ClaimFilter", int, "str | None"], "ClaimPage"]


@filtered()
def accusations(filters: Filters, as_of: AsOf = None, limit: Limit = 1000, as_json: Json = False) -> None:
    """The accusations between actors, each with the sentence that says so."""
    from app.queries import accusations as ask

    page = all_pages(ask, Session().graph(as_of), filters.asked(), limit)
    print_json(page) if as_json else _print_page(page, "accusation")


@filtered()
def denials(filters: Filters, as_of: AsOf = None, limit: Limit = 1000, as_json: Json = False) -> None:
    """The denials between actors, each with the sentence that says so."""
    from app.queries import denials as ask

    page = all_pages(ask, Session().graph(as_of), filters.asked(), limit)
    print_json(page) if as_json else _print_page(page, "denial")


@filtered()
def retaliations(filters: Filters, as_of: AsOf = None, limit: Limit = 1000, as_json: Json = False) -> None:
    """The retaliations between actors, each with the sentence that says so."""
    from app.queries import retaliations as ask

    page = all_pages(ask, Session().graph(as_of), filters.asked(), limit)
    print_json(page) if as_json else _print_page(page, "retaliation")


def thread(
    claim: Annotated[str, typer.Argument(help="A claim's id.")], as_of: AsOf = None, as_json: Json = False
) -> None:
    """The dispute a claim belongs to: what it answers and what answers it, across articles, and why."""
    from app import queries

    found = queries.thread(Session().graph(as_of), claim)
    print_json(found) if as_json else _print_thread(found)


def incident(
    incident_id: Annotated[str, typer.Argument(metavar="ID", help="An incident's id.")],
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """An incident: where and when it is reported, and who affirms or rejects whose responsibility."""
    from app import queries

    found = queries.incident(Session().graph(as_of), incident_id)
    print_json(found) if as_json else _print_incident(found)


def actors(
    query: Annotated[str | None, typer.Argument()] = None,
    as_of: AsOf = None,
    as_json: Json = False,
    limit: Limit = 100,
) -> None:
    """Actors by name, with how many claims they make and face."""
    from app import queries

    page = queries.actors(Session().graph(as_of), query, limit=limit)
    if as_json:
        print_json(page)
        return
    rows = [
        (row.name, str(row.kind), row.country or "", str(row.said.all), str(row.faced.all), row.id)
        for row in page.actors
    ]
    _print_rows(("Actor", "Kind", "Country", "Claims made", "Claims faced", "Id"), rows, page.total)


def places(
    query: Annotated[str | None, typer.Argument()] = None,
    as_of: AsOf = None,
    as_json: Json = False,
    limit: Limit = 100,
) -> None:
    """Places by name."""
    from app import queries

    page = queries.places(Session().graph(as_of), query, limit=limit)
    if as_json:
        print_json(page)
        return
    rows = [(row.name, row.country or "", row.precision, str(row.incidents), row.id) for row in page.places]
    _print_rows(("Place", "Country", "Precision", "Incidents reported", "Id"), rows, page.total)


def incidents(
    query: Annotated[str | None, typer.Argument()] = None,
    as_of: AsOf = None,
    as_json: Json = False,
    limit: Limit = 100,
) -> None:
    """Incidents by type, place or date."""
    from app import queries

    page = queries.incidents(Session().graph(as_of), query, limit=limit)
    if as_json:
        print_json(page)
        return
    rows = [(row.label, row.country or "", row.date or "", str(row.claims), row.id) for row in page.incidents]
    _print_rows(("Incident as reported", "Country", "Date", "Claims", "Id"), rows, page.total)


def all_pages(ask: Question, graph: ConflictGraph, asked: ClaimFilter, limit: int) -> ClaimPage:
    """The first `limit` claims of an answer, as one page."""
    import msgspec

    page = ask(graph, asked, min(limit, 500), None)
    rows, following = page.claims, page.next
    while following is not None and len(rows) < limit:
        more = ask(graph, asked, min(limit - len(rows), 500), following)
        rows, following = [*rows, *more.claims], more.next
    return msgspec.structs.replace(page, claims=rows, next=following)


def _print_page(page: ClaimPage, noun: str) -> None:
    _print_claims(f"{noun}s".capitalize(), page.claims)
    counts = page.counts
    said = (
        f"{counted(counts.claims, noun)} in {counted(counts.articles, 'article')} "
        f"of {counted(counts.publishers, 'publisher')}, {counted(counts.lineages, 'lineage')}"
    )
    if page.narrower:
        said += f"; {counted(page.narrower, 'narrower denial')} by a part is shown and not counted"
    more = f"; the first {len(page.claims)} are shown" if len(page.claims) < page.total else ""
    undated = f"; {page.undated_left_out} without a date left out" if page.undated_left_out else ""
    Console(highlight=False).print(Text(f"{said}, revision {page.revision}{more}{undated}."))


_VERBS = {
    ClaimType.ACCUSES: "accuses",
    ClaimType.DENIES: "denies, to",
    ClaimType.RETALIATES: "retaliates against",
}


def _print_claims(title: str, rows: list[ClaimRow] | tuple[ClaimRow, ...]) -> None:
    console = Console(highlight=False)
    table = Table(title=title, show_lines=True, expand=True)
    table.add_column("Said", no_wrap=True)
    # As wide as a claim's id, which is there to be copied.
    table.add_column("Claim", width=24, overflow="fold")
    table.add_column("In the article's words", ratio=6)
    table.add_column("Publisher", ratio=2, min_width=9, overflow="fold")
    for row in rows:
        who = row.source if row.speaker == row.source else f"{row.source} ({row.speaker})"
        standing = str(row.rung or row.modality)
        modality = "" if standing == "asserted" else f" [{standing.replace('_', ' ')}]"
        if row.scope is not None:
            modality += f" [{row.scope}: not {row.source}'s own]"
        against = row.target or "nobody named"
        claim = Text(f"{who} {_VERBS[row.type]} {against}{modality}\n")
        claim.append(f"{row.id} · {row.confidence:.2f}", style="dim")
        table.add_row(
            row.date or row.published or "", claim, Text(f"“{row.evidence.quote}”"), Text(row.publisher or "")
        )
    console.print(table)


def _print_thread(found: Thread) -> None:
    _print_claims("Thread", found.claims)
    console = Console()
    for link in found.links:
        narrower = f"; {link.narrower} for itself alone" if link.narrower is not None else ""
        told = f"{link.start} {link.link} {link.end} — {link.basis}: {link.why} ({link.confidence:.2f}){narrower}"
        console.print(Text(told), soft_wrap=True)
    for answer in found.incidents:
        told = f"{answer.claim} answers the incident {answer.incident_label} ({answer.incident})"
        console.print(Text(told), soft_wrap=True)
    for one in found.acknowledgements:
        kind = one.kind.replace("_", " ")
        told = f"{one.actor}: {kind} as reported in “{one.evidence.quote}” ({one.id})"
        console.print(Text(told), soft_wrap=True)
    for end in found.open_ends:
        told = f"{end.claim} has no answer by {end.accused} in {counted(end.searched, 'article')}"
        console.print(Text(told), soft_wrap=True)
    if found.truncated:
        console.print(Text("There are more claims than are shown."))


def _print_rows(header: tuple[str, ...], rows: Sequence[tuple[str, ...]], total: int) -> None:
    console = Console(highlight=False)
    table = Table(*header)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)
    if len(rows) < total:
        console.print(Text(f"{len(rows)} of {total} shown."))


def _stance(stance: Stance) -> str:
    """A source with how its claims came into the row, where they do not speak of the actor itself."""
    marks = [] if stance.scope == "direct" else [f"{stance.scope}: {stance.through}"]
    marks += ["withdrawn"] if stance.withdrawn else []
    return f"{stance.source} ({', '.join(marks)})" if marks else stance.source


def _print_incident(found: IncidentView) -> None:
    """An incident with its attribution table: who affirms and who rejects, never who is right."""
    console = Console(highlight=False)
    console.print(Text(f"{found.incident.label} — as reported in {counted(len(found.reported_in), 'article')}"))
    console.print(Text(f"Status: {found.status.replace('_', ' ')}. {found.because}"))
    table = Table(
        "Actor", "Responsibility affirmed by", "Rejected by", "Acknowledged by", "Status", title="Who says who did it"
    )
    for row in found.attribution:
        sides = [", ".join(dict.fromkeys(map(_stance, side))) for side in (row.affirming, row.rejecting)]
        owned = ", ".join(one.source for one in (*row.self_claims, *row.admissions))
        table.add_row(*(Text(cell) for cell in (row.actor, *sides, owned, row.status.replace("_", " "))))
    console.print(table)
    _print_claims("Claims about it", found.claims)
