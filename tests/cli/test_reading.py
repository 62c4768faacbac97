from __future__ import annotations

import gzip
import json
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Run

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "graph_data" / "articles"

RECORDED = ("--extractor", f"recorded:{SAMPLES}")
INCIDENT_FIELDS = {"id", "type", "place", "country", "date"}
CLAIM_FIELDS = {
    "threat_kind",
    "source_named",
    "relayed_by",
    "id",
    "type",
    "speaker",
    "source",
    "target",
    "incident",
    "modality",
    "date",
    "responds_to",
    "evidence",
    "confidence",
}


def sample(name: str) -> tuple[Path, dict[str, Any]]:
    (path,) = SAMPLES.glob(f"train-{name}-*.json")
    return path, json.loads(path.read_text(encoding="utf-8"))


def article(**fields: object) -> str:
    return json.dumps({"text": "Beloria denied responsibility.", "published": "2031-05-04", **fields})


def test_ingest_remembers_and_a_second_time_changes_nothing(polemos: Run) -> None:
    first = polemos("ingest", SAMPLES, *RECORDED)
    assert first.status == 0
    assert first.out == ""
    assert first.err.splitlines()[0] == "revision 1: 40 articles read, 0 already known, 401 claims"
    again = polemos("ingest", SAMPLES, *RECORDED)
    assert again.status == 0
    assert again.err == "revision 1: 0 articles read, 40 already known, 0 claims\n"
    assert polemos("log", "--json").json["revision"] == 1


def test_ingest_json_is_one_document(polemos: Run) -> None:
    path, body = sample("c04b")
    report = polemos("ingest", path, *RECORDED, "--json").json
    (known,) = report.pop("articles")
    assert known.startswith("art-")
    assert report == {
        "revision": 1,
        "added": 1,
        "already_known": 0,
        "claims": len(body["claims"]),
        "refused": [],
        "refusals": {},
        "retracted": [],
    }


def test_ingest_reads_standard_input(polemos: Run) -> None:
    path, _ = sample("c04b")
    assert polemos("ingest", "-", *RECORDED, stdin=path.read_bytes()).status == 0
    assert polemos("accusations", "--json").json["total"] == 5


def test_ingest_reads_json_lines_and_gzip_from_standard_input(polemos: Run) -> None:
    lines = "".join(article(title=f"Number {number}") + "\n" for number in range(3))
    assert polemos("ingest", "-", *RECORDED, "--json", stdin=lines).json["added"] == 3
    more = gzip.compress(article(title="Number 4").encode(), mtime=0)
    assert polemos("ingest", "-", *RECORDED, "--json", stdin=more).json["added"] == 1


def test_one_bad_input_leaves_the_rest_alone(polemos: Run, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "good.json").write_text(article(), encoding="utf-8")
    (inbox / "day.json").write_text(article(published="2031-02-30"), encoding="utf-8")
    (inbox / "empty.txt").touch()
    (inbox / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    done = polemos("ingest", inbox, *RECORDED)
    assert done.status == 0
    head, *refused = done.err.splitlines()
    assert head == "revision 1: 1 article read, 0 already known, 0 claims"
    assert [line.split(":")[0] for line in refused] == ["refused (bad_date)", "refused (empty)", "refused (binary)"]
    assert all(str(inbox) in line for line in refused)


def test_where_nothing_can_be_used_the_status_is_2(polemos: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    refused = polemos("ingest", tmp_path / "empty.txt", *RECORDED)
    assert refused.status == 2
    assert "refused (empty)" in refused.err
    assert polemos("log", "--json").json["revision"] == 0


def test_many_refusals_are_told_by_number(polemos: Run) -> None:
    lines = "".join(article(published="no day", title=str(number)) + "\n" for number in range(30))
    refused = polemos("ingest", "-", *RECORDED, stdin=lines)
    assert refused.status == 2
    assert refused.err.count("refused (bad_date)") == 20
    assert "… 30 inputs refused in all: 30 bad_date" in refused.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nowhere.txt"], "'nowhere.txt' cannot be read: No such file or directory"),
        (
            ["-", "--extractor", "oracle"],
            "there is no extractor 'oracle'; choose hybrid, rules, llm, both or recorded:FOLDER",
        ),
        (["-", "--extractor", "recorded:nowhere"], "'nowhere' is no folder of annotated articles"),
    ],
)
@pytest.mark.parametrize("command", ["ingest", "extract"])
def test_what_cannot_be_read_at_all_is_told_in_one_line(
    polemos: Run, command: str, words: list[str], told: str
) -> None:
    extractor = () if "--extractor" in words else RECORDED
    refused = polemos(command, *words, *extractor, stdin=article())
    assert refused.status == 2
    assert refused.refusal.startswith(told)
    assert polemos("log", "--json").json["articles"] == 0


def test_ingest_needs_a_source(polemos: Run) -> None:
    assert polemos("ingest").status == 2


def test_extract_writes_the_annotation_format_with_confidence(polemos: Run, ledger_file: Path) -> None:
    path, body = sample("c04d")
    done = polemos("extract", path, *RECORDED)
    (line,) = done.out.splitlines()
    found = json.loads(line)
    assert found.keys() == {"id", "incidents", "claims", "acknowledgements"}
    assert found["id"] == body["id"]
    assert all(one.keys() == INCIDENT_FIELDS for one in found["incidents"])
    assert all(one.keys() == CLAIM_FIELDS for one in found["claims"])
    fields = ("type", "speaker", "source", "target", "modality", "date", "evidence")
    assert {tuple(one[name] for name in fields) for one in found["claims"]} == {
        tuple(one[name] for name in fields) for one in body["claims"]
    }
    known = {one["id"] for one in (*found["incidents"], *found["claims"])}
    for one in found["claims"]:
        assert one["evidence"] in body["title"] + "\n" + body["text"]
        assert 0 <= one["confidence"] <= 1
        assert {one["incident"], one["responds_to"]} - {None} <= known
    assert not ledger_file.exists()


def test_extract_reads_json_lines_by_default_and_keeps_their_order(polemos: Run) -> None:
    bodies = [sample(name)[1] for name in ("c07b", "c01a", "c04b")]
    done = polemos("extract", *RECORDED, stdin="".join(json.dumps(body) + "\n" for body in bodies))
    assert done.status == 0
    assert [json.loads(line)["id"] for line in done.out.splitlines()] == [body["id"] for body in bodies]


def test_extract_tells_refusals_on_standard_error(polemos: Run) -> None:
    done = polemos("extract", *RECORDED, stdin=article(id="a") + "\n" + article(published="x") + "\n")
    (line,) = done.out.splitlines()
    assert json.loads(line) == {"id": "a", "incidents": [], "claims": [], "acknowledgements": []}
    assert done.err.startswith("refused (bad_date): standard input, line 2")


def test_what_extract_writes_can_be_ingested_as_an_annotation(polemos: Run, tmp_path: Path) -> None:
    path, body = sample("c04c")
    found = json.loads(polemos("extract", path, *RECORDED).out)
    (tmp_path / "again.json").write_text(json.dumps({**body, **found}), encoding="utf-8")
    report = polemos("ingest", path, "--extractor", f"recorded:{tmp_path}", "--json").json
    assert report["claims"] == len(body["claims"])
    assert report["refusals"] == {}


@pytest.mark.parametrize(("allow", "status"), [(None, 2), ("no", 2), ("yes", 0)])
def test_an_address_of_this_machine_is_read_only_where_the_settings_allow_it(
    polemos: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, allow: str | None, status: int
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("POLEMOS_ALLOW_PRIVATE", raising=False)
    if allow is not None:
        monkeypatch.setenv("POLEMOS_ALLOW_PRIVATE", allow)
    (tmp_path / "a.txt").write_text("Beloria denied responsibility.", encoding="utf-8")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        done = polemos("ingest", f"http://127.0.0.1:{server.server_port}/a.txt", *RECORDED)
        server.shutdown()
    assert done.status == status
    assert ("POLEMOS_ALLOW_PRIVATE=yes" in done.err) is (status == 2)
    assert ("1 article read" in done.err) is (status == 0)


class Quiet(SimpleHTTPRequestHandler):
    """Gives out the files of a folder and says nothing about it."""

    def log_message(self, format: str, *args: Any) -> None:
        pass
