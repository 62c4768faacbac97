"""Writes what of `graph_data/corpus` can be read off its annotated files: lines of JSON, counts, guideline, baselines.

`python docs/corpus.py` writes `data/train.jsonl`, `CODEBOOK.md` and the blocks between marks in `README.md` and
`DATASHEET.md`; `--check` writes nothing and exits with 1 where one is stale. In: the annotated files, and from
`docs/reference` the codebook and the accuracy figures. Out: the same bytes for the same files.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT / "graph_data" / "corpus"
REFERENCE = ROOT / "docs" / "reference"
Json = dict[str, Any]

SETS = {
    "train-a": "disputes between states: diplomacy, espionage, trade, cyber, borders",
    "train-b": "wars and armed groups",
    "train-c": "ten stories, four outlets each (`stories.json`)",
    "train-d": "communiqués, briefings, debates, indictments",
    "train-e": "local and regional papers, translated copy",
    "train-f": "explainers, timelines, live blogs, round-ups",
    "train-g": "a stream of news: two thirds hold no claim, and much that looks like one",
}
"""What each set holds; a file's set is its name up to the first digit."""
_CLAIM = ("id", "type", "speaker", "source", "target", "incident", "modality", "date", "responds_to", "evidence")
_INCIDENT = ("id", "type", "place", "country", "date", "date_note", "note", "global_id")
_MEASURES = ("strict", "dyad", "right sentence", "strict, accuses", "strict, denies", "strict, retaliates")


def annotated_files() -> list[Path]:
    """The annotated articles, in the order of their names."""
    return sorted(CORPUS.glob("train-*.json"))


def read(path: Path) -> Json:
    """One annotated article as it is written."""
    body: Json = json.loads(path.read_text(encoding="utf-8"))
    return body


# ---- lines of JSON ----


def place_of(body: Mapping[str, Any], words: str) -> tuple[str, int, int]:
    """Where a quote stands: part, start and end in code points, end exclusive; the first place, text before title."""
    for part in ("text", "title"):
        at = body[part].find(words)
        if at >= 0:
            return part, at, at + len(words)
    raise ValueError(f"{body['id']}: this stands nowhere in it: {words!r}")


def row(body: Mapping[str, Any]) -> Json:
    """One article as a line of the data set: every field in every row, null where the file has none.

    `perpetrators` of an incident are those whom the article's claims blame, so they are called alleged here.
    """
    return {
        "id": body["id"],
        "set": set_of(body["id"]),
        **{name: body[name] for name in ("title", "publisher", "published", "url", "text", "synthetic")},
        "incidents": [
            {
                **{name: one.get(name) for name in _INCIDENT},
                "alleged_perpetrators": one.get("perpetrators"),
                "targets": one.get("targets"),
            }
            for one in body["incidents"]
        ],
        "claims": [
            {
                **{name: one[name] for name in _CLAIM},
                **_placed(body, one["evidence"]),
                "optional": one.get("optional", False),
                "note": one.get("note"),
                "thread": one.get("thread"),
            }
            for one in body["claims"]
        ],
        "not_claims": [
            {"evidence": one["evidence"], "why": one["why"], **_placed(body, one["evidence"])}
            for one in body["not_claims"]
        ],
    }


def set_of(name: str) -> str:
    """The set of a file: "train-c04b-grid" is of "train-c"."""
    return re.split(r"\d", name, maxsplit=1)[0]


def _placed(body: Mapping[str, Any], words: str) -> Json:
    part, start, end = place_of(body, words)
    return {"part": part, "start": start, "end": end}


def jsonl(bodies: Iterable[Mapping[str, Any]]) -> str:
    """The data set, one article a line."""
    return "".join(json.dumps(row(body), ensure_ascii=False) + "\n" for body in bodies)


# ---- counts ----


def counts(bodies: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, int]]:
    """What is in the corpus, in words and numbers; claims are required ones unless it says otherwise."""
    every = [claim for body in bodies for claim in body["claims"]]
    must = [claim for claim in every if not claim.get("optional")]
    incidents = [one for body in bodies for one in body["incidents"]]
    threads = [one["thread"]["link"] for one in every if one.get("thread")]
    years = [body["published"][:4] for body in bodies]
    yield "articles", len(bodies)
    yield "words of text (parted by white space)", sum(len(body["text"].split()) for body in bodies)
    yield "articles without any required claim", sum(all(one.get("optional") for one in b["claims"]) for b in bodies)
    yield "articles without any claim", sum(not body["claims"] for body in bodies)
    yield "publishers (invented)", len({body["publisher"] for body in bodies})
    yield "first year of publication told", int(min(years))
    yield "last year of publication told", int(max(years))
    yield "claims, required", len(must)
    yield "claims, optional", len(every) - len(must)
    for kind in ("accuses", "denies", "retaliates"):
        yield f"`{kind}`, required", sum(one["type"] == kind for one in must)
        yield f"`{kind}`, optional", sum(one["type"] == kind for one in every) - sum(o["type"] == kind for o in must)
    for modality in ("carried_out", "threatened", "called_for"):
        yield f"retaliations `{modality}`, required", sum(one["modality"] == modality for one in must)
    yield "claims with a speaker other than the source", sum(one["speaker"] != one["source"] for one in every)
    yield "claims with an open target", sum(one["target"] is None for one in every)
    yield "claims with a date", sum(one["date"] is not None for one in every)
    yield "claims about an incident", sum(one["incident"] is not None for one in every)
    yield "claims with `responds_to`", sum(one["responds_to"] is not None for one in every)
    yield "denials with `responds_to`", sum(one["responds_to"] is not None for one in every if one["type"] == "denies")
    yield (
        "claims whose words stand in the headline",
        sum(place_of(body, one["evidence"])[0] == "title" for body in bodies for one in body["claims"]),
    )
    yield "different sources", len({one["source"] for one in every})
    yield "different targets", len({one["target"] for one in every} - {None})
    yield "incidents", len(incidents)
    yield "countries of incidents (ISO 3166 alpha-3)", len({one["country"] for one in incidents} - {None})
    yield "links between claims across articles", sum(link is not None for link in threads)
    yield "passages that look like claims and are none", sum(len(body["not_claims"]) for body in bodies)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    rule = [" --- " if at == 0 else " --: " for at in range(len(header))]
    lines = ["| " + " | ".join(header) + " |", "|" + "|".join(rule) + "|"]
    return "\n".join([*lines, *("| " + " | ".join(one) + " |" for one in rows)])


def _counts(bodies: Sequence[Mapping[str, Any]]) -> str:
    # A year is no quantity.
    rows = [(name, str(n) if "year" in name else f"{n:,}") for name, n in counts(bodies)]
    return _table(("what", "how many"), rows)


def _by_set(bodies: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for name, what in SETS.items():
        members = [body for body in bodies if set_of(body["id"]) == name]
        rows.append((f"`{name}`: {what}", *_numbers(members)))
    rows.append(("**all**", *_numbers(bodies)))
    return _table(("set", "articles", "words", "accuses", "denies", "retaliates", "optional", "without claims"), rows)


def _numbers(bodies: Sequence[Mapping[str, Any]]) -> list[str]:
    claims = [claim for body in bodies for claim in body["claims"]]
    types = Counter(claim["type"] for claim in claims if not claim.get("optional"))
    found = (
        len(bodies),
        sum(len(body["text"].split()) for body in bodies),
        *(types[kind] for kind in ("accuses", "denies", "retaliates")),
        sum(bool(claim.get("optional")) for claim in claims),
        sum(not body["claims"] for body in bodies),
    )
    return [f"{one:,}" for one in found]


def _sizes(lines: str) -> str:
    files = annotated_files()
    size = sum(path.stat().st_size for path in files) / 1_000_000
    return (
        f"{len(files)} annotated files, {size:.1f} MB together; `data/train.jsonl`, "
        f"{len(lines.encode()) / 1_000_000:.1f} MB; `stories.json`, "
        f"{(CORPUS / 'stories.json').stat().st_size / 1_000_000:.1f} MB."
    )


# ---- baselines ----


def _baselines() -> str:
    """How every extractor did on articles held out, as the accuracy page tells."""
    page = (REFERENCE / "accuracy.md").read_text(encoding="utf-8")
    rows = []
    for extractor, block in re.findall(r"^### (\S+), held-out articles$(.*?)<!-- figures:end", page, re.M | re.S):
        for measure in _MEASURES:
            found = re.search(rf"^\| {re.escape(measure)} \|([^|]+)\|([^|]+)\|([^|]+)\|([^|]+)\|", block, re.M)
            if found is not None:
                rows.append((f"`{extractor}`", measure, *(one.strip() for one in found.groups())))
    if not rows:
        raise ValueError("docs/reference/accuracy.md tells of no extractor on held-out articles")
    header = "| extractor | measure | precision | recall | F1 | 95 % of F1 |\n| --- | --- | --: | --: | --: | --: |"
    return "\n".join([header, *("| " + " | ".join(one) + " |" for one in rows)])


# ---- files ----


def wanted() -> dict[Path, str]:
    """Every file that this writes, as it should be."""
    bodies = [read(path) for path in annotated_files()]
    lines = jsonl(bodies)
    blocks = {
        "sets": _by_set(bodies),
        "sizes": _sizes(lines),
        "counts": _counts(bodies),
        "baselines": _baselines(),
    }
    told = (REFERENCE / "codebook.md").read_text(encoding="utf-8")
    return {
        CORPUS / "data" / "train.jsonl": lines,
        CORPUS / "CODEBOOK.md": told,
        **{CORPUS / name: _filled(CORPUS / name, blocks) for name in ("README.md", "DATASHEET.md")},
    }


def _filled(path: Path, blocks: Mapping[str, str]) -> str:
    def block(found: re.Match[str]) -> str:
        return f"{found[1]}\n{blocks[found[2]]}\n{found[3]}"

    page = path.read_text(encoding="utf-8")
    return re.sub(r"(<!-- begin (\w+) -->)\n.*?(<!-- end \2 -->)", block, page, flags=re.DOTALL)


def main() -> int:
    """Write the files, or check them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 where a file is stale")
    check = parser.parse_args().check
    found = wanted()
    stale = [path for path, text in found.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        name = path.relative_to(ROOT)
        if check:
            sys.stderr.write(f"{name} is stale; run: python docs/corpus.py\n")
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(found[path], encoding="utf-8")
            sys.stderr.write(f"{name} written\n")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
