"""A cluster reads what one process reads, each article once, whoever dies meanwhile."""

from __future__ import annotations

import dataclasses
import json
import signal
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from app.intake import read
from app.intake.parts import SMALL, Part
from app.ledger import Batch, Ledger, open_ledger
from app.ledger.checking import check
from app.ledger.opening import is_sqlite
from app.pipeline import IngestReport, Relations, ingest
from app.pipeline import cluster as cluster_module
from app.pipeline import cluster_relating as relating
from app.pipeline.claiming import import_claims
from app.pipeline.cluster import Cluster, connect
from app.pipeline.cluster_ingest import ClusterReport, Inputs, ingest_on_cluster, write_claims
from app.pipeline.cluster_relating import relate
from app.vocabulary.errors import BadInput, BadQuery, MissingPart
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Decision, Reading
from app.vocabulary.terms import DecisionKind
from tests.clusters import PATIENCE, Machines
from tests.conftest import write_tables
from tests.pipeline.press import acts, press_recipe, stories, write_lines

# Where others use the machine, too, starting processes takes its time.
pytestmark = [pytest.mark.processes, pytest.mark.timeout(900)]
by_the_client = pytest.mark.parametrize("url", ["the client"], indirect=True)

ROOT = Path(__file__).resolve().parents[2]
CHUNK = 10
COUNT = 120


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tables(tmp_path_factory.mktemp("names"))


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Some files of articles, with lines that are none and articles that come twice."""
    told = list(stories(COUNT))
    made = [told[:50], told[50:60], [*told[60:], *told[:7]]]
    paths = [write_lines(tmp_path / f"news-{number}.jsonl", part) for number, part in enumerate(made)]
    with paths[1].open("a", encoding="utf-8") as file:
        file.write('no object\n{"text": ""}\n')
    return [str(path) for path in paths]


@pytest.fixture
def local(tmp_path: Path, files: list[str], names: Path) -> Iterator[Ledger]:
    """What one process makes of the files."""
    with closing(open_ledger(f"sqlite:///{tmp_path}/local.sqlite")) as ledger:
        run_here(files, ledger, names)
        yield ledger


def run_here(files: list[str], ledger: Ledger, names: Path, version: int = 1, **more: Any) -> IngestReport:
    gazetteer = Gazetteer.load(names)
    items = chain.from_iterable(read(one) for one in files)
    how = {"relations": Relations(gazetteer, acts())} | more
    return ingest(items, ledger=ledger, recipe=press_recipe(version=version), gazetteer=gazetteer, **how)


def run(
    cluster: Cluster,
    files: list[str],
    url: str,
    names: Path,
    gate: str = "",
    version: int = 1,
    progress: Callable[[ClusterReport], None] | None = None,
) -> ClusterReport:
    """Ingest on a cluster, as the command line does."""
    gazetteer = partial(Gazetteer.load, names)
    kit = cluster.kit(press_recipe(gate, version), gazetteer, acts)
    reached = None if is_sqlite(url) else url
    with closing(open_ledger(url)) as ledger:
        report = ingest_on_cluster(
            Inputs(cluster, kit, files, chunk=CHUNK),
            cluster,
            kit,
            ledger,
            url=reached,
            gazetteer=gazetteer(),
            relations=Relations(gazetteer(), acts()) if reached is None else None,
            progress=progress,
            chunk=CHUNK,
        )
        if reached is not None:
            relate(cluster, kit, url, ledger, report.articles)
    return report


def rows(ledger: Ledger) -> list[tuple[int, Any]]:
    return list(ledger.rows())


def records(ledger: Ledger) -> list[Any]:
    """All that a ledger holds, byte for byte, whatever the order."""
    return sorted(row for _, row in ledger.rows())


@pytest.fixture(params=["the client", "the workers"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new ledger, into which one or the other writes."""
    if request.param == "the client":
        return f"sqlite:///{tmp_path}/cluster.sqlite"
    return str(request.getfixturevalue("postgres_url"))


def is_whole(url: str, local: Ledger) -> None:
    with closing(open_ledger(url)) as ledger:
        assert records(ledger) == records(local)
        assert list(check(ledger)) == []


@contextmanager
def started(folder: Path, workers: int = 2, *options: str, **environment: str) -> Iterator[Machines]:
    machines = Machines(folder / "machines", environment)
    try:
        yield machines.start(workers, *options)
    finally:
        machines.stop()


# ---- the same as one process ----


def test_a_cluster_makes_the_same_ledger(
    machines: Machines, files: list[str], url: str, names: Path, local: Ledger
) -> None:
    shown: list[int] = []
    with connect(str(machines.file)) as cluster:
        report = run(cluster, files, url, names, progress=lambda known: shown.append(known.added))
    assert (report.added, report.already_known, len(report.refused), report.lost) == (COUNT, 7, 2, [])
    assert {str(one.reason) for one in report.refused} == {"bad_json", "empty"}
    assert report.chunks >= COUNT // CHUNK
    assert shown == sorted(shown)
    assert shown[-1] == COUNT
    is_whole(url, local)
    with closing(open_ledger(url)) as ledger:
        assert report.claims == ledger.counts().claims == local.counts().claims
        assert dict(report.refusals) == ledger.counts().refusals
        articles = [entry.id for _, entry in ledger.entries() if isinstance(entry, Article)]
        assert articles == [entry.id for _, entry in local.entries() if isinstance(entry, Article)]
        if is_sqlite(url):
            # Revision for revision, for the client takes the way of one process.
            assert rows(ledger) == rows(local)


def test_a_second_run_reads_nothing(machines: Machines, files: list[str], url: str, names: Path) -> None:
    with connect(machines.address) as cluster:
        first = run(cluster, files, url, names)
        with closing(open_ledger(url)) as ledger:
            before = rows(ledger)
        again = run(cluster, [*files, *files], url, names)
        with closing(open_ledger(url)) as ledger:
            assert rows(ledger) == before
    assert (first.added, again.added, again.claims) == (COUNT, 0, 0)
    assert again.already_known == 2 * (COUNT + 7)


def test_parts_of_large_files_make_the_same_ledger(machines: Machines, tmp_path: Path, url: str, names: Path) -> None:
    told = [one | {"text": one["text"] + "\n" + "The harbour was closed. " * 400} for one in stories(COUNT)]
    path = write_lines(tmp_path / "large.jsonl", told)
    assert path.stat().st_size > SMALL
    with closing(open_ledger(f"sqlite:///{tmp_path}/local.sqlite")) as local, connect(machines.address) as cluster:
        run_here([str(path)], local, names)
        report = run(cluster, [str(tmp_path / "lar*.jsonl")], url, names)
        assert report.added == COUNT
        is_whole(url, local)


def test_the_text_that_came_first_counts(machines: Machines, tmp_path: Path, url: str, names: Path) -> None:
    """Two forms of one text have one id; offsets are those in the form that is kept."""
    (one,) = stories(1)
    one["text"] = one["text"].replace("Then", "Then in the café")
    other = one | {"text": unicodedata.normalize("NFD", one["text"])}
    first, second = (write_lines(tmp_path / f"{n}.jsonl", [form]) for n, form in enumerate((other, one)))
    with closing(open_ledger(f"sqlite:///{tmp_path}/local.sqlite")) as local, connect(machines.address) as cluster:
        run_here([str(first)], local, names)
        run(cluster, [str(first), str(second)], url, names)
        is_whole(url, local)
        # Read by a newer version, it is read in the form that is there.
        run_here([str(second)], local, names, version=2)
        run(cluster, [str(second)], url, names, version=2)
        is_whole(url, local)


def test_folders_standard_input_and_what_workers_cannot_part(
    machines: Machines, tmp_path: Path, url: str, names: Path
) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    told = list(stories(30))
    for number, one in enumerate(told[:12]):
        (folder / f"{number:02}.json").write_text(json.dumps(one), encoding="utf-8")
    (folder / "odd.xyz").write_text("?", encoding="utf-8")
    rest = write_lines(tmp_path / "rest.jsonl", told[12:])
    with closing(open_ledger(f"sqlite:///{tmp_path}/local.sqlite")) as local, connect(machines.address) as cluster:
        run_here([str(folder), str(rest)], local, names)
        gazetteer = partial(Gazetteer.load, names)
        kit = cluster.kit(press_recipe(), gazetteer, acts)
        with closing(open_ledger(url)) as ledger, rest.open("rb") as stdin:
            inputs = Inputs(cluster, kit, [str(folder), "-"], stdin=stdin, chunk=CHUNK)
            reached = None if is_sqlite(url) else url
            known = Relations(gazetteer(), acts()) if reached is None else None
            report = ingest_on_cluster(
                inputs, cluster, kit, ledger, url=reached, gazetteer=gazetteer(), relations=known, chunk=CHUNK
            )
            if reached is not None:
                relate(cluster, kit, url, ledger, report.articles)
        assert [str(one.reason) for one in report.refused] == ["unsupported"]
        is_whole(url, local)


# ---- who dies ----


def held(files: list[str]) -> list[str]:
    """The files, with a text that is read once the gate is open, behind what is stored first."""
    path = Path(files[2])
    told = path.read_text(encoding="utf-8").splitlines(keepends=True)
    one = json.loads(told[20])
    told[20] = json.dumps(one | {"text": one["text"] + "\n(hold)"}) + "\n"
    path.write_text("".join(told), encoding="utf-8")
    return files


def test_a_worker_that_is_killed_costs_nothing(tmp_path: Path, files: list[str], url: str, names: Path) -> None:
    files, gate = held(files), tmp_path / "gate"
    with started(tmp_path) as machines, connect(machines.address) as cluster:
        killed: list[int] = []

        def kill(known: ClusterReport) -> None:
            # The first chunks are stored, and others are being read, or wait for the gate.
            if not killed:
                machines.kill(0)
                killed.append(known.added)
                gate.touch()

        report = run(cluster, files, url, names, str(gate), progress=kill)
        assert killed
        assert killed[0] < COUNT
    assert (report.added, report.already_known, report.lost) == (COUNT, 7, [])
    with closing(open_ledger(f"sqlite:///{tmp_path}/local.sqlite")) as local:
        run_here(files, local, names)
        is_whole(url, local)


def test_a_worker_that_is_killed_while_judging_costs_nothing(
    tmp_path: Path, files: list[str], names: Path, local: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger lies where both workers reach it."""
    monkeypatch.setattr(relating, "REVISIONS", 1)
    url = f"sqlite:///{tmp_path}/judged.sqlite"
    with closing(open_ledger(url)) as ledger, started(tmp_path) as machines, connect(machines.address) as cluster:
        report = run_here(files, ledger, names, relations=None)
        kit = cluster.kit(press_recipe(), partial(Gazetteer.load, names), acts)
        submit, count = cluster.submit, iter(range(10_000))

        def dying(*what: Any, **how: Any) -> Any:
            if next(count) == 25:
                machines.kill(1)
            return submit(*what, **how)

        monkeypatch.setattr(cluster, "submit", dying)
        assert relate(cluster, kit, url, ledger, report.articles) > COUNT
        assert next(count) > 25
        assert records(ledger) == records(local)


def test_a_client_that_is_killed_is_run_again(tmp_path: Path, files: list[str], url: str, names: Path) -> None:
    files, gate = held(files), tmp_path / "gate"
    with started(tmp_path) as machines:
        command = [sys.executable, "-m", "tests.pipeline.press", machines.address, url, str(names), str(gate)]
        command += [str(CHUNK), *files]
        client = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            assert client.stdout is not None
            line = client.stdout.readline()
            # It cannot be beyond the text that waits for the gate.
            safe = int(line.split()[0])
        finally:
            client.send_signal(signal.SIGKILL)
            _, told = client.communicate()
        assert 0 < safe < COUNT, told
        gate.touch()
        with connect(machines.address) as cluster:
            report = run(cluster, files, url, names, str(gate))
    assert report.already_known >= safe + 7
    assert report.added + report.already_known == COUNT + 7
    assert report.added > 0
    with closing(open_ledger(f"sqlite:///{tmp_path}/local.sqlite")) as local:
        run_here(files, local, names)
        is_whole(url, local)


@pytest.mark.parametrize(("url", "what"), [("the workers", "poison"), ("the client", "glutton")], indirect=["url"])
def test_an_article_at_which_workers_die_is_counted_and_the_others_are_read(
    tmp_path: Path, url: str, names: Path, what: str
) -> None:
    told = list(stories(24))
    bad = told[13]["text"] + f"\n({what})"
    path = write_lines(tmp_path / "news.jsonl", [*told[:13], told[13] | {"text": bad}, *told[14:]])
    options = ("--nanny", "--memory-limit", "700 MB")
    quick = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
    with started(tmp_path, 2, *options, **quick) as machines, connect(machines.address) as cluster:
        report = run(cluster, [str(path)], url, names)
    (lost,) = report.lost
    assert "workers that read it died" in lost.detail
    assert report.refused == [lost]
    assert report.added == 23
    assert report.as_dict()["lost"] == 1
    with closing(open_ledger(url)) as ledger:
        assert ledger.counts().articles == 23
        assert lost.article is not None
        assert ledger.article(lost.article) is None
        assert ledger.unread([lost.article], "press@1") == {lost.article}


@by_the_client
def test_a_cluster_without_workers_is_given_up(
    tmp_path: Path, files: list[str], url: str, names: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "ALONE_SECONDS", 3.0)
    with started(tmp_path) as machines, connect(machines.address) as cluster:

        def kill(known: ClusterReport) -> None:
            for number in range(2):
                machines.kill(number)

        with pytest.raises(BadQuery, match="no worker for 3 seconds"):
            run(cluster, held(files), url, names, str(tmp_path / "gate"), progress=kill)


@by_the_client
def test_a_scheduler_that_dies_is_told(tmp_path: Path, files: list[str], url: str, names: Path) -> None:
    with (
        started(tmp_path) as machines,
        connect(machines.address) as cluster,
        pytest.raises(BadQuery, match="the cluster is gone"),
    ):
        run(
            cluster,
            held(files),
            url,
            names,
            str(tmp_path / "gate"),
            progress=lambda known: machines.end_scheduler() if machines.is_running else None,
        )


# ---- what is not as it should be ----


def test_without_dask_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingPart, match=r"polemos\[dask\]"):
        connect("local")


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "127.0.0.1:1", "nowhere", "local:0", "ftp://x:1", ""])
def test_an_address_at_which_nobody_answers_is_told(address: str) -> None:
    with pytest.raises(BadQuery, match=r"no Dask scheduler answers|at least one worker"):
        connect(address)


def test_a_file_that_no_scheduler_wrote_is_told(tmp_path: Path) -> None:
    path = tmp_path / "cluster.json"
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(BadQuery, match="is no file that a Dask scheduler wrote"):
        connect(str(path))


def test_a_scheduler_without_workers_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "WORKER_SECONDS", 1.0)
    with started(tmp_path, 0) as machines, pytest.raises(BadQuery, match="has no workers; start some: dask worker tcp"):
        connect(machines.address)


@pytest.mark.parametrize(
    ("what", "told"), [("rensa", r"worker tcp://.* has rensa 0\.0\.1 \(here "), ("app", "cannot run Polemos")]
)
def test_a_worker_that_is_made_of_something_else_is_told(tmp_path: Path, names: Path, what: str, told: str) -> None:
    unlike = str(Path(__file__).with_name("unlike_worker.py"))
    with started(tmp_path, 0) as machines:
        machines.add(python=(unlike, what))
        with connect(machines.address) as cluster, pytest.raises(BadQuery, match=told):
            cluster.kit(press_recipe(), partial(Gazetteer.load, names), acts)


@by_the_client
def test_a_worker_that_comes_later_is_looked_at_too(tmp_path: Path, files: list[str], url: str, names: Path) -> None:
    files, gate = held(files), tmp_path / "gate"
    with started(tmp_path, 1) as machines, connect(machines.address) as cluster:

        def replace(known: ClusterReport) -> None:
            machines.add(python=(str(Path(__file__).with_name("unlike_worker.py")), "rensa"))
            cluster.client.wait_for_workers(2, timeout=PATIENCE)
            machines.kill(0)

        with pytest.raises(BadQuery, match=r"has rensa 0\.0\.1"):
            run(cluster, files, url, names, str(gate), progress=replace)


def test_inputs_that_are_not_there_are_told(machines: Machines, tmp_path: Path, names: Path) -> None:
    with connect(machines.address) as cluster:
        kit = cluster.kit(press_recipe(), partial(Gazetteer.load, names), acts)
        with pytest.raises(BadQuery, match="no file fits"):
            Inputs(cluster, kit, [str(tmp_path / "*.jsonl")])
        with pytest.raises(BadInput, match="cannot be read"):
            Inputs(cluster, kit, [str(tmp_path / "news.jsonl")])


@by_the_client
def test_a_file_that_workers_do_not_see_ends_the_run(
    machines: Machines, files: list[str], url: str, names: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the client's disk is not that of the workers."""
    asked = Inputs._asked

    def elsewhere(inputs: Inputs, file: Path) -> Part:
        part = asked(inputs, file)
        assert isinstance(part, Part)
        return dataclasses.replace(part, path=f"{file}.elsewhere")

    monkeypatch.setattr(Inputs, "_asked", elsewhere)
    with connect(machines.address) as cluster, pytest.raises(BadQuery, match="must see the inputs under one path"):
        run(cluster, files, url, names)


def test_an_error_of_the_extractor_ends_the_run_after_what_was_read_before(
    machines: Machines, tmp_path: Path, url: str, names: Path
) -> None:
    told = list(stories(90))
    told[85]["text"] += "\n(fault)"
    path = write_lines(tmp_path / "news.jsonl", told)
    with connect(machines.address) as cluster, pytest.raises(ValueError, match="a fault of the extractor"):
        run(cluster, [str(path)], url, names)
    with closing(open_ledger(url)) as ledger:
        # What was on its way when it came is read by the next run.
        assert ledger.counts().articles < 85


# ---- judging ----


def test_what_was_replaced_and_retracted_meanwhile_is_judged_as_in_one_process(
    machines: Machines, tmp_path: Path, names: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relating, "REVISIONS", 1)
    told = list(stories(90))
    parts = [str(write_lines(tmp_path / f"{n}.jsonl", told[n * 30 : n * 30 + 30])) for n in range(3)]
    again = str(write_lines(tmp_path / "again.jsonl", told[10:20]))
    here, there = (open_ledger(f"sqlite:///{tmp_path}/{name}.sqlite") for name in ("here", "there"))
    with closing(here), closing(there), connect(machines.address) as cluster:

        def both(files: list[str], version: int = 1) -> None:
            run_here(files, here, names, version)
            report = run_here(files, there, names, version, relations=None)
            kit = cluster.kit(press_recipe(version=version), partial(Gazetteer.load, names), acts)
            relate(cluster, kit, there.location, there, report.articles)

        both(parts[:1])
        articles = [entry.id for _, entry in here.entries() if isinstance(entry, Article)]
        gone = [
            Decision(DecisionKind.RETRACT, name, "ana", reason="not ours", at="2031-06-01T00:00:00Z")
            for name in articles[3:9]
        ]
        for ledger in (here, there):
            ledger.append(Batch(decisions=gone))
        both(parts[1:2])
        undone = Decision(DecisionKind.UNDO, gone[2].id, "ana", reason="ours", at="2031-06-02T00:00:00Z")
        for ledger in (here, there):
            ledger.append(Batch(decisions=[undone]))
        both([again, parts[2]], version=2)
        assert len({entry.extractor for _, entry in here.entries() if isinstance(entry, Reading)}) == 2
        assert records(here) == records(there)


# ---- files of claims ----


def test_files_of_claims_are_written_and_imported(
    machines: Machines, tmp_path: Path, files: list[str], names: Path, local: Ledger
) -> None:
    folder = tmp_path / "claims"
    gazetteer = partial(Gazetteer.load, names)

    def write(some: list[str]) -> ClusterReport:
        with connect(machines.address) as cluster:
            kit = cluster.kit(press_recipe(), gazetteer, acts)
            return write_claims(Inputs(cluster, kit, some, chunk=CHUNK), cluster, kit, folder, chunk=CHUNK)

    first = write(files[:1])
    # As a client leaves it that was killed while it wrote.
    (folder / ".000099-x.parquet.part").write_bytes(b"PAR1")
    second = write(files)
    assert (first.added, second.added, second.already_known) == (50, COUNT - 50, 57)
    assert second.chunks == len(list(folder.glob("*.parquet"))) - first.chunks
    with closing(open_ledger(f"sqlite:///{tmp_path}/imported.sqlite")) as ledger:
        for path in sorted(folder.glob("*.parquet")):
            imported = import_claims(path, ledger=ledger, gazetteer=gazetteer())
            assert imported.refused == {}

        def told(one: Ledger) -> list[tuple[Any, ...]]:
            found = []
            for _, entry in one.entries(with_text=False):
                if isinstance(entry, Reading):
                    by_id = {mention.id: mention.name for mention in entry.mentions}
                    for claim in entry.claims:
                        sides = (by_id[claim.source], by_id.get(claim.target or ""))
                        kind = (claim.type, claim.modality, claim.date, claim.cue, claim.confidence)
                        found.append((claim.article, claim.evidence, sides, kind))
            return sorted(found, key=repr)

        assert told(ledger) == told(local)
        articles = [{e.id for _, e in one.entries() if isinstance(e, Article)} for one in (ledger, local)]
        assert articles[0] == articles[1]


# ---- the command line ----


def polemos(*words: str, **environment: str) -> tuple[int, str, str]:
    import os

    done = subprocess.run(
        [str(Path(sys.executable).with_name("polemos")), *words],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_the_command_line_reads_on_a_cluster(machines: Machines, tmp_path: Path) -> None:
    samples = "graph_data/articles"
    ledger = f"sqlite:///{tmp_path}/cli.sqlite"
    words = ("ingest", samples, "--extractor", f"recorded:{samples}", "--dask", machines.address, "--chunk", "9")
    status, _, told = polemos(*words, POLEMOS_LEDGER=ledger)
    assert status == 0, told
    assert "revision 1: 40 articles read in 5 chunks, 0 already known" in told
    status, out, told = polemos(*words, "--json", POLEMOS_LEDGER=ledger)
    assert status == 0, told
    assert (json.loads(out)["already_known"], json.loads(out)["added"], json.loads(out)["chunks"]) == (40, 0, 0)
    status, _, told = polemos(*words, "--to", str(tmp_path / "claims"), POLEMOS_LEDGER=ledger)
    assert status == 0, told
    assert len(list((tmp_path / "claims").glob("*.parquet"))) == 5
    status, _, told = polemos("ingest", samples, "--to", str(tmp_path), POLEMOS_LEDGER=ledger)
    assert (status, told) == (2, "polemos: --to goes with --dask\n")


def test_the_command_line_makes_a_cluster_of_its_own(tmp_path: Path) -> None:
    samples = "graph_data/articles"
    words = ("ingest", samples, "--extractor", f"recorded:{samples}", "--dask", "local:2")
    status, _, told = polemos(*words, POLEMOS_LEDGER=f"sqlite:///{tmp_path}/own.sqlite")
    assert status == 0, told
    assert "40 articles read in 1 chunk" in told
    status, _, told = polemos(*words[:-1], "tcp://127.0.0.1:1", POLEMOS_LEDGER=f"sqlite:///{tmp_path}/own.sqlite")
    assert status == 2
    assert told.startswith("polemos: no Dask scheduler answers at")
    assert "Traceback" not in told
