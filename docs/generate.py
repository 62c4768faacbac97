"""Writes the reference pages that can be read off the program: command line, settings, HTTP, ontology, model card.

`python docs/generate.py` writes them; `--check` writes nothing and exits with 1 where a page is stale. In: the typer
application, `app.settings.SETTINGS` and the OpenAPI document. Out: Markdown, the same for the same program.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).resolve().parent / "reference"
NOTE = "<!-- Written by docs/generate.py; change the program, then run it. -->\n"
MODEL_CARD = REFERENCE / "model-card.md"
MODEL = REFERENCE.parents[1] / "graph_data" / "model" / "model.json"
Json = dict[str, Any]


def pages() -> dict[Path, str]:
    """Every generated page with its text."""
    return {
        REFERENCE / "cli.md": _joined(_command_line()),
        REFERENCE / "settings.md": _joined(_settings()),
        REFERENCE / "http.md": _joined(_http()),
        REFERENCE / "ontology.md": _joined(_ontology()),
        **({MODEL_CARD: _model_card()} if MODEL.is_file() else {}),
    }


def main() -> int:
    """Write the pages, or check them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 where a page is stale")
    check = parser.parse_args().check
    wanted = pages()
    stale = [path for path, text in wanted.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if check:
            sys.stderr.write(f"{path} is stale; run: python docs/generate.py\n")
        else:
            path.write_text(wanted[path], encoding="utf-8")
            sys.stderr.write(f"{path} written\n")
    return 1 if check and stale else 0


def _joined(blocks: Iterable[str]) -> str:
    return "\n".join(block.rstrip("\n") + "\n" for block in blocks)


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in lines
    )


def _flat(text: str) -> str:
    return " ".join(text.split())


# ---- model card ----


def _model_card() -> str:
    """The card as it stands, with the figures that training wrote into `model.json`."""
    card = json.loads(MODEL.read_text(encoding="utf-8"))
    trained, least = card["trained_on"], card["least_confidence"]
    rows = (tuple(f"{row[key]:.3f}" for key in ("from", "precision", "recall", "f1")) for row in card["held_back"][::2])
    size = sum(path.stat().st_size for path in MODEL.parent.iterdir()) / 1_000_000
    figures = "\n".join(
        (
            f"Trained on {trained['articles']} articles with {trained['claims']:,} claims; {size:.1f} MB in all. "
            f"On articles held back in turn, strictly counted; claims are made from {least:.3f} on:\n",
            _table(("claims with a chance from", "precision", "recall", "F1"), rows),
        )
    )
    begin, end = "<!-- figures:begin -->", "<!-- figures:end -->"
    before, _, rest = MODEL_CARD.read_text(encoding="utf-8").partition(begin)
    return f"{before}{begin}\n{figures}\n{end}{rest.partition(end)[2]}"


# ---- ontology ----


def _ontology() -> Iterator[str]:
    """Every term with its comment, its example and how it stands to others, as the Turtle file tells."""
    from app.rdf.ontology import SECTIONS, read_ontology, short
    from app.rdf.terms import PLM

    told = read_ontology(REFERENCE.parents[1] / "graph_data")
    yield f"# The ontology, version {told.version}\n" + NOTE
    yield f"{told.comment} {told.abstract}"
    yield (
        f"Namespace `{PLM}`, prefix `plm`. The file is `graph_data/ontology/polemos.ttl`; a service gives it out at "
        "`/ns`, as a page or in any RDF format. How the relations stand to CAMEO and PLOVER is told in "
        "`graph_data/ontology/crosswalk.ttl`."
    )
    for kind, heading in SECTIONS:
        if not told.of_kind(kind):
            continue
        yield f"## {heading}"
        rows = []
        for term in told.of_kind(kind):
            relations: dict[str, list[str]] = {}
            for name, iri in term.relations:
                relations.setdefault(name, []).append(f"`{short(iri)}`")
            more = "; ".join(f"{name} {', '.join(iris)}" for name, iris in relations.items())
            code = f" (`{term.code}`)" if term.code else ""
            rows.append((f"`plm:{term.name}`{code}", term.comment, term.example, more))
        yield _table(("term", "what it means", "example", "and others"), rows)


# ---- command line ----


def _command_line() -> Iterator[str]:
    import typer

    from app.cli import app

    root = typer.main.get_command(app)
    commands: dict[str, Any] = getattr(root, "commands", {})
    yield "# The command line\n" + NOTE
    yield (
        "Tables and JSON go to standard output; progress, counts and refusals go to standard error. "
        "Every command reads [settings](settings.md) from the environment; `polemos --version` tells its version."
    )
    yield _table(
        ("exit status", "meaning"),
        (
            ("0", "done; an empty answer is an answer"),
            ("1", "the ledger could not do what was asked, or `validate` found that claims do not conform"),
            ("2", "what was asked or handed in cannot be used; one line on standard error says why"),
            ("130, 143", "`ingest` was ended by Ctrl-C or SIGTERM; what it had read is stored"),
        ),
    )
    yield _table(
        ("command", "what it does"),
        ((f"[`{name}`](#polemos-{name})", _flat(_first(command.help))) for name, command in commands.items()),
    )
    for name, command in commands.items():
        yield from _command(name, command)
        # What is said of several commands together stands above them.
        for part, one in getattr(command, "commands", {}).items():
            yield from _command(f"{name} {part}", one, "###")


def _first(text: str | None) -> str:
    return (text or "").strip().split("\n\n")[0]


def _command(name: str, command: Any, level: str = "##") -> Iterator[str]:  # noqa: ANN401 -- typer keeps the class of its commands private
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option" and not one.hidden]
    usage = " ".join(["polemos", name, *(["[OPTIONS]"] if options else []), *map(_argument, arguments)])
    yield f"{level} polemos {name}"
    yield f"```text\n{usage}\n```"
    yield "\n\n".join(_flat(part) for part in (command.help or "").strip().split("\n\n"))
    rows = [(f"`{_argument(one)}`", "", _flat(one.help or "")) for one in arguments]
    rows += [(_option(one), _default(one), _flat(one.help or "")) for one in options]
    if rows:
        yield _table(("argument or option", "default", "meaning"), rows)


def _argument(argument: Any) -> str:  # noqa: ANN401 -- as above
    shown = (argument.metavar or argument.name.upper()).strip("[]")
    return shown if argument.required else f"[{shown}]"


def _option(option: Any) -> str:  # noqa: ANN401 -- as above
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    if option.is_flag:
        return names
    choices = option.type_descriptor.choices
    value = option.metavar or ("|".join(str(one) for one in choices) if choices else "VALUE")
    again = " (may come several times)" if option.multiple else ""
    return f"{names} `{value}`{again}"


def _default(option: Any) -> str:  # noqa: ANN401 -- as above
    if option.required:
        return "required"
    if option.is_flag or option.default is None:
        return ""
    value = option.default.value if isinstance(option.default, Enum) else option.default
    return f"`{value}`"


# ---- settings ----


def _settings() -> Iterator[str]:
    from app.settings import PREFIX, SETTINGS

    yield "# Settings\n" + NOTE
    yield (
        f"Settings are environment variables with the prefix `{PREFIX}`. Nothing else is read: there is no settings "
        "file. A value that cannot be used stops the command with exit status 2 and a line that names the variable."
    )
    yield _table(
        ("variable", "default", "what it does"),
        ((f"`{PREFIX}{one.name}`", one.default, _flat(one.help)) for one in SETTINGS),
    )


# ---- HTTP ----


def _http() -> Iterator[str]:
    from app.main import app

    document: Json = app.openapi()
    schemas: Json = document["components"]["schemas"]
    operations = [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    yield "# The HTTP interface\n" + NOTE
    yield _flat(document["info"]["description"])
    yield (
        "`polemos serve` answers at `http://127.0.0.1:8000`. The same description, to try out, is at `/docs`; as an "
        "OpenAPI document it is at `/openapi.json`. A parameter that a route does not know is refused (422), so that a "
        "mistyped filter never looks like an answer. Errors have one shape: see [errors](errors.md)."
    )
    yield (
        "A service that only its own machine reaches needs no key. Elsewhere one is sent as `Authorization: Bearer …`, "
        "and each route says which role it needs; without it the answer is 401, with one that may not 403, and after "
        "too many requests 429. See [what could go wrong](../explanation/security.md)."
    )
    yield _table(
        ("route", "what it answers"),
        (
            (f"[`{method} {path}`](#{_anchor(f'{method} {path}')})", _flat(operation.get("description", "")))
            for method, path, operation in operations
        ),
    )
    tags = dict.fromkeys(tag for *_, operation in operations for tag in operation.get("tags", ["others"]))
    for tag in tags:
        yield f"## {tag[:1].upper()}{tag[1:]}"
        for method, path, operation in operations:
            if tag in operation.get("tags", ["others"]):
                yield from _operation(method, path, operation, schemas)
    unlisted = sorted(
        {
            (path, _flat((route.endpoint.__doc__ or "").strip()))
            for route in _routes(app)
            if (path := route.path) not in document["paths"] and not route.include_in_schema
        }
    )
    yield "## Outside the OpenAPI document"
    yield _table(("address", "what is there"), ((f"`{path}`", words) for path, words in unlisted))
    yield "## Records"
    for name in sorted(schemas):
        yield from _schema(name, schemas[name])


def _routes(app: Any) -> Iterator[Any]:  # noqa: ANN401 -- routers nest differently from version to version
    for route in app.routes:
        if hasattr(route, "endpoint"):
            yield route
        elif hasattr(route, "original_router"):
            yield from _routes(route.original_router)
        elif hasattr(route, "routes"):
            yield from _routes(route)


def _anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _operation(method: str, path: str, operation: Json, schemas: Json) -> Iterator[str]:
    yield f"### {method} {path}"
    yield _flat(operation.get("description", ""))
    roles = [role for one in operation.get("security", []) for named in one.values() for role in named]
    yield f"Needs the role `{roles[0]}`." if roles else "Open to anybody."
    parameters = operation.get("parameters", [])
    if parameters:
        yield _table(
            ("parameter", "in", "type", "default", "meaning"),
            (
                (
                    f"`{one['name']}`",
                    one["in"],
                    _type(one["schema"], schemas).removesuffix(" or null"),
                    "required" if one.get("required") else _value(one["schema"].get("default")),
                    _flat(one["schema"].get("description") or one.get("description", "")),
                )
                for one in parameters
            ),
        )
    body = operation.get("requestBody")
    if body:
        kinds = ", ".join(f"`{kind}`" for kind in body.get("content", {}))
        yield f"Body ({kinds}): {_flat(body.get('description', ''))}"
    yield "\n".join(
        f"* `{status}`: {_answer(answer, schemas)}" for status, answer in sorted(operation["responses"].items())
    )


def _answer(answer: Json, schemas: Json) -> str:
    kinds = []
    for media, content in answer.get("content", {}).items():
        schema = content.get("schema") or {}
        kinds.append(f"{_type(schema, schemas)} as `{media}`" if "$ref" in schema else f"`{media}`")
    return ", ".join(kinds) or _flat(answer.get("description", ""))


def _value(default: object) -> str:
    if default is None or default == []:
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _type(schema: Json, schemas: Json) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})" if name in schemas else name
    if "anyOf" in schema:
        parts = [one for one in schema["anyOf"] if one.get("type") != "null"]
        words = " or ".join(dict.fromkeys(_type(one, schemas) for one in parts))
        return words if len(parts) == len(schema["anyOf"]) else f"{words} or null"
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    if schema.get("type") == "array":
        items = schema.get("items") or {}
        return f"list of {_type(items, schemas)}" if items else "list"
    if "additionalProperties" in schema and isinstance(schema["additionalProperties"], dict):
        return f"object of {_type(schema['additionalProperties'], schemas)}"
    bounds = [str(schema[key]) for key in ("minimum", "maximum") if key in schema]
    return str(schema.get("type", "any")) + (f" {'–'.join(bounds)}" if bounds else "")


def _schema(name: str, schema: Json) -> Iterator[str]:
    words, meanings = _docstring(schema.get("description", ""))
    yield f"### {name}"
    if words:
        yield words
    if "enum" in schema:
        yield "One of " + ", ".join(f"`{one}`" for one in schema["enum"]) + "."
    rows = [
        (f"`{field}`", _type(kind, {name: 1 for name in [_ref(kind)] if name}), meanings.get(field, ""))
        for field, kind in schema.get("properties", {}).items()
    ]
    if rows:
        yield _table(("field", "type", "meaning"), rows)


def _ref(schema: Json) -> str:
    found = re.search(r"'\$ref': '[^']*/(\w+)'", str(schema))
    return found[1] if found else ""


def _docstring(text: str) -> tuple[str, dict[str, str]]:
    """What a record is, and what its `Attributes:` section says of its fields."""
    head, _, attributes = text.partition("Attributes:")
    meanings: dict[str, str] = {}
    field = ""
    for line in attributes.splitlines():
        found = re.match(r"\s{4}(\w+): (.*)", line)
        if found:
            field = found[1]
            meanings[field] = found[2]
        elif field and line.strip():
            meanings[field] += f" {line.strip()}"
    return _flat(head), meanings


if __name__ == "__main__":
    sys.exit(main())
