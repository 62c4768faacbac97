"""The only reader of the environment: one frozen class, one table of settings with their help text.

Comes in: environment variables with the prefix `POLEMOS_`. Goes out: a `Settings` value, made when asked for, never at
import. The table feeds `polemos --help`, the reference page and its test.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

PREFIX = "POLEMOS_"
_FLAGS = {"yes": True, "true": True, "on": True, "1": True, "no": False, "false": False, "off": False, "0": False}


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable: its name without prefix, its default as shown to people, what it does."""

    name: str
    default: str
    help: str


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "LEDGER",
        "graph_data/var/ledger.sqlite",
        "Where claims are remembered: `sqlite:////absolute/path`, or `postgresql://user:password@host/database` with "
        "`?schema=NAME`. In a checkout the default is a file in `graph_data/var/`; for an installed wheel it lies in "
        "`$XDG_DATA_HOME/polemos/`.",
    ),
    Setting(
        "SNAPSHOTS",
        "beside the ledger",
        "Where snapshots of large graphs are kept, for a fast start: `on`, `off`, or a folder for those of a "
        "PostgreSQL ledger (a SQLite ledger has them beside its file).",
    ),
    Setting("DATA", "the graph_data that came with Polemos", "Folder with ontology, shapes, lexicons and gazetteers."),
    Setting(
        "SPACY_MODEL",
        "the md model on Python ≥ 3.12, else sm",
        "Name of an installed spaCy model package, or a folder that holds one.",
    ),
    Setting(
        "EXTRACTOR",
        "hybrid",
        "What reads articles: `hybrid` (learned core with rules around it), `rules` (no trained model), or "
        "`recorded:FOLDER` (claims that a person annotated).",
    ),
    Setting("WORKERS", "1", "Processes that read articles at the same time during `polemos ingest` and `extract`."),
    Setting("MAX_BODY_MB", "20", "Largest document or request body that is accepted, in megabytes."),
    Setting(
        "ALLOW_PRIVATE",
        "no",
        "Whether a URL that is fetched may lead to this machine or a private network: `yes` or `no`. Only with `yes` "
        "are the proxies used that the environment names, for they look names up themselves.",
    ),
    Setting("HOST", "127.0.0.1", "Address `polemos serve` listens on."),
    Setting("PORT", "8000", "Port `polemos serve` listens on."),
    Setting(
        "BASE_IRI",
        "https://w3id.org/polemos/id/",
        "IRI under which actors, places, incidents, claims and articles are named in RDF.",
    ),
)


def _checkout_data() -> Path:
    # graph_data lies beside app in a checkout and in site-packages alike.
    return Path(__file__).resolve().parent.parent / "graph_data"


def _own_folder() -> Path:
    """Where Polemos keeps what it makes, unless it is told otherwise."""
    data = _checkout_data()
    if (data.parent / "pyproject.toml").exists():
        return data / "var"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "polemos"


def _default_ledger() -> str:
    return f"sqlite:///{quote(str(_own_folder() / 'ledger.sqlite'))}"


def _snapshots(text: str) -> Path | None:
    if text == "off":
        return None
    return _own_folder() / "snapshots" if text == "on" else Path(text).resolve()


@dataclass(frozen=True, slots=True)
class Settings:
    """What the doors need to know. Paths are absolute; sizes are in bytes."""

    ledger: str
    snapshots: Path | None
    data: Path
    spacy_model: str | None
    extractor: str
    workers: int
    max_bytes: int
    host: str
    port: int
    base_iri: str
    allow_private: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the `POLEMOS_` variables.

        Raises:
            ValueError: One of them does not hold what it should; the message names it.
        """
        env = os.environ if environment is None else environment

        def text(name: str, default: str) -> str:
            return env.get(PREFIX + name, "").strip() or default

        def whole(name: str, default: int, least: int, most: int) -> int:
            raw = text(name, str(default))
            if not raw.isdecimal() or not least <= int(raw) <= most:
                raise ValueError(f"{PREFIX}{name} must be a whole number from {least} to {most}, not {raw!r}")
            return int(raw)

        def flag(name: str) -> bool:
            raw = text(name, "no")
            if raw.lower() not in _FLAGS:
                raise ValueError(f"{PREFIX}{name} must be yes or no, not {raw!r}")
            return _FLAGS[raw.lower()]

        data = Path(text("DATA", str(_checkout_data()))).resolve()
        if not data.is_dir():
            raise ValueError(f"{PREFIX}DATA names no folder: {data}")
        base = text("BASE_IRI", "https://w3id.org/polemos/id/")
        if not base.startswith(("http://", "https://")) or base[-1] not in "/#":
            raise ValueError(f"{PREFIX}BASE_IRI must be an http(s) IRI ending in / or #, not {base!r}")
        return cls(
            ledger=text("LEDGER", _default_ledger()),
            snapshots=_snapshots(text("SNAPSHOTS", "on")),
            data=data,
            spacy_model=env.get(PREFIX + "SPACY_MODEL") or None,
            extractor=text("EXTRACTOR", "hybrid"),
            workers=whole("WORKERS", 1, 1, 64),
            max_bytes=whole("MAX_BODY_MB", 20, 1, 1000) * 1_000_000,
            host=text("HOST", "127.0.0.1"),
            port=whole("PORT", 8000, 0, 65535),
            base_iri=base,
            allow_private=flag("ALLOW_PRIVATE"),
        )
