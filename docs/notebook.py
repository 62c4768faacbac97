"""Runs `docs/tutorial/notebook.ipynb` from an empty kernel and writes what its cells answer into it.

`python docs/notebook.py` writes it; `--check` writes nothing and exits with 1 where a cell fails or answers otherwise.
In: the notebook's cells. Out: their text, and pictures as SVG. HTML, times and counters are left out, so that it is the
same on every machine; of a picture only that there is one is checked, for Graphviz places nodes where it is installed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

NOTEBOOK = Path(__file__).resolve().parent / "tutorial" / "notebook.ipynb"
SECONDS = 300
"""How long one cell may take: much longer than it does."""
_KEPT = ("text/plain", "image/svg+xml")


def executed(path: Path = NOTEBOOK) -> dict[str, Any]:
    """The notebook with the answers of this run; raises where a cell does."""
    import nbformat
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    # Commands of cells are this environment's, whichever one that starts it is in.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    # A cell's commands have a terminal, whose progress bars are not for keeping.
    os.environ["TTY_COMPATIBLE"] = "0"
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    # By files rather than ports: nobody else on this machine can listen.
    with tempfile.TemporaryDirectory() as folder:
        kernel = AsyncKernelManager(kernel_name="python3", transport="ipc", ip=f"{folder}/kernel")
        NotebookClient(notebook, kernel, timeout=SECONDS, startup_timeout=SECONDS).execute()
    found: dict[str, Any] = json.loads(nbformat.writes(notebook))  # type: ignore[no-untyped-call]
    return found


def cleaned(notebook: dict[str, Any]) -> dict[str, Any]:
    """A notebook without what differs from run to run and from machine to machine."""
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        if cell["cell_type"] != "code":
            continue
        cell["execution_count"] = None
        for output in cell["outputs"]:
            if "execution_count" in output:
                output["execution_count"] = None
            if "data" in output:
                output["data"] = {kind: held for kind, held in output["data"].items() if kind in _KEPT}
                output["metadata"] = {}
    notebook["metadata"] = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook


def answers(notebook: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """Each code cell's own text, and the words of what it answers; a picture is the word "picture"."""
    found = []
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        said: list[str] = []
        for output in cell["outputs"]:
            data = output.get("data", {})
            if "image/svg+xml" in data:
                said.append("picture")
            else:
                said += "".join(data.get("text/plain", output.get("text", ""))).split()
        found.append(("".join(cell["source"]), said))
    return found


def main() -> int:
    """Write the notebook, or check it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 where it is stale")
    check = parser.parse_args().check
    written: dict[str, Any] = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    found = cleaned(executed())
    if not check:
        NOTEBOOK.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        return 0
    for (source, was), (_, now) in zip(answers(written), answers(found), strict=True):
        if was != now:
            sys.stderr.write(f"stale; run: python docs/notebook.py\n{source}\n-- is  {was}\n-- not {now}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
