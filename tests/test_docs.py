"""The documentation kept true: links resolve, the reference names what there is, and the examples do what they say."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from app.queries.attribution_rows import Scope
from app.queries.link_rules import Basis, LinkKind
from app.queries.rows import ClaimRow
from app.queries.stances import Position, StanceRow, Turn
from app.queries.statuses import Status
from app.settings import PREFIX, SETTINGS
from app.vocabulary import errors, terms
from app.vocabulary.errors import BadInput, PolemosError, TooLarge

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
PAGES = sorted(DOCS.rglob("*.md"))
TOLD = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "graph_data").rglob("README.md")), *PAGES]
GUIDES = [
    page for part in ("tutorial", "how-to") for page in sorted((DOCS / part).glob("*.md")) if page.name != "index.md"
]


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# ---- links ----


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, made as GitHub makes them."""
    body = re.sub(r"^```.*?^```", "", text(path), flags=re.DOTALL | re.MULTILINE)
    titles = re.findall(r"^#{1,6} (.+)$", body, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", TOLD, ids=name_of)
def test_every_relative_link_resolves(page: Path) -> None:
    body = re.sub(r"^```.*?^```", "", text(page), flags=re.DOTALL | re.MULTILINE)
    body = re.sub(r"`[^`\n]*`", "", body)
    for target in re.findall(r"\]\(([^)\s]+)\)", body):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), f"{target} leads nowhere"
        if anchor:
            assert anchor in anchors(found), f"{target} has no such heading"


def test_every_page_is_linked_from_another() -> None:
    linked = {
        (page.parent / target.partition("#")[0]).resolve()
        for page in TOLD
        for target in re.findall(r"\]\(([^)\s]+)\)", text(page))
        if not re.match(r"[a-z]+:", target)
    }
    lonely = [name_of(page) for page in PAGES if page not in linked and page.parent not in linked]
    assert lonely == []


# ---- the reference and what it is of ----


def commands() -> dict[str, Any]:
    import typer

    from app.cli import app

    found: dict[str, Any] = getattr(typer.main.get_command(app), "commands", {})
    return found


def test_generated_pages_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_command_and_option_is_told() -> None:
    told = text(REFERENCE / "cli.md")
    for name, command in commands().items():
        section = re.search(rf"^## polemos {name}$(.*?)(?=^## |\Z)", told, re.DOTALL | re.MULTILINE)
        assert section is not None, name
        for one in command.params:
            for option in one.opts if one.param_type_name == "option" else ():
                assert f"`{option}`" in section[1], f"{name} {option}"


def test_every_command_told_exists() -> None:
    known = commands().keys()
    for page in TOLD:
        for block in re.findall(r"^```(?:sh|console)$(.*?)^```", text(page), re.DOTALL | re.MULTILINE):
            for name in re.findall(r"(?:^|[\s/|(])polemos ([a-z]+)", block):
                assert name in known, f"{name_of(page)} speaks of polemos {name}"
        for name in re.findall(r"`polemos ([a-z]+)[ `]", text(page)):
            assert name in known, f"{name_of(page)} speaks of polemos {name}"


def test_every_setting_is_told() -> None:
    told = text(REFERENCE / "settings.md")
    for setting in SETTINGS:
        assert f"`{PREFIX}{setting.name}`" in told
    known = {PREFIX + setting.name for setting in SETTINGS} | {"POLEMOS_TEST_BROWSER"}
    for page in TOLD:
        assert set(re.findall(rf"{PREFIX}[A-Z_]+\b", text(page))) <= known, name_of(page)


def test_every_route_is_told() -> None:
    from app.main import app

    told = text(REFERENCE / "http.md")
    paths = app.openapi()["paths"]
    assert paths
    for path, methods in paths.items():
        for method in methods:
            assert f"### {method.upper()} {path}\n" in told
    for path in ("/", "/docs", "/openapi.json"):
        assert f"`{path}`" in told


def test_every_route_told_exists() -> None:
    from app.main import app

    shapes = [re.compile(re.sub(r"\{[^}]*\}", "[^/]+", path) + r"\Z") for path in app.openapi()["paths"]]
    for page in PAGES:
        if page.parent == REFERENCE and page.name == "http.md":
            continue
        for path in re.findall(r"`(?:GET|POST|DELETE) (/[^`\s?]*)", text(page)):
            assert any(shape.match(path) for shape in shapes), f"{name_of(page)} speaks of {path}"


def our_errors() -> list[type[PolemosError]]:
    return [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, PolemosError)]


def raised(kind: type[PolemosError]) -> PolemosError:
    if kind is TooLarge:
        return TooLarge("too much")
    return BadInput("bad_field", "no good") if kind is BadInput else kind("what is wrong")


class Raising:
    def __init__(self, error: PolemosError) -> None:
        self.error = error

    def __call__(self) -> None:
        raise self.error


def test_every_error_is_told_with_its_statuses(monkeypatch: pytest.MonkeyPatch) -> None:
    import app.cli as cli
    from app.web import problems

    told = text(REFERENCE / "errors.md")
    rows = dict(re.findall(r"^\| `(\w+)` \|.*?\| (\d \| \d+)\b", told, re.MULTILINE))
    for kind in our_errors():
        status = http_status(problems, raised(kind))
        monkeypatch.setattr(cli, "app", Raising(raised(kind)))
        with pytest.raises(SystemExit) as left:
            cli.main()
        assert rows.get(kind.__name__) == f"{left.value.code} | {status}", kind.__name__


def http_status(problems: Any, error: PolemosError) -> int:
    import asyncio

    import httpx
    from fastapi import FastAPI

    app = FastAPI()
    problems.add_handlers(app)

    @app.get("/thing")
    def thing() -> None:
        raise error

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://polemos.test") as client:
            return await client.get("/thing")

    answer = asyncio.run(asked())
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert set(answer.json()) == {"type", "title", "status", "detail", "instance"}
    return int(answer.status_code)


@pytest.mark.parametrize(
    "terms_of",
    [
        terms.ClaimType,
        terms.Modality,
        terms.DenialKind,
        terms.ThreatKind,
        terms.Rung,
        terms.AcknowledgementKind,
        terms.Clock,
        terms.Role,
        terms.Rollup,
        terms.Voice,
        terms.NodeKind,
        terms.EdgeKind,
        terms.ActorKind,
        terms.Judgement,
        terms.DecisionKind,
        terms.RefusalReason,
    ],
)
def test_every_term_is_told(terms_of: type[StrEnum]) -> None:
    told = text(REFERENCE / "data-model.md")
    for term in terms_of:
        assert f"`{term.value}`" in told, f"{terms_of.__name__}: {term.value}"


@pytest.mark.parametrize(
    ("row", "values"),
    [
        ("rungs of the ladder", tuple(terms.Rung)),
        ("kinds of acknowledgement", tuple(terms.AcknowledgementKind)),
        ("clocks", tuple(terms.Clock)),
        ("roll-up", tuple(terms.Rollup)),
        ("voice", tuple(terms.Voice)),
        ("links of a", get_args(LinkKind)),
        ("basis of a link", get_args(Basis)),
        ("status of an", get_args(Status)),
        ("scope of a claim in an", get_args(Scope)),
        ("stances of an actor", get_args(Position)),
        ("scope of a stance", get_args(get_type_hints(StanceRow)["scope"])),
        ("[turns of position]", get_args(Turn)),
    ],
)
def test_every_value_is_told_in_its_row_and_no_other(row: str, values: tuple[str, ...]) -> None:
    found = re.search(rf"^\| {re.escape(row)}.*$", text(REFERENCE / "data-model.md"), re.MULTILINE)
    assert found is not None
    assert re.findall(r"`(\w+)`", found[0]) == list(values)


def test_the_claim_as_json_has_every_field() -> None:
    block = re.search(
        r"^## A claim as JSON$.*?^```json$(.*?)^```$", text(REFERENCE / "data-model.md"), re.DOTALL | re.MULTILINE
    )
    assert block is not None
    assert list(json.loads(block[1])) == list(ClaimRow.__struct_fields__)


def test_every_record_field_is_told() -> None:
    import dataclasses

    from app.vocabulary import records

    told = text(REFERENCE / "data-model.md")
    kept = (
        "Article",
        "Evidence",
        "Mention",
        "Actor",
        "Membership",
        "Place",
        "Incident",
        "Claim",
        "Acknowledgement",
        "Reading",
        "Decision",
    )
    for name in kept:
        section = re.search(rf"^### {name}$(.*?)(?=^##|\Z)", told, re.DOTALL | re.MULTILINE)
        assert section is not None, name
        for one in dataclasses.fields(getattr(records, name)):
            assert f"`{one.name}`" in section[1], f"{name}.{one.name}"


def test_the_documentation_speaks_of_no_machine() -> None:
    for page in TOLD:
        assert not re.search(r"/(?:home|root|work|Users)/", text(page)), name_of(page)


# ---- examples ----

STAND_IN = '''#!{python}
"""curl, as far as the documentation uses it, so that its examples run where there is none; other options fail."""
import sys, urllib.error, urllib.parse, urllib.request

words, headers, form, data, method, url, get = sys.argv[1:], {{}}, [], None, None, None, False
while words:
    word = words.pop(0)
    if word in ("-s", "-sS"):
        pass
    elif word in ("-G", "--get"):
        get = True
    elif word == "-X":
        method = words.pop(0)
    elif word == "-H":
        name, _, value = words.pop(0).partition(":")
        headers[name] = value.strip()
    elif word == "--data-urlencode":
        name, _, value = words.pop(0).partition("=")
        form.append((name, value))
    elif word == "--data-binary":
        value = words.pop(0)
        if value == "@-":
            data = sys.stdin.buffer.read()
        else:
            data = open(value[1:], "rb").read() if value.startswith("@") else value.encode()
    elif word.startswith("-"):
        sys.exit("the documentation uses an option of curl that its test does not know: " + word)
    else:
        url = word.replace("127.0.0.1:8000", "127.0.0.1:{port}")
if form and get:
    url += ("&" if "?" in url else "?") + urllib.parse.urlencode(form)
elif form:
    data = urllib.parse.urlencode(form).encode()


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


try:
    answer = urllib.request.build_opener(Stay).open(urllib.request.Request(url, data, headers, method=method))
except urllib.error.HTTPError as why:
    answer = why
sys.stdout.buffer.write(answer.read())
'''


@dataclass(frozen=True)
class Step:
    """A command of a page and the lines that are said to follow it, or the name of a file and its lines."""

    line: int
    command: str
    expected: list[str]
    is_file: bool = False


def steps(page: Path) -> list[Step]:
    """The commands of a page's console blocks, in order, and its blocks that bear a file's name."""
    found: list[Step] = []
    inside = False
    writing = False
    for number, line in enumerate(text(page).splitlines(), start=1):
        if line.startswith("```"):
            inside = line == "```console"
            writing = line.startswith(("```python ", "```json "))
            if writing:
                found.append(Step(number, line.split()[1], [], is_file=True))
        elif writing:
            found[-1].expected.append(line)
        elif inside and line.startswith("$ "):
            found.append(Step(number, line[2:], []))
        elif inside and found and found[-1].command.endswith("\\") and not found[-1].expected:
            found[-1] = Step(found[-1].line, f"{found[-1].command[:-1]}{line.strip()}", [])
        elif inside:
            assert found, f"{name_of(page)}:{number}: output before any command"
            found[-1].expected.append(line)
    return found


def missing(expected: list[str], output: str) -> str | None:
    """The first expected line that does not occur in the output after the one before; "…" stands for anything."""
    lines = [" ".join(line.split()) for line in output.splitlines()]
    at = 0
    for line in expected:
        wanted = " ".join(line.split())
        if wanted in ("", "…"):
            continue
        shape = re.compile(".*".join(re.escape(part) for part in wanted.split("…")) + r"\Z")
        while at < len(lines) and not shape.match(lines[at]):
            at += 1
        if at == len(lines):
            return line
        at += 1
    return None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Desk:
    """A folder to work in that looks like the top of a checkout, with a ledger of its own and `polemos` on the path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("graph_data", "tests", "docs"):
            (folder / name).symlink_to(ROOT / name)
        self.port = free_port()
        self._server: subprocess.Popen[bytes] | None = None
        tools = folder / ".tools"
        tools.mkdir()
        stand_in = tools / "curl"
        stand_in.write_text(STAND_IN.format(python=sys.executable, port=self.port), encoding="utf-8")
        stand_in.chmod(0o755)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        self.environment = {
            **kept,
            "PATH": f"{tools}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "POLEMOS_LEDGER": f"sqlite:///{folder / 'ledger.sqlite'}",
            "COLUMNS": "100",
            "PYTHONUTF8": "1",
        }

    def run(self, command: str) -> tuple[int, str]:
        if command.lstrip().startswith("curl") or "| curl" in command:
            self._serve()
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=120,
            check=False,
        )
        return done.returncode, done.stdout.decode()

    def asking(self, program: str) -> str:
        """A program as it stands in a page; what it asks of a service, the desk's own answers."""
        if (usual := "127.0.0.1:8000") in program:
            self._serve()
        return program.replace(usual, f"127.0.0.1:{self.port}")

    def _serve(self) -> None:
        if self._server is not None:
            return
        command = ["polemos", "serve", "--port", str(self.port)]
        found = shutil.which(command[0], path=self.environment["PATH"])
        assert found is not None
        self._server = subprocess.Popen([found, *command[1:]], cwd=self.folder, env=self.environment)
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5):
                    return
            except OSError:
                assert self._server.poll() is None, "polemos serve ended"
                time.sleep(0.1)
        pytest.fail("polemos serve does not answer")

    def close(self) -> None:
        if self._server is not None:
            self._server.terminate()
            self._server.wait(20)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = Desk(tmp_path)
    yield opened
    opened.close()


@pytest.mark.processes
@pytest.mark.parametrize("page", GUIDES, ids=name_of)
def test_examples_do_what_they_say(page: Path, desk: Desk) -> None:
    found = steps(page)
    assert found, "a guide without an example"
    for step in found:
        if step.is_file:
            (desk.folder / step.command).write_text(desk.asking("\n".join(step.expected)), encoding="utf-8")
            continue
        status, output = desk.run(step.command)
        where = f"{name_of(page)}:{step.line}: $ {step.command}\n{output}"
        line = missing(step.expected, output)
        assert line is None, f"{where}\n-- lacks: {line}"
        refused = any(line.startswith(("polemos: ", "refused (")) for line in step.expected)
        assert status == 0 or refused, f"{where}\n-- exit status {status}"
        assert "Traceback" not in output, where
    # A picture that lies beside a page is the one that its commands draw; who placed the nodes is no matter.
    for picture in page.parent.glob("*.svg"):
        if (drawn := desk.folder / picture.name).is_file():
            assert said_in(picture) == said_in(drawn), name_of(picture)


def said_in(picture: Path) -> list[str]:
    found = re.findall(r"<title>([^<]*)</title>", text(picture))
    assert found, picture
    return sorted(found)


def test_the_comparison_is_honest() -> None:
    assert missing(["a", "…", "c  d"], "a\nb\nc d\n") is None
    assert missing(["a … z"], "a bcd z\n") is None
    assert missing(["c", "a"], "a\nb\nc\n") == "a"
    assert missing(["a"], "ab\n") == "a"
