"""The filters of claims as options, declared once: a command with a parameter `filters` in, one with options out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from app.vocabulary.terms import Clock, Rollup, Rung, Voice

if TYPE_CHECKING:
    from app.queries import ClaimFilter

Command = Callable[..., None]
Since = Annotated[str | None, typer.Option(metavar="D", help="First day: YYYY, YYYY-MM or YYYY-MM-DD.")]
Until = Annotated[str | None, typer.Option(metavar="D", help="Last day.")]
ClockOption = Annotated[Clock, typer.Option("--clock", help="Which of a claim's times --since and --until look at.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which claims a command is asked about; the options in the order in which its help tells them."""

    source: Annotated[
        str | None, typer.Option(metavar="A", help="Who accuses, denies or retaliates: a name or id.")
    ] = None
    target: Annotated[str | None, typer.Option(metavar="B", help="Against whom.")] = None
    since: Since = None
    until: Until = None
    place: Annotated[
        str | None, typer.Option(metavar="P", help="Where the incident is reported: name, id or ISO3.")
    ] = None
    incident: Annotated[str | None, typer.Option(metavar="I", help="An incident's id.")] = None
    publisher: Annotated[str | None, typer.Option(metavar="P", help="The outlet.")] = None
    min_confidence: Annotated[
        float | None, typer.Option(metavar="X", min=0, max=1, help="Least confidence, 0 to 1.")
    ] = None
    no_rollup: Annotated[
        bool, typer.Option("--no-rollup", help="Only what the actor itself says; as --rollup off.")
    ] = False
    rollup: Annotated[
        Rollup, typer.Option("--rollup", help="Whether claims by and against an actor's parts count for it, too.")
    ] = Rollup.FULL
    voice: Annotated[Voice | None, typer.Option("--voice", help="Whether A must be the speaker or represented.")] = None
    clock: ClockOption = Clock.SAID
    rung: Annotated[Rung | None, typer.Option("--rung", help="For retaliations, the least rung of the ladder.")] = None

    def asked(self) -> ClaimFilter:
        """The filter for `queries`; each option but `--no-rollup` is the field of that name."""
        from app.queries import ClaimFilter

        given = {one.name: getattr(self, one.name) for one in fields(self)}
        if given.pop("no_rollup"):
            given["rollup"] = Rollup.OFF
        return ClaimFilter(**given)


def filtered(*without: str, **instead: object) -> Callable[[Command], Command]:
    """Gives a command the options of `Filters` where it has the parameter `filters`.

    Args:
        without: Filters that the command does not take.
        instead: Filters that it declares in words of its own.
    """

    def expand(command: Command) -> Command:
        told = get_type_hints(Filters, include_extras=True) | instead
        options = [
            Parameter(one.name, Parameter.KEYWORD_ONLY, default=one.default, annotation=told[one.name])
            for one in fields(Filters)
            if one.name not in without
        ]
        parameters: list[Parameter] = []
        for one in signature(command, eval_str=True).parameters.values():
            parameters += options if one.name == "filters" else [one.replace(kind=Parameter.KEYWORD_ONLY)]

        @wraps(command)
        def run(**given: object) -> None:
            filters: dict[str, Any] = {one.name: given.pop(one.name) for one in options if one.name in given}
            command(filters=Filters(**filters), **given)

        # What typer reads.
        run.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
        return run

    return expand
