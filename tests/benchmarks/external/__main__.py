"""The door: `python -m tests.benchmarks.external [NAME …] [--extractor rules] [--limit N] [--json]`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from app.vocabulary.errors import PolemosError
from tests.benchmarks.external import dse, lgl, ngec_actors, petrarch, plv, polnear, re3d, seesaw
from tests.benchmarks.external.measuring import ROOT, Absent, Bench, Figure, table

YARDSTICKS: dict[str, Callable[[Bench], list[Figure]]] = {
    "plv": plv.measure,
    "dse": dse.measure,
    "polnear": polnear.measure,
    "seesaw": seesaw.measure,
    "petrarch": petrarch.measure,
    "ngec_actors": ngec_actors.measure,
    "lgl": lgl.measure,
    "re3d": re3d.measure,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for and print one table; the exit status is 0 also where no data is here."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.external", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which yardsticks; all of {', '.join(YARDSTICKS)}")
    parser.add_argument("--extractor", default="rules", help="as in `polemos ingest --extractor`")
    parser.add_argument("--limit", type=int, help="at most so many texts of each, spread over the whole")
    parser.add_argument("--bench", type=Path, default=ROOT.parent / "shared" / "bench", help="the folder of the data")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.names if name not in YARDSTICKS]:
        parser.error(f"no yardstick {', '.join(unknown)}; there are {', '.join(YARDSTICKS)}")
    if options.limit is not None and options.limit < 1:
        parser.error("--limit is a number of texts, 1 or more")
    bench = Bench(options.bench, extractor=options.extractor, limit=options.limit)
    figures: list[Figure] = []
    skipped: dict[str, str] = {}
    for name in options.names or YARDSTICKS:
        try:
            figures += YARDSTICKS[name](bench)
        except Absent as why:
            skipped[name] = str(why)
        except PolemosError as why:
            print(why, file=sys.stderr)
            return 2
    if options.json:
        rows = [figure.as_dict() for figure in figures]
        print(json.dumps({"extractor": options.extractor, "limit": options.limit, "figures": rows, "skipped": skipped}))
        return 0
    if figures:
        print(table(figures))
    for name, reason in skipped.items():
        print(f"skipped {name}: {reason}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
