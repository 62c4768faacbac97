"""A worker of a cluster that is made of something else than its client: `unlike_worker.py WHAT OPTIONS…`.

WHAT is the name of a package of which it claims to have another version, or `app` where it has no Polemos.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run it."""
    what = sys.argv.pop(1)
    if what == "app":
        sys.modules["app"] = None  # type: ignore[assignment]
    else:
        from app.pipeline import cluster_work

        real = cluster_work.__dict__["version"]
        cluster_work.__dict__["version"] = lambda package: "0.0.1" if package == what else real(package)
    from distributed.cli.dask_worker import main as work

    work()


if __name__ == "__main__":
    main()
