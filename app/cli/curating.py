"""Commands by which a person corrects the graph: merge, split, correct, retract, undo; each is one row of the ledger."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.session import Session, err
from app.vocabulary.errors import NotFound

if TYPE_CHECKING:
    from app.graph import ConflictGraph
    from app.ledger import Ledger
    from app.vocabulary.records import Decision

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
            ledger, _node(graph, left), _node(graph, right), by=_who(by), reason=reason
        ))  # fmt: skip

    @app.command()
    def split(left: Node, right: Node, reason: Reason, by: By = None) -> None:
        """Say that two nodes are different; nothing can merge them through a chain."""
        from app import curation

        _decide(lambda ledger, graph: curation.split(
            ledger, _node(graph, left), _node(graph, right), by=_who(by), reason=reason
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

        _decide(lambda ledger, graph: curation.correct(
            ledger, graph.claim(claim).id, field, value, by=_who(by), reason=reason
        ))  # fmt: skip

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


def _node(graph: ConflictGraph, name: str) -> str:
    """The one node with this id or name.

    Raises:
        NotFound: There is none, or there are several.
    """
    found = graph.named(name)
    if len(found) == 1:
        return found[0]
    told = f"several: {', '.join(found)}" if found else "none"
    raise NotFound(f"{name!r} should name one actor, place or incident, but names {told}")
