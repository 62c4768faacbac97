"""All measurements by one command, one report out: docs/reference/performance.md and performance.json beside it.

`python -m tests.benchmarks.report [--folder FOLDER] [--events FOLDER] [--gold FOLDER] [--only a,b] [--skip a,b]
[--limit MINUTES] [--out FOLDER] [--quick | --render]`. Into `--folder`: a ledger of half a million claims, made of the
ICEWS18 events where they are and of generated ones of the same shape elsewhere, and kept for the next time. Sections
that are not run keep what the report said of them before; what cannot be run says why.

Each section runs in a process of its own, so that none is measured with another's memory, and one that fails, dies or
takes longer than `--limit` stops no other: the report says so, and the command ends with status 1. The report is
written after each section. `--quick` measures some thousand claims in seconds, to see that everything runs and that all
engines agree; `--render` measures nothing, and writes the pages anew from performance.json.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import msgspec

from tests.benchmarks import figures, icews, scale
from tests.benchmarks.figures import Report, Section, Skipped, duration
from tests.benchmarks.sections import CORPUS, QUICK, SECTIONS, Setting

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "docs" / "reference"
LIMIT_MINUTES = 30.0
PATIENCE_SECONDS = 30
LEDGER = "the ledger"
"""What is made before the first section that asks it, so that no section's time counts it."""


# ---- one section, in this process and in one of its own ----


def measured(name: str, setting: Setting) -> Section:
    """Run one section; one that cannot be run says why."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    machine += f", load {os.getloadavg()[0]:.1f} before"
    today, title = datetime.now(UTC).date().isoformat(), SECTIONS[name].title
    began = time.monotonic()
    try:
        goals, tables, text, data = SECTIONS[name].run(setting)
    except Skipped as why:
        return Section(title, today, machine, skipped=str(why))
    took = time.monotonic() - began
    # Through JSON and back, so that what was measured and what was kept are rendered by the same code.
    return Section(title, today, machine, None, goals, tables, text, msgspec.to_builtins(data), took)


def apart(name: str, setting: Setting, limit_s: float) -> Section | None:
    """Run one section in a process of its own; for `LEDGER` make the ledger, of which there is nothing to tell."""
    today = datetime.now(UTC).date().isoformat()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        into, errors = Path(folder) / "section.json", Path(folder) / "errors.txt"
        words = [sys.executable, "-m", "tests.benchmarks.report", "--folder", str(setting.folder)]
        words += ["--events", str(setting.events)] if setting.events is not None else []
        words += ["--gold", str(setting.gold), *(["--quick"] if setting.quick else [])]
        words += ["--section", name, "--into", str(into)]
        with errors.open("wb") as said:
            child = subprocess.Popen(words, cwd=ROOT, stderr=said, start_new_session=True)
            why: str | None = None
            try:
                status = child.wait(limit_s)
                if status:
                    why = f"it ended with status {status}" if status > 0 else f"it was killed by signal {-status}"
            except subprocess.TimeoutExpired:
                why = f"it took longer than {duration(limit_s)}"
            finally:
                # Whatever it started goes with it, also where somebody ends this command.
                _end(child)
        told = errors.read_text(encoding="utf-8", errors="replace").strip()
        if why is None and into.is_file():
            return msgspec.json.decode(into.read_bytes(), type=Section)
        if why is None and name == LEDGER:
            return None
    setting.say("\n".join(told.splitlines()[-30:]))
    reason = f"{why}: {_cause(told)}" if why is None or "status" in why else why
    setting.say(f"failed: {reason}")
    title = SECTIONS[name].title if name in SECTIONS else name
    return Section(title, today, platform.machine(), seconds=time.monotonic() - began, failed=reason)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ask the whole group to end, and end what does not."""
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            child.wait(PATIENCE_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _cause(told: str) -> str:
    """The line of a traceback that says what went wrong, without the folders in it, which are nobody's business."""
    errors = re.findall(r"^(?:\w+\.)*\w+(?:Error|Exception|Exit): .*$", told, re.MULTILINE) or told.splitlines()
    # That a process ended badly says less than why it did.
    errors = [one for one in errors if not one.startswith("subprocess.CalledProcessError")] or errors
    last = errors[-1] if errors else "it said nothing"
    return re.sub(r"(?:/[^\s/'\"]+)+/(?=[^\s/'\"])", "", last)


def _cpu_seconds() -> float:
    """Of all processes that were started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _stop(_: int, __: FrameType | None) -> None:
    # As an exception, so that what was started is ended on the way out.
    sys.exit(143)


# ---- the report ----


def keep(report: Report, out: Path) -> None:
    """Write the figures, the page, and what the page on scale takes from them; the pages' own words stay."""
    out.mkdir(parents=True, exist_ok=True)
    page, data = out / "performance.md", out / "performance.json"
    data.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n")
    empty = "# Performance\n\n" + "\n\n".join(f"{_begin(name)}\n{_end_of(name)}" for name in ("goals", "report")) + "\n"
    text = page.read_text(encoding="utf-8") if page.is_file() else empty
    text = filled(text, "goals", figures.goals(report))
    page.write_text(filled(text, "report", figures.markdown(report)), encoding="utf-8")
    other = out.parent / "explanation" / "scale.md"
    if other.is_file():
        other.write_text(scaled(other.read_text(encoding="utf-8"), report), encoding="utf-8")


def scaled(text: str, report: Report) -> str:
    """The page on scale with the figures of a report; what the report does not know stays as it is."""
    for name, block in scale.blocks(report).items():
        text = filled(text, name, block)
    return text


def filled(text: str, name: str, block: str) -> str:
    """A page with something else between two of its markers.

    Raises:
        ValueError: The page lacks them.
    """
    head, begin, rest = text.partition(_begin(name))
    _, end, tail = rest.partition(_end_of(name))
    if not begin or not end:
        raise ValueError(f"the page has no markers for {name}")
    return f"{head}{begin}\n{block}\n{end}{tail}"


def _begin(name: str) -> str:
    return f"<!-- {name}:begin -->"


def _end_of(name: str) -> str:
    return f"<!-- {name}:end -->"


def kept(out: Path) -> Report:
    """What the report said before."""
    file = out / "performance.json"
    return msgspec.json.decode(file.read_bytes(), type=Report) if file.is_file() else Report({})


def run(setting: Setting, names: Sequence[str], out: Path, limit_s: float = 60 * LIMIT_MINUTES) -> list[str]:
    """Measure these sections and write the report after each, so that nothing is lost when a later one breaks.

    Returns:
        Those that failed.
    """
    if any(SECTIONS[name].needs_ledger for name in names):
        apart(LEDGER, setting, limit_s)
    failed = []
    # The first leaves a snapshot, from which the others start.
    for name in sorted(names, key=lambda one: one != "start"):
        setting.say(f"== {SECTIONS[name].title}")
        before = _cpu_seconds()
        section = apart(name, setting, limit_s)
        assert section is not None
        if section.failed is not None:
            failed.append(name)
        took = f"took {duration(section.seconds or 0)}, {duration(_cpu_seconds() - before)} of processor time"
        setting.say(f"skipped: {section.skipped}" if section.skipped else took)
        # Read anew: another command may have measured other sections meanwhile.
        sections = {**kept(out).sections, name: section}
        keep(Report({one: sections[one] for one in SECTIONS if one in sections}), out)
    return failed


def main() -> int:
    """Measure, print how far it is, and write the report; 1 where a section failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--folder", type=Path, help="where the ledger is kept between runs; a temporary one if left out"
    )
    parser.add_argument("--events", type=Path, default=icews.BENCH, help="the folder of the ICEWS18 events")
    parser.add_argument("--gold", type=Path, default=CORPUS, help="annotated articles with stories.json; the corpus")
    parser.add_argument(
        "--only", type=_names, default=None, help=f"sections, with commas between: {','.join(SECTIONS)}"
    )
    parser.add_argument("--skip", type=_names, default=[], help="sections to leave out")
    parser.add_argument("--limit", type=float, default=LIMIT_MINUTES, help="minutes that a section may take")
    parser.add_argument("--out", type=Path, default=OUT, help="where the report is written")
    parser.add_argument("--quick", action="store_true", help="some thousand generated claims, seconds; needs --out")
    parser.add_argument("--render", action="store_true", help="measure nothing, write the pages anew")
    parser.add_argument("--section", help=argparse.SUPPRESS)
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.render:
        keep(kept(given.out), given.out)
        return 0
    if given.quick and given.section is None and given.out == OUT:
        parser.error("--quick measures nothing worth keeping: say with --out where to write it")
    signal.signal(signal.SIGTERM, _stop)
    names = [name for name in given.only or (QUICK if given.quick else SECTIONS) if name not in given.skip]
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        folder = (given.folder or Path(scratch)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        events = None if given.quick else given.events.resolve()
        setting = Setting(folder, events, given.gold.resolve(), given.quick, lambda words: print(words, flush=True))
        if given.section is not None:
            if given.section == LEDGER:
                setting.say(f"the ledger of {setting.ledger.name.removesuffix('.sqlite')}: made of {setting.origin}")
            else:
                section = measured(given.section, setting)
                given.into.write_bytes(msgspec.json.encode(section))
            return 0
        failed = run(setting, names, given.out, 60 * given.limit)
    goals = [goal for section in kept(given.out).sections.values() for goal in section.goals]
    for goal in goals:
        print(f"{'met   ' if goal.met else 'MISSED'} {goal.what}: {goal.found} (wanted {goal.wanted})")
    print(f"{sum(bool(goal.met) for goal in goals)} of {len(goals)} goals met, in {duration(time.monotonic() - began)}")
    if failed:
        print(f"FAILED: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _names(text: str) -> list[str]:
    names = [name for name in text.split(",") if name]
    unknown = set(names) - set(SECTIONS)
    if unknown:
        raise argparse.ArgumentTypeError(f"no such section: {', '.join(sorted(unknown))}")
    return names


if __name__ == "__main__":
    sys.exit(main())
