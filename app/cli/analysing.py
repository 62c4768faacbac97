"""Commands on what comes of claims, from `ladder` to `hearsay`, and on where actors stand in them: `centralities`."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

import typer

from app.cli.analysed import (
    print_centralities,
    print_chain,
    print_cycles,
    print_dyad,
    print_flips,
    print_hearsay,
    print_ladder,
    print_mirrors,
    print_responses,
    say,
    sums,
)
from app.cli.filtering import Filters, filtered
from app.cli.session import AsOf, Json, Session, print_json
from app.vocabulary.terms import ClaimType

Limit = Annotated[int, typer.Option(min=1, max=500, help="Most items to print; how many there are is always told.")]
Days = Annotated[int, typer.Option("--within", metavar="DAYS", min=0, max=3660, help="How many days are searched.")]
Turned = Annotated[str | None, typer.Option(metavar="B", help="The accused on whom the position turned.")]


@filtered("rung")
def ladder(filters: Filters, within: Days = 90, as_of: AsOf = None, limit: Limit = 50, as_json: Json = False) -> None:
    """Retaliations by rung, the highest rung of each dyad, and what is reported to have come of each threat."""
    from app.queries.ladder import ladder as ask

    found = ask(Session().graph(as_of), filters.asked(), within, limit)
    print_json(found) if as_json else print_ladder(found)


@filtered("rung")
def responses(
    claim: Annotated[str | None, typer.Argument(metavar="CLAIM", help="An accusation's id; or give filters.")] = None,
    *,
    filters: Filters,
    within: Days = 30,
    by_parties: Annotated[
        bool, typer.Option("--by-parties", help="Claims that share nothing but the parties are responses, too.")
    ] = False,
    as_of: AsOf = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """How and when the accused is reported to have responded to accusations, or silence and what was searched."""
    from app.queries import responses as ask

    graph = Session().graph(as_of)
    if claim is not None:
        one = ask.response(graph, claim, within, by_parties)
        print_json(one) if as_json else print_responses([one.response], "Response to one accusation")
        return
    found = ask.responses(graph, filters.asked(), within, by_parties, limit)
    if as_json:
        print_json(found)
        return
    print_responses(found.responses, "First responses by the accused")
    say(sums(found))


@filtered("no_rollup", "rollup", "voice", "clock", "rung", target=Turned)
def flips(
    filters: Filters,
    turn: Annotated[
        list[str] | None, typer.Option(metavar="T", help="Sort of turn; may come several times (see the reference).")
    ] = None,
    as_of: AsOf = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """Actors that said one thing on who did an incident and later another, with both quotes."""
    from app.queries.stances import checked_turns
    from app.queries.stances import flips as ask

    found = ask(Session().graph(as_of), filters.asked(), checked_turns(turn or ()), limit)
    print_json(found) if as_json else print_flips(found)


@filtered("voice", "rung")
def mirrors(
    filters: Filters,
    within: Days = 30,
    cycles: Annotated[
        bool, typer.Option("--cycles", help="Rings in which each accuses the next, instead of pairs.")
    ] = False,
    length: Annotated[int, typer.Option(min=2, max=4, help="Most actors in a ring.")] = 4,
    least: Annotated[int, typer.Option(min=1, help="Fewest independent texts behind each edge of a ring.")] = 1,
    as_of: AsOf = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """Actors that accuse each other of the same incident or act, both sides with their claims; or rings of them."""
    from app.queries import mirrors as ask

    graph = Session().graph(as_of)
    if cycles:
        rings = ask.cycles(graph, filters.asked(), length, least, limit)
        print_json(rings) if as_json else print_cycles(rings)
    else:
        pairs = ask.mirrors(graph, filters.asked(), within, limit)
        print_json(pairs) if as_json else print_mirrors(pairs)


@filtered("source", "target", "voice", "rung")
def dyad(
    source: Annotated[str, typer.Argument(metavar="A", help="One actor: a name or id.")],
    target: Annotated[str, typer.Argument(metavar="B", help="The other.")],
    filters: Filters,
    unit: Annotated[Literal["day", "week", "month"], typer.Option(help="How long a bin is.")] = "week",
    within: Days = 14,
    lags: Annotated[int, typer.Option(min=0, max=12, help="Longest lag of the correlations, in bins.")] = 4,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """What two actors say of and do to each other over time, both ways: counts, reciprocity, escalation."""
    from app.queries.dyads import dyad as ask

    asked = replace(filters.asked(), source=source, target=target)
    found = ask(Session().graph(as_of), asked, unit, within, lags)
    print_json(found) if as_json else print_dyad(found)


def chain(
    claim: Annotated[str, typer.Argument(metavar="CLAIM", help="A claim's id.")],
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Through whom a claim's words reached the reader, and the weakest link."""
    from app.queries.hearsay import chain as ask

    found = ask(Session().graph(as_of), claim)
    print_json(found) if as_json else print_chain(found)


@filtered("no_rollup", "rollup", "voice", "clock", "rung")
def hearsay(filters: Filters, as_of: AsOf = None, limit: Limit = 50, as_json: Json = False) -> None:
    """How many claims are first hand and how many are not, their weakest links, and who relays most."""
    from app.queries.hearsay import hearsay as ask

    found = ask(Session().graph(as_of), filters.asked(), limit)
    print_json(found) if as_json else print_hearsay(found)


@filtered()
def centralities(
    filters: Filters,
    type: Annotated[
        list[ClaimType] | None, typer.Option("--type", help="Type of claim; may come several times; else all.")
    ] = None,
    by: Annotated[
        Literal["pagerank", "betweenness", "out_degree", "in_degree"], typer.Option(help="What orders the actors.")
    ] = "pagerank",
    top: Annotated[int, typer.Option(min=1, max=500, help="Most actors to print; how many there are is told.")] = 20,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Where actors stand in the web of claims: PageRank, betweenness, in- and out-degree."""
    from app.queries.centralities import centralities as ask

    asked = replace(filters.asked(), types=tuple(type or ()))
    found = ask(Session().graph(as_of), asked, top, by)
    print_json(found) if as_json else print_centralities(found)
