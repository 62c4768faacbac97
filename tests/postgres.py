"""A throw-away PostgreSQL cluster: made from whatever server is installed, on a loopback port, and gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

# Ends the server when its standard input ends, so that it does not outlive tests that were killed.
_KEEPER = '"$@" </dev/null & server=$!; cat >/dev/null; kill -QUIT $server 2>/dev/null; wait $server'


def programs() -> Path | None:
    """The folder with `initdb` and `postgres`, or None where no server is installed."""
    places = [Path(found).resolve().parent for name in ("initdb", "postgres") if (found := shutil.which(name))]
    # Debian keeps the servers of each version off the path.
    debian = Path("/usr/lib/postgresql")
    if debian.is_dir():
        places += sorted(debian.glob("*/bin"), key=lambda path: int(path.parent.name.split(".")[0]), reverse=True)
    if config := shutil.which("pg_config"):
        told = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        places.append(Path(told.stdout.strip()))
    return next((place for place in places if (place / "initdb").exists() and (place / "postgres").exists()), None)


def _other_user() -> dict[str, Any]:
    """Whom the server runs as: it refuses to be run by root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@dataclass
class Cluster:
    """A server of one's own. What was committed is on its disk, as in real life."""

    bin: Path
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="polemos-pg-")))
    port: int = 0
    _keeper: subprocess.Popen[bytes] | None = None
    _as: dict[str, Any] = field(default_factory=_other_user)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def make(self) -> None:
        if self._as:
            os.chown(self.folder, self._as["user"], self._as["group"])
        how = ["-U", "polemos", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
        made: list[str | Path] = [self.bin / "initdb", "-D", self.data, *how]
        done = subprocess.run(made, capture_output=True, text=True, check=False, cwd="/", **self._as)
        assert done.returncode == 0, done.stderr
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.start()

    def start(self) -> None:
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
            "fsync": "on",
            "shared_buffers": "32MB",
            "max_connections": "60",
            "autovacuum": "off",
        }
        told: Sequence[str | Path] = [
            self.bin / "postgres", "-D", self.data, *(f"--{name}={value}" for name, value in options.items())
        ]  # fmt: skip
        with (self.folder / "log").open("ab") as log:
            self._keeper = subprocess.Popen(
                ["/bin/sh", "-c", _KEEPER, "keeper", *map(str, told)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd="/",
                **self._as,
            )
        until = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.url()).close()
            except psycopg.OperationalError:
                assert time.monotonic() < until, (self.folder / "log").read_text()
                time.sleep(0.05)
            else:
                return

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """Stop it: at once, as when the power fails (SIGQUIT), or after a checkpoint (SIGINT)."""
        if self._keeper is None:
            return
        pid = self.data / "postmaster.pid"
        if pid.exists():
            os.kill(int(pid.read_text().split()[0]), how)
            until = time.monotonic() + 60
            while pid.exists() and time.monotonic() < until:
                time.sleep(0.01)
        assert self._keeper.stdin is not None
        self._keeper.stdin.close()
        self._keeper.wait(60)
        self._keeper = None

    def restart(self) -> None:
        """Let it die and come back, as `pg_ctl restart -m immediate` does."""
        self.stop()
        self.start()

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, schema: str | None = None, database: str = "postgres", user: str = "polemos") -> str:
        more = f"?schema={schema}" if schema is not None else ""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}{more}"

    def new_schema(self) -> str:
        """A name that no other test uses."""
        return f"t{uuid.uuid4().hex}"

    def run(self, sql: str, schema: str = "public") -> list[tuple[Any, ...]]:
        """What a statement of a superuser gives, in a schema."""
        with closing(psycopg.connect(self.url(), autocommit=True, options=f"-csearch_path={schema}")) as db:
            found = db.execute(sql)
            return found.fetchall() if found.description is not None else []
