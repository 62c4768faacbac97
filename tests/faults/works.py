"""Things that a process does to a ledger, to be killed while it does them.

Run as a script it is the nursery: a process of one thread that has loaded everything, and forks a child for each order
it reads, so that a death costs milliseconds. An order is a line of JSON; so is the answer, once the child is gone.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import select
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import app.graph.snapshot
import app.ledger.postgres
from app.graph import fold
from app.intake.coded import IMPORTERS, ActorTable, CodedOptions, CodeTable, Renderer
from app.ledger import Batch, Ledger, open_ledger
from app.ledger.copying import backup, restore
from app.pipeline import IngestReport, ingest
from app.pipeline.importing import ImportReport, import_coded
from app.vocabulary.errors import LedgerError
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article
from tests.pipeline.plain import plain_recipe, stories

CROSSWALK = Path(__file__).resolve().parents[2] / "graph_data" / "crosswalk"
STORIES, BATCH = 40, 4
CLAIMS = 6
"""Articles of an ingest and of one transaction; claims of a transaction of an import."""

Tell = Callable[[object], None]
"""Says something to whoever gave the order. What is said after something was done acknowledges that."""

_gazetteer: list[Gazetteer] = []


def do_ingest(tell: Tell, url: str, first: int = 0, last: int = STORIES) -> None:
    """Ingest the invented stories; tells the revision after each transaction."""

    def acknowledge(report: IngestReport) -> None:
        tell(report.revision)

    importlib.import_module("app.pipeline.ingest").__dict__["BATCH"] = BATCH
    items = list(stories(last))[first:]
    with closing(open_ledger(url)) as ledger:
        ingest(items, ledger=ledger, recipe=plain_recipe(), gazetteer=_gazetteer[0], progress=acknowledge)


def do_import(tell: Tell, url: str, path: str) -> None:
    """Import an export of ICEWS; tells the revision after each transaction."""

    def acknowledge(report: ImportReport) -> None:
        tell(report.revision)

    importlib.import_module("app.pipeline.importing").__dict__["BATCH"] = CLAIMS
    codes = CodeTable.load(CROSSWALK / "cameo_claims.tsv", ships=True)
    actors = ActorTable.load(CROSSWALK / "icews_actors.tsv")
    renderer = Renderer(IMPORTERS["icews"], codes, actors, _gazetteer[0])
    with closing(open_ledger(url)) as ledger:
        import_coded(
            Path(path),
            renderer=renderer,
            options=CodedOptions(),
            ledger=ledger,
            gazetteer=_gazetteer[0],
            progress=acknowledge,
        )


def do_backup(tell: Tell, url: str, path: str, user: int = 0) -> None:
    """Back a ledger up, as another user where one is given; tells the revision that the backup holds."""
    _become(user)
    with closing(open_ledger(url)) as ledger:
        tell(backup(ledger, Path(path)))


def do_restore(tell: Tell, path: str, url: str, replace: bool = False) -> None:
    """Restore a backup; tells each revision."""
    restore(Path(path), url, replace=replace, progress=lambda done, _: tell(done))


def do_open(tell: Tell, url: str) -> None:
    """Open a ledger, which makes or migrates it; tells its revision."""
    with closing(open_ledger(url)) as ledger:
        tell(ledger.revision)


def do_compact(tell: Tell, url: str) -> None:
    """Compact a ledger; tells its revision."""
    with closing(open_ledger(url)) as ledger:
        ledger.compact()
        tell(ledger.revision)


def do_snapshot(tell: Tell, url: str, folder: str) -> None:
    """Keep a snapshot of a ledger's graph; tells its revision."""
    from app.graph import Fold

    with closing(open_ledger(url)) as ledger:
        whole = Fold()
        whole.feed(ledger.entries(with_text=False))
        revision = whole.graph.revision
        app.graph.snapshot.Snapshots(Path(folder)).write(whole, ledger.digest(revision) or "")
        tell(revision)


def do_fill(tell: Tell, url: str, most: int = 0) -> None:
    """Append until the store refuses; tells each revision, and then the refusal in its own words."""
    if most:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    with closing(open_ledger(url)) as ledger:
        for number in range(10_000):
            try:
                tell(ledger.append(filling(number)))
            except LedgerError as why:
                tell(str(why))
                tell(_answers(ledger))
                return


def filling(number: int) -> Batch:
    """An article of some kilobytes that no compression makes small."""
    return Batch([Article(f"Story {number}", os.urandom(6000).hex(), "2031-05-04", "Port Gazette")])


def _become(user: int) -> None:
    if user:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)


def do_look(tell: Tell, url: str, user: int) -> None:
    """Read a ledger as another user, and try to append to it; tells what it answers and in which words it refuses."""
    _become(user)
    with closing(open_ledger(url)) as ledger:
        tell(_answers(ledger))
        try:
            ledger.append(filling(0))
        except LedgerError as why:
            tell(str(why))
        tell(_answers(ledger))


def _answers(ledger: Ledger) -> list[Any]:
    graph = fold(ledger.entries())
    return [ledger.revision, ledger.digest(ledger.revision), len(list(ledger.entries())), len(graph.claims)]


def do_refused(tell: Tell, order: tuple[str, dict[str, Any]]) -> None:
    """Do something that is refused; tells in which words."""
    name, given = order
    try:
        WORKS[name](tell, **given)
    except LedgerError as why:
        tell(str(why))


def do_together(tell: Tell, orders: list[dict[str, Any]]) -> None:
    """Carry out several orders at once, each in a process of its own; tells what each tells."""
    children = []
    for order in orders:
        if not (child := os.fork()):
            os._exit(_carry_out(order, tell))
        children.append(child)
    failures = [child for child in children if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])]
    assert not failures


def _carry_out(order: dict[str, Any], tell: Tell) -> int:
    try:
        WORKS[order["work"]](tell, **order["given"])
    except BaseException:
        tell({"error": traceback.format_exc()})
        return 1
    return 0


WORKS: dict[str, Callable[..., None]] = {
    name.removeprefix("do_"): one for name, one in list(globals().items()) if name.startswith("do_")
}


def _one(order: dict[str, Any]) -> dict[str, Any]:
    """Carry out an order in a child; kill it where and when that is asked for."""
    ear, mouth = os.pipe()
    began = time.monotonic()
    child = os.fork()
    if not child:
        os.close(ear)

        # One write of less than a page arrives whole or not at all.
        def tell(word: object) -> None:
            os.write(mouth, json.dumps(word).encode() + b"\n")

        os._exit(_carry_out(order, tell))
    os.close(mouth)
    heard = b""
    after, seconds = order.get("after", 0), order.get("kill")
    kill_at = None if seconds is None or after else began + seconds
    ended = False
    while not ended:
        left = None if kill_at is None else max(0.0, kill_at - time.monotonic())
        if not select.select([ear], [], [], left)[0]:
            os.kill(child, signal.SIGKILL)
            break
        piece = os.read(ear, 65536)
        heard += piece
        ended = not piece
        if kill_at is None and seconds is not None and heard.count(b"\n") >= after:
            kill_at = time.monotonic() + seconds
    _, status = os.waitpid(child, 0)
    took = time.monotonic() - began
    while piece := os.read(ear, 65536):
        heard += piece
    os.close(ear)
    words = [json.loads(line) for line in heard.split(b"\n")[:-1]]
    return {"words": words, "killed": os.waitstatus_to_exitcode(status) == -signal.SIGKILL, "seconds": took}


def _unheard(_: object) -> None:
    pass


def main() -> None:
    """Serve orders until there are no more."""
    _gazetteer.append(Gazetteer.load(Path(sys.argv[1])))
    with tempfile.TemporaryDirectory() as folder:
        # What is loaded when it is first needed is loaded here, once.
        url, export = f"sqlite:///{folder}/ledger.sqlite", Path(folder) / "events.tab"
        do_ingest(_unheard, url)
        export.write_text("Event Date\tSource Name\tCAMEO Code\tTarget Name\n2031-05-04\tArdania\t112\tBeloria\n")
        do_import(_unheard, url, str(export))
    # The one other thread there is, of Arrow's allocator, bears that.
    warnings.filterwarnings("ignore", "This process .* is multi-threaded, use of fork", DeprecationWarning)
    for line in sys.stdin:
        print(json.dumps(_one(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
