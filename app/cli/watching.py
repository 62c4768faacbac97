"""The command by which feeds are watched: `watch`."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from app.cli.reading import (
    extractor_recipe,
    relations_of,
    taken_back,
    tell_refusals,
    tell_spending,
    tell_taken_back,
)
from app.cli.session import Extractor, Session, counted, err, progress
from app.vocabulary.errors import BadQuery, LedgerBusy, ModelAway

if TYPE_CHECKING:
    from app.intake import Item
    from app.pipeline import IngestReport
    from app.pipeline.watching import RoundReport, Store, Watcher
    from app.vocabulary.records import Decision


def watch(
    feeds: Annotated[list[str], typer.Argument(metavar="FEED …", help="Addresses of RSS, Atom or JSON feeds.")],
    once: Annotated[bool, typer.Option("--once", help="Do one round and end.")] = False,
    every: Annotated[float, typer.Option(min=1, max=10_080, help="Minutes from one round to the next.")] = 30,
    state: Annotated[
        Path | None,
        typer.Option(help="Where it is kept what was seen; default: beside the ledger, FILE.watch.json."),
    ] = None,
    gap: Annotated[float, typer.Option(min=0, max=3_600, help="Seconds between two requests to one host.")] = 2,
    no_robots_for: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST", help="A host of your own, whose robots.txt is not asked; may be repeated."),
    ] = None,
    extractor: Extractor = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line for each round.")] = False,
) -> None:
    """Read what is new in feeds, again and again: each new entry's page is fetched and ingested.

    It keeps to robots.txt, asks a host for one thing at a time, and leaves a server alone that is in trouble.
    Ctrl-C ends it when the batch under way is stored; a second one ends it at once.
    """
    from app.extraction import Recipe
    from app.intake import Limits
    from app.pipeline import ingest
    from app.pipeline.watching import Watcher, load_state, save_state

    session = Session()
    how = extractor_recipe(session, extractor)
    # Made once, for all rounds.
    recipe = Recipe(how.name, cache(how.make), how.spent)
    place = state if state is not None else _beside(session.settings.ledger)
    if not place.resolve().parent.is_dir() and state is not None:
        raise BadQuery(f"--state: the folder {place.resolve().parent} does not exist")
    with session.open_ledger() as ledger, _ending() as clock, progress() as bar:
        # Opening the ledger has made its folder.
        known, trouble = load_state(place)
        if trouble is not None:
            err.print(trouble, markup=False, soft_wrap=True)
        task = bar.add_task("feeds", total=None)

        def show(done: int, of: int, following: str) -> None:
            bar.update(task, completed=done, total=of, description=following[:60])

        watcher = Watcher(
            feeds,
            state=known,
            clock=clock,
            save=lambda whole: save_state(whole, place),
            limits=Limits(max_bytes=session.settings.max_bytes, allow_private=session.settings.allow_private),
            no_robots_for=no_robots_for or (),
            gap=gap,
            progress=show,
        )
        relations = relations_of(session)

        def store(items: list[Item]) -> IngestReport:
            return ingest(items, ledger=ledger, recipe=recipe, gazetteer=session.gazetteer, relations=relations)

        while True:
            start = clock.now()
            report = _round(watcher, store, once=once)
            if report is not None:
                gone = taken_back(ledger, report.articles) if report.articles else {}
                _tell(report, gone, as_json=as_json)
                tell_spending(how)
            if once or clock.ended or (report is not None and report.stopped):
                break
            bar.update(task, description="waiting for the next round", completed=0, total=None)
            if not clock.waited(start + every * 60 - clock.now()):
                break
    if clock.ended:
        err.print("ended; what was fetched is stored")
    elif report is not None and not report.feeds and report.put_off:
        raise typer.Exit(2)


def _round(watcher: Watcher, store: Store, *, once: bool) -> RoundReport | None:
    try:
        return watcher.round(store)
    except (LedgerBusy, ModelAway) as why:
        if once:
            raise
        # The pages wait; the next round fetches them again.
        err.print(f"{why}; trying again in the next round", markup=False, soft_wrap=True)
        return None


def _beside(ledger: str) -> Path:
    """Where what was seen is kept unless said otherwise.

    Raises:
        BadQuery: The ledger is no file beside which it could lie.
    """
    from app.ledger.opening import is_sqlite, sqlite_path

    if not is_sqlite(ledger):
        raise BadQuery("the ledger is no file beside which it could be kept what was seen; name a file: --state FILE")
    path = sqlite_path(ledger)
    return path.with_name(path.name + ".watch.json")


def _tell(report: RoundReport, gone: dict[str, Decision], *, as_json: bool) -> None:
    if as_json:
        line = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            **report.as_dict(),
            "retracted": [{"article": article, "decision": one} for article, one in gone.items()],
        }
        sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
        sys.stdout.flush()
        return
    told = [
        f"{counted(report.feeds, 'feed')} read" + (f" ({report.unchanged} unchanged)" if report.unchanged else ""),
        counted(report.entries, "new entry", "new entries"),
        f"{counted(report.added, 'article')} read",
        f"{report.already_known} already known",
        counted(report.claims, "claim"),
    ]
    if report.put_off:
        told.append(f"{counted(report.put_off, 'feed')} put off")
    if report.waiting:
        told.append(f"{counted(report.waiting, 'page')} still to be fetched")
    err.print(", ".join(told), soft_wrap=True)
    for note in report.notes:
        err.print(note, markup=False, soft_wrap=True)
    tell_refusals(report.refused, report.refusals)
    tell_taken_back(gone)


class _WallClock:
    """The time of this machine, and waiting that a signal ends."""

    def __init__(self) -> None:
        self._end = threading.Event()

    @property
    def ended(self) -> bool:
        """Whether somebody asked to end."""
        return self._end.is_set()

    def end(self) -> None:
        """End all waiting."""
        self._end.set()

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def waited(self, seconds: float) -> bool:
        """Wait; False where somebody asked to end."""
        return not self._end.wait(max(seconds, 0.0))

    def sleep(self, seconds: float) -> None:
        """Wait; raises Stopped where somebody asked to end."""
        from app.pipeline.watching import Stopped

        if not self.waited(seconds):
            raise Stopped


@contextmanager
def _ending() -> Iterator[_WallClock]:
    """A clock whose waiting SIGINT and SIGTERM end; what they did before, they do the second time and afterwards."""
    clock = _WallClock()
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}

    def end(number: int, frame: FrameType | None) -> None:
        clock.end()
        restore()

    def restore() -> None:
        for one, handler in before.items():
            signal.signal(one, handler)

    for one in before:
        signal.signal(one, end)
    try:
        yield clock
    finally:
        restore()
