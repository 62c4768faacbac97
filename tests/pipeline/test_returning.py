"""What one ledger exports as RDF another takes in, claim for claim; what is foreign or broken is refused, counted."""

from __future__ import annotations

import importlib.util
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.extraction.base import ReadingBuilder
from app.graph import ConflictGraph, Fold
from app.ledger import Batch, Ledger, open_ledger
from app.ledger.checking import check
from app.pipeline import fold_ledger
from app.pipeline.returning import import_rdf
from app.queries import claim_row
from app.rdf.jsonld import load_context
from app.rdf.serialise import FORMATS, write
from app.rdf.terms import PLM, RDF, Profile
from app.vocabulary.errors import BadInput
from app.vocabulary.records import Actor, Article, Decision, Evidence, Place, Reading, Refusal
from app.vocabulary.terms import ActorKind, ClaimType, DecisionKind, Judgement, Modality, NodeKind

ROOT = Path(__file__).resolve().parents[2]
CONTEXT = load_context(ROOT / "graph_data" / "ontology")
CAME_BACK = [
    (profile, name) for profile in Profile if profile is not Profile.EDGES for name, one in FORMATS.items()
    if one.carries(profile)
]  # fmt: skip


def _dispute() -> Any:
    """The module with the invented dispute, which another folder of tests has as its conftest."""
    name = "polemos_tests_rdf_conftest"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, ROOT / "tests" / "rdf" / "conftest.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


def _entries() -> tuple[list[Any], dict[str, str]]:
    """The dispute, and what people decided about it: two actors are one, a claim was no accusation."""
    told = _dispute()
    ids: dict[str, str] = {}
    entries = [
        *told.ACTORS,
        Actor("Coast Brigade", ActorKind.ARMED_GROUP),
        *told.PLACES,
        *told._market(ids),
        *told._bare(ids),
        *told._owned(ids),
        *told._copied(ids),
    ]
    later = told.Story(
        "Army blames Brigade again",
        ["The shelling of Kesh.", "The Coast Brigade shelled Kesh, the Belorian Army said.", "Ardania was to blame."],
        published="2026-03-12",
        publisher="Harbour Times",
    )
    again = later.incident("attack", "The shelling of Kesh.", "Kesh", "XAR", "2026-03-02")
    ids["again"] = later.claim(
        ClaimType.ACCUSES, "The Coast Brigade shelled Kesh, the Belorian Army said.", "Belorian Army", "Coast Brigade",
        incident=again, answers=ids.get("none"), date="2026-03/2026-04",
    )  # fmt: skip
    ids["misread"] = later.claim(ClaimType.ACCUSES, "Ardania was to blame.", "Belorian Army", "Ardania")
    entries += later.entries()
    when = "2026-03-13T09:00:00.000+00:00"

    def decide(subject: str, object_: str, value: str | None = None) -> Decision:
        kind = DecisionKind.CORRECT if value else DecisionKind.JUDGE
        same = None if value else Judgement.SAME
        return Decision(kind, subject, "Ana", object_, value, same, at=when)

    entries += [
        Decision(DecisionKind.JUDGE, again, "incidents@1", ids["shelling"], judgement=Judgement.SAME),
        decide("actor-coast-brigade", "actor-free-coast-brigade"),
        decide(ids["misread"], "type", "retaliates"),
        decide(ids["misread"], "modality", "threatened"),
    ]
    return entries, ids


def fill(ledger: Ledger, entries: list[Any]) -> None:
    ledger.append(
        Batch(
            [one for one in entries if isinstance(one, Article)],
            [one for one in entries if isinstance(one, Reading)],
            [one for one in entries if isinstance(one, Actor)],
            [one for one in entries if isinstance(one, Place)],
            [one for one in entries if isinstance(one, Decision)],
        )
    )


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    folder = tmp_path_factory.mktemp("exported")
    graph = original(folder)

    def export(profile: Profile, format_: str, claims: list[str] | None = None, name: str = "whole") -> Path:
        path = folder / f"{profile}-{name}.{FORMATS[format_].extension}"
        if not path.exists():
            write(graph, format_, path, profile=profile, context=CONTEXT, claims=claims, selection="by hand")
        return path

    export.graph = graph  # type: ignore[attr-defined] # what it exports
    return export


def original(folder: Path) -> ConflictGraph:
    with closing(open_ledger(f"sqlite:///{folder / 'original.sqlite'}")) as ledger:
        fill(ledger, _entries()[0])
        return fold_ledger(ledger)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with closing(open_ledger(f"sqlite:///{tmp_path / 'fresh.sqlite'}")) as opened:
        yield opened


def rows(graph: ConflictGraph) -> dict[str, dict[str, Any]]:
    """Every claim as it is answered, but for the instant at which this ledger took it in."""
    told = {name: msgspec.to_builtins(claim_row(graph, name)) for name in graph.claims}
    return {name: {key: value for key, value in row.items() if key != "ingested"} for name, row in told.items()}


def lines(graph: ConflictGraph) -> set[str]:
    """The claims profile, but for the data set's own name and the instants of ingestion."""
    out = io.BytesIO()
    write(graph, "ntriples", out)
    return {line for line in out.getvalue().decode().split("\n") if "/dataset/" not in line and "ingested" not in line}


def test_the_dispute_holds_what_is_hard_to_bring_back(exported: Any) -> None:
    graph, (_, ids) = exported.graph, _entries()
    assert graph.claims[ids["again"]].incident == ids["shelling"] != graph.claims[ids["again"]].claim.incident
    assert graph.claims[ids["again"]].target == graph.claims[ids["copy"]].target == "actor-coast-brigade"
    assert graph.claims[ids["misread"]].claim.modality is Modality.THREATENED
    assert any(claim.lineage != claim.claim.article for claim in graph.claims.values())
    assert graph.merged["actor-free-coast-brigade"] == "actor-coast-brigade"


@pytest.mark.parametrize(("profile", "format_"), CAME_BACK)
def test_claims_come_back_as_they_were(exported: Any, ledger: Ledger, profile: Profile, format_: str) -> None:
    graph = exported.graph
    report = import_rdf(exported(profile, format_), ledger=ledger)
    back = fold_ledger(ledger)
    assert rows(back) == rows(graph)
    assert back.acknowledgements.keys() == graph.acknowledgements.keys()
    assert (report.claims, report.acknowledgements) == (len(graph.claims), len(graph.acknowledgements))
    assert report.events == report.claims + report.acknowledgements
    # Even what was merged, corrected and copied is the hash of what it says.
    assert report.kept_ids == 0
    assert report.refused == {}
    assert lines(back) == lines(graph) or profile is Profile.NANOPUB
    assert lines(back) <= lines(graph)


def test_who_was_judged_to_be_one_is_one(exported: Any, ledger: Ledger) -> None:
    import_rdf(exported(Profile.CLAIMS, "ntriples"), ledger=ledger)
    graph = fold_ledger(ledger)
    assert graph.actor_id("actor-free-coast-brigade") == "actor-coast-brigade"
    assert "Free Coast Brigade" in graph.actors["actor-coast-brigade"].aliases


def test_the_ledger_is_sound_and_knows_whence_it_came(exported: Any, ledger: Ledger) -> None:
    import_rdf(exported(Profile.CLAIMS, "turtle"), ledger=ledger)
    assert list(check(ledger)) == []
    graph = fold_ledger(ledger)
    assert set(graph.readers.values()) == {"rdf@1:by-hand@1"}
    article = next(one for one in graph.claims.values()).claim.article
    text = ledger.article(article)
    assert text is not None
    assert text.text.strip()


def test_twice_is_once(exported: Any, ledger: Ledger) -> None:
    first = import_rdf(exported(Profile.CLAIMS, "ntriples"), ledger=ledger)
    again = import_rdf(exported(Profile.NANOPUB, "trig"), ledger=ledger)
    assert (again.revision, again.claims, again.articles) == (first.revision, 0, 0)
    assert again.already_known == first.events


def test_a_part_comes_back_as_a_part(exported: Any, ledger: Ledger) -> None:
    _, ids = _entries()
    kept = [ids["accused"], ids["again"], ids["copy"]]
    report = import_rdf(exported(Profile.CLAIMS, "ntriples", kept, "part"), ledger=ledger)
    back, graph = fold_ledger(ledger), exported.graph
    assert sorted(back.claims) == sorted(kept)
    told, wanted = rows(back), rows(graph)
    for name in (ids["accused"], ids["again"]):
        assert told[name] == wanted[name]
    # The text from which it was copied has no claim in this part.
    assert told[ids["copy"]] == wanted[ids["copy"]] | {"lineage": graph.claims[ids["copy"]].claim.article}
    assert report.refused == {"dangling_reference": 1}


def test_parts_of_one_article_after_each_other(exported: Any, ledger: Ledger) -> None:
    """Where a later part's passage lies in what an earlier one left blank, it is told and not bent to fit."""
    _, ids = _entries()
    import_rdf(exported(Profile.CLAIMS, "ntriples", [ids["deflected"]], "one"), ledger=ledger)
    report = import_rdf(exported(Profile.CLAIMS, "ntriples", [ids["headline"], ids["accused"]], "two"), ledger=ledger)
    graph = fold_ledger(ledger)
    assert set(graph.claims) == {ids["deflected"], ids["headline"]}
    assert report.refused["quote_not_in_text"] == 1
    assert graph.readers[graph.claims[ids["headline"]].claim.article] == "rdf@1+2:by-hand@1"
    assert list(check(ledger)) == []


def test_what_this_ledger_read_itself_stays(exported: Any, ledger: Ledger) -> None:
    entries, ids = _entries()
    article = next(one for one in entries if isinstance(one, Article) and one.external_id == "one")
    builder = ReadingBuilder(article, "other@7")
    at = builder.locate("It blamed the Free Coast Brigade.")
    assert at is not None
    name = builder.mention(NodeKind.ACTOR, "Beloria", at)
    builder.claim(ClaimType.DENIES, speaker=name, source=name, target=None, modality=Modality.ASSERTED, evidence=at)
    fill(ledger, [article, builder.reading()])
    refusals: list[Refusal] = []
    report = import_rdf(exported(Profile.CLAIMS, "ntriples"), ledger=ledger, refused=refusals.append)
    graph = fold_ledger(ledger)
    assert graph.readers[article.id] == "other@7"
    assert ids["accused"] not in graph.claims
    assert report.refused["duplicate"] == 7
    assert any("this ledger read its article itself" in one.detail for one in refusals)


# ---- what is foreign or broken ----

CLAIM = "https://w3id.org/polemos/id/claim/"
Change = Callable[[str, dict[str, str]], str]


def drop(predicate: str, name: str) -> Change:
    """Without a claim's statement."""

    def change(text: str, ids: dict[str, str]) -> str:
        start = f"<{CLAIM}{ids[name]}> <{predicate}> "
        kept = [line for line in text.split("\n") if not line.startswith(start)]
        assert len(kept) < text.count("\n") + 1
        return "\n".join(kept)

    return change


def put(old: str, new: str, name: str = "accused") -> Change:
    """With something else in the statements of a claim."""

    def change(text: str, ids: dict[str, str]) -> str:
        claim = f"<{CLAIM}{ids[name]}"
        found = [line.replace(old, new) if line.startswith(claim) else line for line in text.split("\n")]
        assert found != text.split("\n")
        return "\n".join(found)

    return change


def more(line: str) -> Change:
    """With one more statement."""
    return lambda text, ids: text + line.format(**{name: f"<{CLAIM}{one}>" for name, one in ids.items()}) + "\n"


BROKEN: dict[str, tuple[Change, str, str]] = {
    "no speaker": (drop(PLM + "speaker", "accused"), "no_source", "it has no plm:speaker"),
    "no source": (drop(PLM + "onBehalfOf", "accused"), "no_source", "it has no plm:onBehalfOf"),
    "no modality": (drop(PLM + "modality", "accused"), "bad_field", "modality"),
    "no evidence": (drop(PLM + "evidence", "accused"), "quote_not_in_text", "it has no evidence"),
    "no confidence": (drop(PLM + "confidence", "accused"), "bad_field", "None is no number"),
    "too sure": (put('"1.0"^^', '"7.0"^^'), "bad_field", "a probability from 0 to 1"),
    "of no number": (put('"1.0"^^', '"NaN"^^'), "bad_field", "'NaN' is no number"),
    "of two types": (more(f"{{accused}} <{RDF}type> <{PLM}Denial> ."), "unknown_term", "or several"),
    "of an unknown modality": (put("ns#Asserted", "ns#Whispered"), "unknown_term", "ns#Whispered is no value"),
    "of a modality that is not its": (put("ns#Asserted", "ns#CarriedOut"), "unknown_term", "cannot be carried_out"),
    "an id of another sort": (put("/claim/clm-", "/claim/x-"), "bad_field", "does not end in claim/ and an id"),
    "by nobody described": (put("actor-ana-vey", "actor-nobody"), "not_an_actor", "is not described as a plm:Actor"),
    "about nothing described": (put("/incident/inc-", "/incident/inc-0"), "dangling_reference", "as a plm:Incident"),
    "of itself": (put("actor/actor-beloria>", "actor/actor-ardania>"), "source_is_target", "its source is its target"),
    "of another day": (put('"2026-03-03"^^', '"2026-13-03"^^'), "bad_date", "month must be in 1..12"),
    "its words shortened": (put(" of Ardania accused", " of Ardania"), "quote_not_in_text", "cannot stand at"),
    "its words changed": (
        put("Ardania accused the", "Ardania excused the"), "", ""
    ),
    "from no article": (drop("http://www.w3.org/ns/prov#wasDerivedFrom", "accused"), "dangling_reference", "no single"),
    "far off": (put('oa#end> "', 'oa#end> "9999999999'), "too_large", "no article is longer"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_claim_is_refused_and_the_others_come_in(
    exported: Any, ledger: Ledger, tmp_path: Path, name: str
) -> None:
    change, reason, told = BROKEN[name]
    _, ids = _entries()
    path = tmp_path / "broken.nt"
    path.write_text(change(exported(Profile.CLAIMS, "ntriples").read_text(), ids))
    refusals: list[Refusal] = []
    report = import_rdf(path, ledger=ledger, refused=refusals.append)
    graph = fold_ledger(ledger)
    if reason:
        assert any(one.reason == reason and told in one.detail for one in refusals), refusals
        assert ids["accused"] not in graph.claims
        assert report.claims >= len(exported.graph.claims) - 2
    else:
        # Of words alone nothing tells that they were others once.
        assert graph.claims[ids["accused"]].claim.evidence.quote.count("excused") == 1
    assert list(check(ledger)) == []


def test_who_did_it_is_not_taken_over(exported: Any, ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "planted.nt"
    base = "https://w3id.org/polemos/id/"
    planted = f"<{base}actor/actor-beloria> <{PLM}perpetrated> <{base}incident/inc-{'0' * 20}> .\n<x:a> <x:b> <x:c> .\n"
    path.write_text(exported(Profile.CLAIMS, "ntriples").read_text() + planted)
    report = import_rdf(path, ledger=ledger)
    assert report.refused == {"out_of_scope": 2}
    told = "\n".join(one.detail for one in report.examples["out_of_scope"])
    assert "1 statement with plm:perpetrated assert who did an incident: none is taken over" in told
    assert "1 statement with x:b: no part of what is read back" in told
    assert rows(fold_ledger(ledger)) == rows(exported.graph)


def test_a_name_that_the_data_does_not_give_keeps_the_id_and_is_counted(
    exported: Any, ledger: Ledger, tmp_path: Path
) -> None:
    path = tmp_path / "renamed.nt"
    path.write_text(exported(Profile.CLAIMS, "ntriples").read_text().replace('"Ana Vey"', '"A. Vey"'))
    report = import_rdf(path, ledger=ledger)
    _, ids = _entries()
    assert report.kept_ids == 1
    assert claim_row(fold_ledger(ledger), ids["accused"]).speaker == "A. Vey"
    assert list(check(ledger)) == []


def test_edges_hold_no_claims(exported: Any, ledger: Ledger) -> None:
    with pytest.raises(BadInput, match="the profile edges holds no claims"):
        import_rdf(exported(Profile.EDGES, "turtle"), ledger=ledger)
    assert ledger.revision == 0


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        ("a.ttl", "no turtle", "is not text/turtle"),
        ("a.ttl", "<x:a> <x:b> <x:c> .", "holds no plm:Claim"),
        ("a.docx", "", "is no RDF file by its name"),
        ("a.jsonld", "{", "is not application/ld"),
        ("none.ttl", None, "cannot be read"),
    ],
)
def test_files_that_are_none_of_ours(ledger: Ledger, tmp_path: Path, name: str, body: str | None, told: str) -> None:
    path = tmp_path / name
    if body is not None:
        path.write_text(body)
    with pytest.raises(BadInput, match=told):
        import_rdf(path, ledger=ledger)
    assert ledger.revision == 0


def test_claims_of_one_ledger_from_a_file_on_disk(
    exported: Any, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.rdf.parsed._IN_MEMORY", 10)
    import_rdf(exported(Profile.CLAIMS, "turtle"), ledger=ledger)
    assert rows(fold_ledger(ledger)) == rows(exported.graph)


def test_it_is_appended_in_several_turns(exported: Any, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.pipeline.returning.BATCH", 1)
    seen: list[int] = []
    import_rdf(exported(Profile.CLAIMS, "nquads"), ledger=ledger, progress=lambda report: seen.append(report.revision))
    assert len(set(seen)) > 3
    fold = Fold(ledger.appended_at)
    for revision in range(1, ledger.revision + 1):
        fold.feed((at, one) for at, one in ledger.entries(revision - 1, revision, with_text=False))
    assert rows(fold.graph) == rows(exported.graph)


def test_evidence_is_checked_against_what_is_known_of_the_text(exported: Any, ledger: Ledger) -> None:
    import_rdf(exported(Profile.CLAIMS, "ntriples"), ledger=ledger)
    for claim in fold_ledger(ledger).claims.values():
        article = ledger.article(claim.claim.article)
        assert article is not None
        evidence = claim.claim.evidence
        Evidence(article.id, evidence.part, evidence.start, evidence.end, evidence.quote).check(article)
