"""Commands by which a person corrects the graph: merge, split, correct, retract, undo; each adds one row."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.session import Session, err
from app.vocabulary.errors import BadQuery, NotFound
from app.vocabulary.terms import MODALITIES, Modality

if TYPE_CHECKING:
    from app.graph import ConflictGraph
    from app.ledger import Ledger
    from app.vocabulary.records import Claim, Decision

By = Annotated[str | None, typer.Option(help="Who decides; default: the user's login name.")]
Reason = Annotated[str, typer.Option(help="Why; kept with the decision.")]
Node = Annotated[str, typer.Argument(help="An actor's, place's or incident's id or name.")]


def add_curation(app: typer.Typer) -> None:
    """Add the commands."""

    @app.command()
    def merge(left: Node, right: Node, reason: Reason, by: By = None) -> None:
        """Say that two nodes are the same."""
        from app import curation

        _decide(lambda ledger, graph: curation.merge(
            ledger, _node(ledger, graph, left), _node(ledger, graph, right), by=_who(by), reason=reason
        ))  # fmt: skip

    @app.command()
    def split(left: Node, right: Node, reason: Reason, by: By = None) -> None:
        """Say that two nodes are different; nothing can merge them through a chain."""
        from app import curation

        _decide(lambda ledger, graph: curation.split(
            ledger, _node(ledger, graph, left), _node(ledger, graph, right), by=_who(by), reason=reason
        ))  # fmt: skip

    @app.command()
    def correct(
        claim: Annotated[str, typer.Argument(help="A claim's id.")],
        field: Annotated[str, typer.Argument(help="type, modality, date or denial_kind.")],
        reason: Reason,
        value: Annotated[str | None, typer.Argument(help="The new value; left out: unknown.")] = None,
        by: By = None,
    ) -> None:
        """Set a field of a claim."""
        from app import curation

        def act(ledger: Ledger, graph: ConflictGraph) -> Decision:
            _check_pair(graph.claim(claim).claim, field, value)
            return curation.correct(ledger, claim, field, value, by=_who(by), reason=reason)

        _decide(act)

    @app.command()
    def retract(
        subject: Annotated[str, typer.Argument(help="An article's or claim's id.")], reason: Reason, by: By = None
    ) -> None:
        """Leave an article or claim out of the graph; the ledger keeps it."""
        from app import curation

        def act(ledger: Ledger, graph: ConflictGraph) -> Decision:
            if subject not in graph.articles and subject not in graph.claims:
                raise NotFound(f"no article or claim has the id {subject!r}")
            return curation.retract(ledger, subject, by=_who(by), reason=reason)

        _decide(act)

    @app.command()
    def undo(decision: Annotated[str, typer.Argument(help="A decision's id.")], reason: Reason, by: By = None) -> None:
        """Take a decision back."""
        from app import curation
        from app.vocabulary.records import Decision as Row

        def act(ledger: Ledger, graph: ConflictGraph) -> Decision:
            if not any(isinstance(entry, Row) and entry.id == decision for _, entry in ledger.entries(with_text=False)):
                raise NotFound(f"no decision has the id {decision!r}")
            return curation.undo(ledger, decision, by=_who(by), reason=reason)

        _decide(act)


def _decide(act: Callable[[Ledger, ConflictGraph], Decision]) -> None:
    from app.graph import fold

    with Session().open_ledger() as ledger:
        decision = act(ledger, fold(ledger.entries(with_text=False)))
        err.print(f"{decision.id}: {decision.kind} by {decision.by}, revision {ledger.revision}")


def _who(by: str | None) -> str:
    return by or getpass.getuser()


def _check_pair(claim: Claim, field: str, value: str | None) -> None:
    """Refuse a type and modality that do not go together: no graph could be folded from such a ledger any more.

    Raises:
        BadQuery: They do not.
    """
    type_ = value if field == "type" else claim.type
    modality = value if field == "modality" else claim.modality
    for known, allowed in MODALITIES.items():
        if known == type_ and modality in set(Modality) and modality not in allowed:
            choice = " or ".join(allowed)
            raise BadQuery(f"a claim that {known} is {choice}, not {modality}; retract it where nothing fits")


def _node(ledger: Ledger, graph: ConflictGraph, name: str) -> str:
    """The one id with this name: a thing's own name or id first, so that what was merged can be told apart again.

    Raises:
        NotFound: There is none, or there are several.
    """
    found = _named_in(ledger, name) or graph.named(name)
    if len(found) == 1:
        return found[0]
    told = f"several: {', '.join(found)}" if found else "none"
    raise NotFound(f"{name!r} should name one actor, place or incident, but names {told}")


def _named_in(ledger: Ledger, name: str) -> list[str]:
    """Ids of the ledger's records with this id, else of its actors and places with this very name."""
    from app.vocabulary.records import Actor, Place, Reading, slug

    wanted = slug(name)
    named: set[str] = set()
    for _, entry in ledger.entries(with_text=False):
        match entry:
            case Actor() | Place():
                if entry.id == name:
                    return [name]
                if slug(entry.name) == wanted:
                    named.add(entry.id)
            case Reading():
                if name in {one.id for one in entry.incidents} | {one.id for one in entry.mentions}:
                    return [name]
            case _:
                pass
    return sorted(named)
