"""Filters, declared once: what a command's help offers, and what reaches the query."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from app.cli.filtering import Filters, filtered
from app.queries import ClaimFilter
from app.vocabulary.terms import Clock, Rollup, Rung, Voice

Heard = tuple[str, ClaimFilter, int]

EVERY = {
    "source": "Norvania",
    "target": "Sudria",
    "since": "2031",
    "until": "2031-05",
    "place": "Selm",
    "incident": "inc-1",
    "publisher": "Port Gazette",
    "min_confidence": 0.5,
    "rollup": Rollup.STATE,
    "voice": Voice.SPEAKER,
    "clock": Clock.HAPPENED,
    "rung": Rung.CARRIED_OUT,
}
"""A value of each filter that is not its default."""


def run(*words: str) -> tuple[Heard | None, str]:
    """What a command with some filters heard, and what it printed."""
    heard: list[Heard] = []

    @filtered("rung", target=Annotated[str | None, typer.Option("--against", help="Whom it is about.")])
    def ask(name: str = "none", *, filters: Filters, within: int = 30) -> None:
        """Asks."""
        heard.append((name, filters.asked(), within))

    app = typer.Typer()
    app.command()(ask)
    said = CliRunner().invoke(app, words, env={"COLUMNS": "200"})
    return (heard[0] if heard else None), said.output


def words(given: dict[str, object]) -> list[str]:
    return [word for name, value in given.items() for word in (f"--{name.replace('_', '-')}", str(value))]


def test_without_a_word_every_claim_is_asked_for() -> None:
    assert Filters().asked() == ClaimFilter()
    assert run() == (("none", ClaimFilter(), 30), "")


def test_every_filter_reaches_the_query() -> None:
    assert set(EVERY) == {one.name for one in fields(Filters)} - {"no_rollup"}
    assert Filters(**EVERY).asked() == ClaimFilter(**EVERY)  # type: ignore[arg-type]
    taken = {name: value for name, value in EVERY.items() if name not in ("target", "rung")}
    heard, _ = run("--name", "Ana", *words(taken), "--against", "Sudria", "--within", "7")
    assert heard == ("Ana", ClaimFilter(**taken, target="Sudria"), 7)  # type: ignore[arg-type]


@pytest.mark.parametrize("given", [["--no-rollup"], ["--no-rollup", "--rollup", "state"], ["--rollup", "off"]])
def test_no_roll_up_is_roll_up_off(given: list[str]) -> None:
    assert run(*given) == (("none", ClaimFilter(rollup=Rollup.OFF), 30), "")


@pytest.mark.parametrize("left_out", ["--rung", "--target"])
def test_what_a_command_does_not_take_is_no_option_of_it(left_out: str) -> None:
    heard, said = run(left_out, "carried_out")
    assert heard is None
    assert f"No such option: {left_out}" in said


def test_help_tells_the_filters_where_the_command_has_them() -> None:
    _, said = run("--help")
    told = [said.index(f" {one} ") for one in ("--name", "--source", "--against", "--clock", "--within")]
    assert told == sorted(told)
    assert "Whom it is about." in said


def test_a_command_can_be_called_by_itself() -> None:
    heard = []

    @filtered()
    def ask(filters: Filters) -> None:
        heard.append(filters)

    ask(source="Norvania")
    assert heard == [Filters(source="Norvania")]
