"""The wheel: it is not built without the page's libraries, and what it installs serves the page without Node."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from urllib.parse import urljoin

import httpx
import pytest

from tests.serving import ROOT, serving

VENDOR = Path("app", "web", "page", "vendor")


def _hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("polemos_build", ROOT / ".ci" / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _build(tree: Path, out: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """What a build needs of a checkout, with the page's libraries and stand-ins for large data."""
    tree = tmp_path / "tree"
    page = shutil.ignore_patterns("node_modules", "__pycache__")
    shutil.copytree(ROOT / "app", tree / "app", ignore=page)
    shutil.copytree(ROOT / ".ci", tree / ".ci")
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, tree / name)
    for name in ("ontology", "shapes", "lexicons", "model", "gazetteers", "crosswalk", "articles"):
        (tree / "graph_data" / name).mkdir(parents=True)
        (tree / "graph_data" / name / "README.md").write_text("stand-in", encoding="utf-8")
    (tree / "graph_data" / "README.md").write_text("stand-in", encoding="utf-8")
    return tree


def test_a_wheel_with_the_libraries_is_built_and_holds_them(tree: Path, tmp_path: Path) -> None:
    built = _build(tree, tmp_path / "out")
    assert built.returncode == 0, built.stderr
    (wheel,) = (tmp_path / "out").glob("*.whl")
    with zipfile.ZipFile(wheel) as files:
        names = set(files.namelist())
    wanted = _hook().asked_for(ROOT)
    assert {"graph.js", "swagger-ui-bundle.js", "DejaVuSans.ttf"} <= wanted
    assert {(VENDOR / name).as_posix() for name in wanted} <= names
    assert not any("node_modules" in name for name in names)


@pytest.mark.parametrize("lost", ["all of it", "graph.js", "DejaVuSans.ttf"])
def test_a_wheel_without_the_libraries_is_not_built(tree: Path, tmp_path: Path, lost: str) -> None:
    if lost == "all of it":
        shutil.rmtree(tree / VENDOR)
    else:
        (tree / VENDOR / lost).unlink()
    built = _build(tree, tmp_path / "out")
    assert built.returncode != 0
    assert "make setup" in built.stderr
    assert lost in ("all of it", *re.findall(r"[\w.-]+", built.stderr))
    assert not list(tmp_path.glob("out/*.whl"))


def test_an_empty_library_is_missing(tree: Path) -> None:
    assert _hook().missing(tree) == []
    (tree / VENDOR / "graph.js").write_bytes(b"")
    assert _hook().missing(tree) == ["graph.js"]


# ---- installed ----


class Address(str):
    """Where a server answers, and a key that opens it."""

    key: str

    def __new__(cls, url: str, key: str) -> Address:
        made = super().__new__(cls, url)
        made.key = key
        return made


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    """The address of a server that runs from a wheel in an environment of its own, with no Node to be found."""
    folder = tmp_path_factory.mktemp("installed")
    built = _build(ROOT, folder / "out")
    assert built.returncode == 0, built.stderr
    (wheel,) = (folder / "out").glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")], check=True)
    python = folder / "venv" / "bin" / "python"
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "-q",
        "--no-deps",
        "--no-index",
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True)
    (packages,) = (folder / "venv" / "lib").glob("python*/site-packages")
    # What Polemos needs is taken from here; its own code is not, for the line comes after the wheel's folder.
    ours = next(path for path in sys.path if path.endswith("site-packages"))
    (packages / "dependencies.pth").write_text(f"{ours}\n", encoding="utf-8")
    where = subprocess.run(
        [python, "-c", "import app; print(app.__file__)"], cwd=folder, check=True, capture_output=True, text=True
    )
    assert Path(where.stdout.strip()).is_relative_to(packages)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("POLEMOS_", "PYTHON"))}
    environment |= {"PATH": str(folder / "venv" / "bin"), "XDG_DATA_HOME": str(folder / "data")}
    polemos = str(folder / "venv" / "bin" / "polemos")
    made = subprocess.run(
        [polemos, "keys", "create", "Ana", "--role", "admin"],
        cwd=folder, env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    with serving(environment=environment, polemos=polemos, cwd=folder, seconds=120) as service:
        yield Address(service.url, made.stdout.strip())


_LINKS = re.compile(r"""(?:href|src)="([^"#?]+)"|(?:from|import)\s*\(?\s*"(\.[^"]+)"|url\(["']?([^"')]+)""")


def test_an_installed_wheel_serves_the_page_with_all_it_asks_for(installed: str) -> None:
    todo, done = [f"{installed}/", f"{installed}/docs"], {}
    while todo:
        url = todo.pop()
        if url in done or not url.startswith(installed):
            continue
        answer = httpx.get(url, timeout=60, follow_redirects=True, headers={"Accept": "text/html, */*;q=0.5"})
        assert answer.status_code == 200, url
        assert answer.content, url
        done[url] = answer.headers["content-type"]
        # A library is asked for itself; what it asks for in turn is inside it.
        if "/vendor/" not in url and re.match(r"text/(html|css|javascript)", done[url]):
            links = (next(filter(None, found)) for found in _LINKS.findall(answer.text))
            todo += [urljoin(url, link) for link in links if not link.startswith("data:")]
    served = {url.rpartition("/")[2] for url in done}
    for name in ("main.js", "style.css", "receipt.js", "review.js", "graph.js", "swagger-ui-bundle.js"):
        assert name in served, sorted(served)
    assert sum(kind.startswith("text/javascript") for kind in done.values()) > 20


def test_an_installed_wheel_is_ready_and_knows_its_keys(installed: Address) -> None:
    assert httpx.get(f"{installed}/ready", timeout=60).json()["status"] == "ready"
    headers = {"Authorization": f"Bearer {installed.key}"}
    found = httpx.get(f"{installed}/whoami", headers=headers, timeout=60).json()
    assert (found["name"], found["role"]) == ("Ana", "admin")
    trail = httpx.get(f"{installed}/audit", headers=headers, timeout=60).json()["audit"]
    assert [row["what"] for row in trail] == ["key_create"]
