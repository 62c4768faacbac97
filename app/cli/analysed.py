"""Answers on claims over time in, tables and one line of sums out; each says what is reported, and by how many."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.cli.session import counted

if TYPE_CHECKING:
    from app.queries import ClaimRow, Counts
    from app.queries.centralities import Centralities
    from app.queries.coverage import Searched
    from app.queries.dyads import Dyad, Flow
    from app.queries.hearsay import Chain, Hearsay
    from app.queries.ladder import FollowThrough, Ladder
    from app.queries.lags import Lag
    from app.queries.mirrors import Cycles, Mirrors
    from app.queries.responses import ResponseRow, Responses
    from app.queries.stances import Histories, StanceRow


def print_ladder(found: Ladder) -> None:
    """Rungs, dyads, and what came of threats."""
    _table(
        "Retaliations by rung, as articles report them",
        ("Rung", "Claims", "Articles", "Publishers", "Independent texts"),
        [(_words(row.rung), *_numbers(row.counts)) for row in found.rungs],
    )
    _table(
        "The highest rung of each dyad",
        ("Against whom", "Highest rung", "First said", "Claim"),
        [
            (f"{row.source} → {row.target or 'nobody named'}", _words(row.highest), row.first_said or "", row.claim)
            for row in found.dyads
        ],
    )
    _table(
        f"What is reported to have come of threats within {found.within} days",
        ("Said", "Threat", "Outcome", "Days", "Basis"),
        [_threat(row) for row in found.threats],
    )
    sums = ", ".join(f"{row.counts.claims} {_words(row.outcome)}" for row in found.outcomes)
    say(f"{counted(found.total, 'threat')}: {sums}; revision {found.revision}.{_more(len(found.threats), found.total)}")


def _threat(row: FollowThrough) -> tuple[str, ...]:
    said = f"{_who(row.threat)} [{_words(row.threat.rung or '')}]\n“{row.threat.evidence.quote}”"
    paired = row.carried_out
    if paired is None:
        return (row.threat.said or "", said, _words(row.outcome), "", f"{_words(row.why)}\n{_looked(row.searched)}")
    outcome = f"reported as {_words(row.outcome)}\n“{paired.claim.evidence.quote}”"
    return (row.threat.said or "", said, outcome, _days(paired.lag), _words(paired.basis))


def print_responses(rows: Iterable[ResponseRow], title: str) -> None:
    """Accusations with the first response to each."""
    table = []
    for row in rows:
        said = f"{_who(row.accusation)}\n“{row.accusation.evidence.quote}”"
        if row.first is None:
            table.append((row.accusation.said or "", said, _words(row.status), "", _looked(row.searched)))
        else:
            words = f"{row.first.actor}: {_words(row.first.kind)}\n“{row.first.evidence.quote}”"
            table.append((row.accusation.said or "", said, words, _days(row.first.lag), _words(row.first.basis)))
    _table(title, ("Said", "Accusation", "First response", "Days", "Basis, or what was searched"), table)


def sums(found: Responses) -> str:
    """How many accusations were answered, and how soon."""
    parts = ", ".join(f"{row.counts.claims} {_words(row.status)}" for row in found.statuses if row.counts.claims)
    days = found.latency
    latency = f"; median {days.median:g} days over {days.exact} with exact dates" if days.median is not None else ""
    more = _more(len(found.responses), found.total)
    return f"{counted(found.total, 'accusation')}: {parts or 'none'}{latency}; revision {found.revision}.{more}"


def print_flips(found: Histories) -> None:
    """Turns with what was said before and after."""
    from app.queries.stances import TURNS

    _table(
        "Turns of position on who did it",
        ("Actor", "Incident as reported", "Turn", "Before", "After", "Days"),
        [
            (
                one.actor,
                one.incident_label,
                TURNS[flip.turn],
                _stance(flip.before),
                _stance(flip.after),
                _days(flip.lag),
            )
            for one in found.histories
            for flip in one.flips
        ],
    )
    more = _more(len(found.histories), found.total)
    say(f"{counted(found.flips, 'turn')} in what was said on incidents; revision {found.revision}.{more}")


def _stance(row: StanceRow) -> str:
    about = f" {row.about}" if row.about is not None and row.about_id != row.actor_id else ""
    ground = f" [{_words(row.denial_kind)}]" if row.denial_kind is not None else ""
    by = f" by {row.actor}" if row.scope == "part" else ""
    return f"{row.said or 'no day'}: {_words(row.stance)}{about}{ground}{by}\n“{row.evidence.quote}”"


def print_mirrors(found: Mirrors) -> None:
    """Pairs with both sides."""
    rows = []
    for one in found.mirrors:
        sides = [
            f"{side.source} accuses {side.target}: {counted(side.counts.claims, 'claim')}, "
            f"{counted(side.counts.lineages, 'independent text')}\n“{side.claims[0].evidence.quote}”"
            for side in one.sides
        ]
        share = f"{one.share:.1%} of {one.said_in_window}" if one.share is not None else ""
        rows.append((one.incident_label or one.act or "", *sides, _days(one.gap), share))
    _table(
        "Accusations that face each other",
        ("Over", "One side", "The other", "Days apart", "Share of all claims then"),
        rows,
    )
    say(f"{counted(found.total, 'pair')}; revision {found.revision}.{_more(len(found.mirrors), found.total)}")


def print_cycles(found: Cycles) -> None:
    """Rings."""
    _table(
        "Rings in which each accuses the next",
        ("Ring", "Independent texts behind the weakest edge", "Share of all accusations"),
        [
            (
                " → ".join((*(edge.source for edge in one.edges), one.edges[0].source)),
                str(one.weakest),
                f"{one.share:.1%}",
            )
            for one in found.cycles
        ],
    )
    cut = " The search was broken off: there may be more." if found.truncated else ""
    say(f"{counted(found.total, 'ring')}; revision {found.revision}.{_more(len(found.cycles), found.total)}{cut}")


def print_dyad(found: Dyad) -> None:
    """Bins, reciprocity and correlations."""
    forth, back = found.filters.source, found.filters.target
    _table(
        f"{forth} and {back}, by {found.unit}",
        ("From", f"{forth} → {back}", f"{back} → {forth}"),
        [(one.start, _flow(one.forth), _flow(one.back)) for one in found.bins],
    )
    for row in found.reciprocated:
        first, second = (forth, back) if row.direction == "forth" else (back, forth)
        share = f"{row.share:.0%}" if row.share is not None else "no figure"
        say(
            f"{first} → {second} followed within {row.within} days by {second} → {first}: {share} "
            f"({row.reciprocated} of {row.considered}; {row.open} too late to tell, {row.inexact} without a day)"
        )
    for one in found.correlations:
        ends = (back, forth) if one.follower == "back" else (forth, back)
        band = f"95 % band {one.low:+.2f} to {one.high:+.2f}, {one.pairs} bins"
        say(f"correlation, {ends[0]} → {ends[1]} {counted(one.lag, found.unit)} later: {one.r:+.2f} ({band})")
    if found.no_correlation is not None:
        say(f"no correlation: {found.no_correlation}")
    say(
        f"{counted(found.forth.all.claims, 'claim')} forth, {found.back.all.claims} back; "
        f"{found.undated} without a date, {found.too_coarse} dated too coarsely, "
        f"{counted(found.narrower, 'narrower denial')} not counted; "
        f"revision {found.revision}."
    )


def _flow(flow: Flow) -> str:
    parts = [
        counted(counts.claims, noun)
        for noun, counts in (("accusation", flow.accuses), ("denial", flow.denies), ("retaliation", flow.retaliates))
        if counts.claims
    ]
    highest = f" (highest: {_words(flow.highest)})" if flow.highest is not None else ""
    return ", ".join(parts) + highest


def print_chain(found: Chain) -> None:
    """The hands of one claim."""
    _table(
        "From the reader inwards",
        ("Hand", "Name", "Strength"),
        [(_words(link.role), link.name or "not named", link.strength) for link in found.links],
    )
    hands = "first hand" if not found.depth else f"{counted(found.depth, 'relay')} between outlet and speaker"
    weak = found.weakest
    link = f"weakest link: {_words(weak.role)} {weak.name or 'not named'} ({weak.strength})" if weak else "no weak link"
    say(f"“{found.claim.evidence.quote}”")
    say(f"{hands}; {link}.")


def print_hearsay(found: Hearsay) -> None:
    """Depths, weakest links and relays."""
    _table(
        "Relays between outlet and speaker",
        ("Relays", "Claims", "Articles", "Publishers", "Independent texts"),
        [(str(row.depth), *_numbers(row.counts)) for row in found.depths],
    )
    _table(
        "Weakest link",
        ("Strength", "Hand", "Claims", "Articles", "Publishers", "Independent texts"),
        [
            *((row.strength, _words(row.role), *_numbers(row.counts)) for row in found.weakest),
            ("all known", "", *_numbers(found.all_known)),
        ],
    )
    if found.relays:
        _table("Who relays", ("Relay", "Claims"), [(row.relay, str(row.counts.claims)) for row in found.relays])
    say(f"{found.relayed} of {counted(found.total, 'claim')} not first hand; revision {found.revision}.")


def print_centralities(found: Centralities) -> None:
    """Actors with their measures."""
    _table(
        f"Where actors stand in what articles report, by {_words(found.by)}",
        ("Actor", "PageRank", "Betweenness", "Out", "In", "Texts by", "Texts against"),
        [
            (
                one.label,
                f"{one.pagerank:.4f}",
                f"{one.betweenness:.4f}",
                *map(str, (one.out_degree, one.in_degree, one.texts_by, one.texts_against)),
            )
            for one in found.actors
        ],
    )
    looked = (
        f"; betweenness among the {found.ties_looked_at} of most texts" if found.ties_looked_at < found.ties else ""
    )
    say(
        f"{counted(found.all_actors, 'actor')} with {counted(found.ties, 'tie')}{looked}; {found.without_target} of "
        f"{counted(found.total, 'claim')} name nobody else as target; revision {found.revision}."
        f"{_more(len(found.actors), found.all_actors)}"
    )


def _table(title: str, header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    table = Table(*header, title=title, show_lines=True)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console(highlight=False).print(table)


def say(line: str) -> None:
    """One line."""
    Console(highlight=False).print(Text(line))


def _more(shown: int, total: int) -> str:
    return f" The first {shown} are shown." if shown < total else ""


def _who(row: ClaimRow) -> str:
    return f"{row.source} → {row.target or 'nobody named'}"


def _numbers(counts: Counts) -> tuple[str, ...]:
    return (str(counts.claims), str(counts.articles), str(counts.publishers), str(counts.lineages))


def _days(found: Lag | None) -> str:
    if found is None:
        return ""
    return str(found.least) if found.least == found.most else f"{found.least}–{found.most}"


def _looked(found: Searched | None) -> str:
    if found is None:
        return ""
    return (
        f"searched {found.since} to {found.until}: {counted(found.articles, 'article')} of "
        f"{counted(found.publishers, 'publisher')}, {found.naming_articles} with claims by or against the actor"
    )


def _words(term: str) -> str:
    return str(term).replace("_", " ")
