"""A PostgreSQL URL in, a connection out that is made again after it was lost; the driver's errors in, ours out.

No password leaves this module: what is shown of a URL is made anew from its parts, and messages of the server are
looked through.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote, unquote

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from app.vocabulary.errors import BadQuery, LedgerAway, LedgerBusy, LedgerDamaged, LedgerError

Db = psycopg.Connection[tuple[Any, ...]]

BUSY_SECONDS = 30.0
"""How long one writer waits for another."""
PATIENCE_SECONDS = 30.0
"""How long after a connection was lost it is tried to make it again before whoever asks is told."""
LEAST_VERSION = 130000
DEFAULT_SCHEMA = "polemos"

_SECRETS = ("password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key")
# A peer that vanishes without a word is noticed after a minute; the URL may say otherwise.
_MANNERS = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
    "fallback_application_name": "polemos",
}
# The server frees the turn of a writer that is gone or has stopped. What `append` has returned for is on the disk,
# even where the server is set up to answer sooner. Compiling a query costs more than it saves at pages of entries.
_SESSION = """
SELECT set_config('search_path', %s, false),
    set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
        ELSE current_setting('synchronous_commit') END, false),
    set_config('idle_in_transaction_session_timeout', '60s', false),
    set_config('tcp_keepalives_idle', '30', false),
    set_config('tcp_keepalives_interval', '10', false),
    set_config('tcp_keepalives_count', '3', false),
    set_config('jit', 'off', false)
"""

# The server says so and hangs up, which the driver may notice only at the next word.
_HUNG_UP = (
    errors.AdminShutdown,
    errors.CrashShutdown,
    errors.CannotConnectNow,
    errors.DatabaseDropped,
    errors.IdleSessionTimeout,
    errors.IdleInTransactionSessionTimeout,
)
_UNSOUND = (
    errors.UndefinedTable,
    errors.UndefinedColumn,
    errors.UndefinedFunction,
    errors.InternalError_,
    errors.DataCorrupted,
    errors.IndexCorrupted,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a ledger lies.

    Attributes:
        parts: What libpq is told.
        schema: The schema that holds the tables.
        location: The URL that may be shown.
    """

    parts: dict[str, str] = field(repr=False)
    schema: str
    location: str

    @classmethod
    def parse(cls, url: str) -> Address:
        """Take `postgresql://user:password@host:port/database?schema=NAME` apart; other parameters are libpq's.

        Raises:
            BadQuery: It is no such URL; no part of it is shown.
        """
        head, _, query = url.partition("?")
        named = [one.partition("=") for one in query.split("&") if one]
        schemas = [unquote(value) for name, _, value in named if name == "schema"]
        rest = "&".join(f"{name}={value}" for name, _, value in named if name != "schema")
        schema = schemas[-1] if schemas else DEFAULT_SCHEMA
        if not re.fullmatch(r"(?!pg_|information_schema$)[a-z_][a-z0-9_]{0,47}", schema):
            raise BadQuery("schema= names a schema in at most 48 small letters, digits and _, and none of the server's")
        try:
            told = conninfo_to_dict(f"{head}?{rest}" if rest else head)
        except psycopg.Error:
            raise BadQuery(
                "this PostgreSQL URL cannot be read; use postgresql://user:password@host:port/database, with @, :, /, "
                "? and % in user and password written %40, %3A, %2F, %3F and %25"
            ) from None
        parts = {name: str(value) for name, value in told.items() if value is not None}
        return cls(parts, schema, _shown(parts, schema))

    def without_secrets(self, message: str) -> str:
        """A message of the driver or server on one line, in which no password can stand."""
        for name in _SECRETS:
            if self.parts.get(name):
                message = message.replace(self.parts[name], "…")
        return "; ".join(line.strip() for line in message.splitlines() if line.strip())


def _shown(parts: dict[str, str], schema: str) -> str:
    rest = {name: value for name, value in parts.items() if name not in _SECRETS}
    user, database = rest.pop("user", None), rest.pop("dbname", None)
    place = f"{quote(user, safe='')}@" if user is not None else ""
    # A folder with a socket, or several hosts, can only be said as parameters.
    if not re.search(r"[/@,]", rest.get("host", "/")) and "," not in rest.get("port", ""):
        host = rest.pop("host")
        place += f"[{host}]" if ":" in host else quote(host, safe="")
        place += f":{rest.pop('port')}" if "port" in rest else ""
    if schema != DEFAULT_SCHEMA:
        rest["schema"] = schema
    query = "&".join(f"{name}={quote(value, safe='/')}" for name, value in rest.items())
    path = f"/{quote(database, safe='')}" if database is not None else ""
    return f"postgresql://{place}{path}" + (f"?{query}" if query else "")


@contextmanager
def named_errors(address: Address) -> Iterator[None]:
    """Turn the driver's errors into ours, which say what to do."""
    location = address.location
    try:
        yield
    except (errors.LockNotAvailable, errors.DeadlockDetected) as why:
        raise LedgerBusy(f"{location} is held by another writer; try again in a moment") from why
    except errors.DiskFull as why:
        raise LedgerError(f"the disk that holds {location} is full; nothing of this batch was stored") from why
    except errors.ReadOnlySqlTransaction as why:
        raise LedgerError(
            f"{location} cannot be written to: the server is a standby, or the database is set to read-only"
        ) from why
    except errors.InsufficientPrivilege as why:
        raise LedgerError(
            f"{location} cannot be used by this role ({_primary(why, address)}); grant it what it lacks"
        ) from why
    except (psycopg.IntegrityError, psycopg.DataError, errors.ProgramLimitExceeded) as why:
        raise LedgerError(f"{location} refuses this: {_primary(why, address)}; nothing of it was stored") from why
    except _UNSOUND as why:
        raise LedgerDamaged(
            f"{location} is not a sound ledger ({_primary(why, address)}); restore it from a backup"
        ) from why
    except UnicodeEncodeError as why:
        raise LedgerError(f"a text holds half of a surrogate pair, which {location} cannot store") from why
    except (psycopg.OperationalError, psycopg.InterfaceError) as why:
        raise LedgerAway(f"{location} cannot be reached: {address.without_secrets(str(why))}") from why
    except psycopg.Error as why:
        # libpq and psycopg fold several hosts and hints into one message of many lines.
        raise LedgerError(f"{location}: {address.without_secrets(str(why))}") from why


def _primary(why: psycopg.Error, address: Address) -> str:
    return address.without_secrets(why.diag.message_primary or str(why))


def connect(address: Address) -> Db:
    """A new connection, in autocommit, that looks for its tables in the ledger's schema alone.

    Raises:
        LedgerError: The server is too old.
        psycopg.OperationalError: There is no connection to be had.
    """
    told = {**_MANNERS, **address.parts, "client_encoding": "utf8"}
    db: Db = psycopg.connect(**told, autocommit=True)  # type: ignore[arg-type]
    try:
        if db.info.server_version < LEAST_VERSION:
            raise LedgerError(f"{address.location} is PostgreSQL {db.info.server_version // 10000}; 13 is the oldest")
        db.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        db.execute(_SESSION, (f'"{address.schema}"',))
    except BaseException:
        db.close()
        raise
    return db


class Line:
    """One connection for all threads of a process, made again after it was lost."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._lock = threading.RLock()
        self._db: Db | None = None
        self.is_closed = False
        # When the connection was lost; until the first one, there is nothing to be patient for.
        self._lost_at: float | None = time.monotonic() - PATIENCE_SECONDS

    def run(self, ask: Callable[[Db], T]) -> T:
        """Ask, and ask anew where the connection is lost meanwhile: what is asked must bear being done twice.

        Attempts go on for `PATIENCE_SECONDS` from when it was lost, whoever asks; then each call makes one.

        Raises:
            LedgerError: It was closed.
            psycopg.Error: What the last attempt met.
        """
        pause = 0.0
        with self._lock:
            while True:
                try:
                    found = ask(self.connected())
                except psycopg.Error as why:
                    if not isinstance(why, _HUNG_UP) and self._db is not None and not self._db.closed:
                        raise
                    self.drop()
                    now = time.monotonic()
                    self._lost_at = now if self._lost_at is None else self._lost_at
                    left = self._lost_at + PATIENCE_SECONDS - now
                    if left <= 0:
                        raise
                    time.sleep(min(pause, left))
                    pause = min(max(0.05, 2 * pause), 1.0)
                else:
                    self._lost_at = None
                    return found

    def connected(self) -> Db:
        """The connection, made where there is none.

        Raises:
            LedgerError: It was closed.
        """
        with self._lock:
            self.check_open()
            if self._db is not None and self._db.info.transaction_status != TransactionStatus.IDLE:
                # Somebody was interrupted in the middle, or the server is gone.
                self.drop()
            if self._db is None:
                self._db = connect(self._address)
            return self._db

    def check_open(self) -> None:
        """Nothing, unless it was closed; then a `LedgerError`."""
        if self.is_closed:
            raise LedgerError(f"{self._address.location} cannot be asked any more: it was closed")

    def drop(self) -> None:
        """Let the connection go; the next call makes another."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None

    def close(self) -> None:
        """Let it go for good; an attempt under way to make it again ends."""
        self.is_closed = True
        self.drop()
