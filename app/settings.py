"""The only reader of the environment: one frozen class, one table of settings with their help text.

Comes in: environment variables with the prefix `POLEMOS_`. Goes out: a `Settings` value, made when asked for, never at
import. The table feeds `polemos --help`, the reference page and its test.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

PREFIX = "POLEMOS_"
ROLES = ("reader", "contributor", "curator", "admin")
"""Roles of keys, the least first; `app.ledger.KeyRole` is the same."""
_FLAGS = {"yes": True, "true": True, "on": True, "1": True, "no": False, "false": False, "off": False, "0": False}


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable: its name without prefix, its default as shown to people, what it does.

    The value of one that `is_secret` is shown nowhere.
    """

    name: str
    default: str
    help: str
    is_secret: bool = False


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
        "What reads articles: `hybrid` (learned core with rules around it), `rules` (no trained model), `llm` (a "
        "language model, asked over the network), `both` (hybrid and llm side by side; `both:rules` likewise), or "
        "`recorded:FOLDER` (claims that a person annotated).",
    ),
    Setting(
        "LLM_URL",
        "none",
        "For `llm` and `both`: the server of the language model, any that speaks OpenAI's chat interface, as "
        "`http://127.0.0.1:8080/v1`. Articles are sent there, and nowhere where it is not set.",
    ),
    Setting("LLM_MODEL", "none", "For `llm` and `both`: the model's name, as its server has it."),
    Setting(
        "LLM_KEY",
        "none",
        "The key that the model's server asks for; sent as `Authorization: Bearer`, to it alone.",
        is_secret=True,
    ),
    Setting("LLM_TIMEOUT", "120", "Seconds that one answer of the model may take."),
    Setting("LLM_CONCURRENCY", "4", "Questions to the model under way at once, for each process that reads."),
    Setting(
        "LLM_RETRIES",
        "4",
        "How often a question is sent again that failed for a while; the waits double, or are those that the server "
        "asks for.",
    ),
    Setting("LLM_PRICE_IN", "unknown", "Price of a million tokens that are sent, to tell what a run costs."),
    Setting("LLM_PRICE_OUT", "unknown", "Price of a million tokens that are answered."),
    Setting(
        "LLM_CACHE",
        "on",
        "Whether answers are kept, so that the same passage is not paid for twice: `on` (in `graph_data/var/llm/`, for "
        "an installed wheel in `$XDG_DATA_HOME/polemos/llm/`), `off`, or a folder.",
    ),
    Setting("WORKERS", "1", "Processes that read articles at the same time during `polemos ingest` and `extract`."),
    Setting("MAX_BODY_MB", "20", "Largest document or request body that is accepted, in megabytes."),
    Setting(
        "ALLOW_PRIVATE",
        "no",
        "Whether a URL that is fetched may lead to this machine or a private network: `yes` or `no`. Only with `yes` "
        "are the proxies used that the environment names, for they look names up themselves.",
    ),
    Setting(
        "HOST",
        "127.0.0.1",
        "Address `polemos serve` listens on. On one that others can reach, every request needs a key, and without any "
        "key it does not start, unless POLEMOS_ALLOW_ANONYMOUS says otherwise.",
    ),
    Setting("PORT", "8000", "Port `polemos serve` listens on."),
    Setting(
        "BASE_IRI",
        "https://w3id.org/polemos/id/",
        "IRI under which actors, places, incidents, claims and articles are named in RDF.",
    ),
    Setting(
        "ALLOW_ANONYMOUS",
        "admin for this machine itself, none for others",
        "What may be done over HTTP without a key, from wherever it is asked: `none`, `reader`, `contributor`, "
        "`curator` or `admin`.",
    ),
    Setting(
        "ALLOWED_HOSTS",
        "this machine's own names where HOST is one of them, else any",
        "Names, separated by commas, under which the service may be addressed; `*` for any. Name them where a proxy "
        "passes requests on.",
    ),
    Setting(
        "CORS_ORIGINS",
        "none",
        "Origins (`https://desk.example`), separated by commas, of pages elsewhere that may ask and write.",
    ),
    Setting(
        "TRUSTED_PROXIES",
        "127.0.0.1",
        "Addresses, separated by commas, whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.",
    ),
    Setting("RATE_PER_KEY", "600", "Requests a minute with one key, unless it was made with another number; 0: any."),
    Setting(
        "RATE_PER_ADDRESS",
        "300",
        "Requests a minute without a key from one address (of IPv6, one /64), this machine's own not counted; 0: any.",
    ),
    Setting("LOG_FORMAT", "text", "How `polemos serve` writes its log on standard error: `text`, or `json` lines."),
    Setting("LOG_LEVEL", "warning", "From which level on: `debug`, `info` (each request), `warning` or `error`."),
    Setting(
        "SLICE",
        "",
        "Which part of the ledger is held in memory and answered about: `since=DAY,until=DAY,actors=NAME;NAME,"
        "region=CODE;CODE` or some of these (codes are ISO 3166 alpha-3); all of it where empty.",
    ),
    Setting("READY_LAG", "30", "Seconds that the graph may be behind the ledger before `/ready` says no."),
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
    allow_anonymous: str | None = None
    allowed_hosts: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ()
    trusted_proxies: str = "127.0.0.1"
    rate_per_key: int = 600
    rate_per_address: int = 300
    log_format: str = "text"
    log_level: str = "warning"
    ready_lag: int = 30
    slice: str = ""
    llm_url: str | None = None
    llm_model: str | None = None
    llm_key: str | None = field(default=None, repr=False)
    llm_timeout: int = 120
    llm_concurrency: int = 4
    llm_retries: int = 4
    llm_price_in: float | None = None
    llm_price_out: float | None = None
    llm_cache: str = "on"

    @property
    def llm_folder(self) -> Path:
        """Where a language model's answers, and the accounts of what was asked, are kept."""
        return _own_folder() / "llm" if self.llm_cache in ("on", "off") else Path(self.llm_cache).resolve()

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

        def one_of(name: str, default: str, *choices: str) -> str:
            raw = text(name, default).lower()
            if raw not in choices:
                raise ValueError(f"{PREFIX}{name} must be one of {', '.join(choices)}, not {raw!r}")
            return raw

        def price(name: str) -> float | None:
            raw = text(name, "")
            if not raw:
                return None
            if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", raw):
                raise ValueError(f"{PREFIX}{name} must be a price such as 0.15, not {raw!r}")
            return float(raw)

        def several(name: str) -> tuple[str, ...]:
            return tuple(one for one in (part.strip().lower() for part in text(name, "").split(",")) if one)

        origins = several("CORS_ORIGINS")
        for origin in origins:
            if not re.fullmatch(r"https?://[^/\s*]+", origin):
                raise ValueError(f"{PREFIX}CORS_ORIGINS must name origins such as https://desk.example, not {origin!r}")
        allowed = text("ALLOW_ANONYMOUS", "")
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
            allow_anonymous=one_of("ALLOW_ANONYMOUS", "", "none", *ROLES) if allowed else None,
            allowed_hosts=several("ALLOWED_HOSTS"),
            cors_origins=origins,
            trusted_proxies=text("TRUSTED_PROXIES", "127.0.0.1"),
            rate_per_key=whole("RATE_PER_KEY", 600, 0, 1_000_000),
            rate_per_address=whole("RATE_PER_ADDRESS", 300, 0, 1_000_000),
            log_format=one_of("LOG_FORMAT", "text", "text", "json"),
            log_level=one_of("LOG_LEVEL", "warning", "debug", "info", "warning", "error"),
            ready_lag=whole("READY_LAG", 30, 1, 86_400),
            slice=text("SLICE", ""),
            llm_url=text("LLM_URL", "") or None,
            llm_model=text("LLM_MODEL", "") or None,
            llm_key=text("LLM_KEY", "") or None,
            llm_timeout=whole("LLM_TIMEOUT", 120, 1, 3_600),
            llm_concurrency=whole("LLM_CONCURRENCY", 4, 1, 64),
            llm_retries=whole("LLM_RETRIES", 4, 0, 20),
            llm_price_in=price("LLM_PRICE_IN"),
            llm_price_out=price("LLM_PRICE_OUT"),
            llm_cache=text("LLM_CACHE", "on"),
        )


@dataclass(frozen=True, slots=True)
class Told:
    """A setting as it is in force; `origin` is `environment` or `default`."""

    name: str
    value: str
    origin: str
    default: str
    help: str


def told(environment: Mapping[str, str] | None = None) -> list[Told]:
    """Every setting with its value in force, without passwords.

    Raises:
        ValueError: One of them does not hold what it should; the message names it.
    """
    env = os.environ if environment is None else environment
    found = Settings.from_environment(env)
    rows = []
    for one in SETTINGS:
        raw = env.get(PREFIX + one.name, "").strip()
        value = raw or _in_force(one.name, found) or one.default
        if one.is_secret and raw:
            value = "…"
        shown = without_password(value)
        rows.append(Told(PREFIX + one.name, shown, "environment" if raw else "default", one.default, one.help))
    return rows


def _in_force(name: str, found: Settings) -> str | None:
    """What is in force where the environment says nothing, if that can be said better than the default's words."""
    return str(getattr(found, name.lower())) if name in ("LEDGER", "DATA") else None


def without_password(url: str) -> str:
    """A URL whose password, wherever it stands, is blotted out; any other text as it is."""
    shown = re.sub(r"(?<=://)([^/@\s]*):([^/@\s]*)@", r"\1:…@", url)
    return re.sub(r"(?i)([?&](?:[a-z_]*(?:password|secret|key|token)[a-z_]*)=)[^&\s]*", r"\1…", shown)
