"""What a receipt holds, and that no word of it can be changed without a check that fails."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.curation import Log, Ruling, decision
from app.graph import ConflictGraph, Fold
from app.queries import receipt
from app.queries.receipts import canonical, digest_of
from app.queries.verifying import Verification, read_receipt, verify
from app.vocabulary.errors import BadInput, NotFound
from app.vocabulary.records import Article, Claim, Decision, content_id
from app.vocabulary.terms import DecisionKind, Judgement


@dataclasses.dataclass
class Bench:
    """A world whose ledger goes on: the graph and the log of it, revision by revision."""

    world: Any
    invented: Any
    fold: Fold = dataclasses.field(default_factory=Fold)
    log: Log = dataclasses.field(default_factory=Log)
    revision: int = 0

    def add(self, *entries: Any) -> ConflictGraph:
        """Append entries as the next revision."""
        self.revision += 1
        return self.fold.feed(self.log.noting((self.revision, entry) for entry in entries))

    def start(self) -> ConflictGraph:
        """The first revision: the invented dispute, with links for the market's mentions, as a linker makes them."""
        one = self.world
        return self.add(
            *self.invented.ACTORS, *self.invented.PLACES, *one.articles.values(), *one.readings, *links(one.readings)
        )

    def receipt(self, name: str) -> dict[str, Any]:
        """The receipt of a claim as it is given out."""
        graph = self.fold.graph
        claim = self.world.ids[name]
        found = receipt(graph, claim, self.article(name), self.log)
        given_out: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(found))
        return given_out

    def article(self, name: str) -> Article:
        """The article of a claim."""
        wanted = self.world.ids[name]
        found: Article = next(
            self.world.articles[key]
            for key, reading in zip(self.world.articles, self.world.readings, strict=True)
            if wanted in {claim.id for claim in reading.claims}
        )
        return found


def links(readings: list[Any]) -> Iterator[Decision]:
    for reading in readings:
        for mention in reading.mentions:
            if mention.kind == "actor":
                node = f"actor-{mention.name.lower().replace(' ', '-')}"
                yield Decision(
                    DecisionKind.JUDGE, mention.id, "hand@1", node, None, Judgement.SAME, "its name", None, 0.9
                )


@pytest.fixture
def bench(world: Any, invented: Any) -> Bench:
    made = Bench(world, invented)
    made.start()
    return made


def checked(bench: Bench, document: Any, then: ConflictGraph | None = None, **wrapped: str) -> Verification:
    handed = read_receipt(json.dumps({"receipt": document, **wrapped} if wrapped else document).encode())
    article = {one.id: one for one in bench.world.articles.values()}.get(handed.receipt.article)
    now = bench.fold.graph
    return verify(handed, then or (now if handed.receipt.revision == now.revision else None), now, bench.log, article)


def outcomes(found: Verification) -> dict[str, str]:
    return {one.check: one.outcome for one in found.checks}


# ---- what it holds ----


def test_a_receipt_can_be_checked_by_hand(bench: Bench, world: Any) -> None:
    article, found = world.articles["market"], bench.receipt("denied")
    assert found["check"] == {"passed": True, "detail": None}
    assert article.text[found["start"] : found["end"]] == found["quote"] == "denied that it had shelled the market"
    assert found["before"].endswith("General Ilin of the Sudrian army ")
    assert found["article_sha256"] == hashlib.sha256(f"{article.title}\n{article.text}".encode()).hexdigest()
    assert (found["extractor"], found["cue"]) == ("by-hand@1", "hand/written")
    assert found["reading"] == world.readings[0].id
    assert content_id("clm", *found["identity"].values()) == found["claim"]["id"] == world.ids["denied"]
    clocks = {name: found["claim"][name] for name in ("happened", "said", "published", "ingested")}
    assert clocks == {"happened": "2024-03-01", "said": "2024-03-02", "published": "2024-03-02", "ingested": None}


def test_its_digest_is_that_of_its_canonical_json(bench: Bench) -> None:
    found = bench.receipt("denied")
    rest = {name: value for name, value in found.items() if name != "digest"}
    # What anybody can do in a line; no number here needs the finer points of the canonical form.
    plain = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert found["digest"] == hashlib.sha256(plain.encode()).hexdigest()


@pytest.mark.parametrize(
    ("value", "form"),
    [
        # The example of RFC 8785, 3.2.2 and 3.2.3, as far as JSON numbers of ours go.
        ([3.3333333333, 4.50, 2e-3, 0.000001, 1e-7, 1e21, 1e30], "[3.3333333333,4.5,0.002,0.000001,1e-7,1e+21,1e+30]"),
        ([1.0, 0.0, -0.0, 56.0, True, None], "[1,0,0,56,true,null]"),
        ("€$\u000f\nA'B\"\\\"/", '"€$\\u000f\\nA\'B\\"\\\\\\"/"'),
        ({"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "ö": 7},
         '{"\\r":2,"1":4,"\x80":6,"ö":7,"€":1,"😀":5,"\ufb33":3}'),
    ],
)  # fmt: skip
def test_the_canonical_form_is_that_of_rfc_8785(value: Any, form: str) -> None:
    assert canonical(value) == form


def test_what_is_inferred_names_the_judgements_that_did_it(bench: Bench, world: Any) -> None:
    found = bench.receipt("denied")
    speaker = next(one for one in found["derived"] if one["what"] == "speaker")
    (link,) = (one for one in found["judgements"] if one["id"] in speaker["decisions"])
    assert (link["by"], link["object"], link["score"], link["reason"]) == (
        "hand@1", "actor-general-ilin", 0.9, "its name",
    )  # fmt: skip
    assert speaker["told"] == found["identity"]["speaker"] == link["subject"]
    assert speaker["is_now"] == found["claim"]["speaker_id"]
    said = next(one for one in found["derived"] if one["what"] == "said")
    assert (said["told"], said["is_now"]) == (None, "2024-03-02")
    assert found["decisions"] == []


def test_people_and_linkers_who_joined_incident_and_text_are_named(bench: Bench, world: Any) -> None:
    market, harbour = (world.readings[n].incidents[0].id for n in (0, 1))
    joined = Decision(DecisionKind.JUDGE, harbour, "far@1", market, None, Judgement.SAME, "both explode", None, 0.8)
    copied = Decision(
        DecisionKind.LINEAGE,
        world.ids["blamed"],
        "copies@1",
        world.ids["accused"],
        None,
        Judgement.SAME,
        "alike",
        None,
        1.0,
    )
    merged = decision(Ruling.MERGE, "actor-eastland", other="actor-norland", by="Ana", reason="one league")
    bench.add(joined, copied, merged)
    found = bench.receipt("blamed")
    ways = {one["what"]: one for one in found["derived"]}
    assert (ways["incident"]["told"], ways["incident"]["is_now"]) == (harbour, market)
    assert ways["incident"]["decisions"] == [joined.id]
    assert (ways["lineage"]["is_now"], ways["lineage"]["decisions"]) == (world.articles["market"].id, [copied.id])
    assert found["claim"]["lineage"] == world.articles["market"].id
    assert {joined.id, copied.id} < {one["id"] for one in found["judgements"]}
    assert [one["id"] for one in found["decisions"]] == [merged.id]


def test_people_decided_and_took_back(bench: Bench, world: Any) -> None:
    name = world.ids["denied"]
    fixed = decision(Ruling.CORRECT, name, field="date", value="2024-03-02", by="Ana", reason="it says so")
    back = decision(Ruling.UNDO, fixed.id, by="Ben", reason="it does not")
    other = decision(Ruling.CORRECT, world.ids["lying"], field="date", value="2024", by="Ana", reason="why not")
    bench.add(fixed, back, other)
    found = bench.receipt("denied")
    assert [one["id"] for one in found["decisions"]] == [fixed.id, back.id]
    assert all(one["what"] != "date" for one in found["derived"])


def test_a_claim_of_another_type_now_still_proves_its_id(bench: Bench, world: Any) -> None:
    fixed = decision(Ruling.CORRECT, world.ids["vowed"], field="type", value="accuses", by="Ana", reason="no threat")
    bench.add(fixed)
    found = bench.receipt("vowed")
    assert (found["claim"]["type"], found["identity"]["type"]) == ("accuses", "retaliates")
    assert [one["decisions"] for one in found["derived"] if one["what"] == "type"] == [[fixed.id]]
    assert checked(bench, found).passed


def test_a_text_that_is_not_the_one_that_was_read_is_told(bench: Bench, world: Any) -> None:
    article = world.articles["market"]
    bent = dataclasses.replace(article, text=article.text.replace("denied", "xenied"))
    found = receipt(bench.fold.graph, world.ids["denied"], bent, bench.log)
    assert not found.check.passed
    assert found.check.detail


def test_no_claim_no_receipt(bench: Bench, world: Any) -> None:
    with pytest.raises(NotFound):
        receipt(bench.fold.graph, "clm-none", world.articles["market"], bench.log)


# ---- checking it ----


@pytest.mark.parametrize(
    "name", ["accused", "denied", "vowed", "blamed", "everything", "lying", "spying", "not spying"]
)
def test_a_receipt_as_given_out_passes_every_check(bench: Bench, name: str) -> None:
    document = bench.receipt(name)
    found = checked(bench, document)
    assert set(outcomes(found).values()) == {"pass"}
    assert found.passed
    article = bench.article(name)
    assert checked(bench, document, title=article.title, text=article.text).passed
    # Keys in another order are the same document.
    assert checked(bench, dict(reversed(document.items()))).passed


def test_a_ledger_that_went_on_does_not_spoil_a_receipt(bench: Bench, world: Any) -> None:
    document, then = bench.receipt("denied"), copy.deepcopy(bench.fold.graph)
    merge = decision(Ruling.MERGE, "actor-eastland", other="actor-norland", by="Ana", reason="one league")
    fixed = decision(Ruling.CORRECT, world.ids["denied"], field="date", value="2024", by="Ana", reason="coarser")
    bench.add(merge, fixed)
    assert bench.receipt("denied")["claim"]["date"] == "2024"
    found = checked(bench, document, then)
    assert found.passed
    assert (found.made_at, found.revision) == (1, 2)
    assert [(row.id, row.status) for row in found.since] == [(merge.id, "applied"), (fixed.id, "applied")]


def test_a_claim_that_was_retracted_since_does_not_pass(bench: Bench, world: Any) -> None:
    document, then = bench.receipt("denied"), copy.deepcopy(bench.fold.graph)
    gone = decision(Ruling.RETRACT, world.articles["market"].id, by="Ana", reason="forged")
    bench.add(gone)
    found = checked(bench, document, then)
    assert outcomes(found) | {"ledger": "pass"} == dict.fromkeys(outcomes(found), "pass")
    (ledger,) = (one for one in found.checks if one.check == "ledger")
    assert ledger.outcome == "fail"
    assert f"its article was retracted by Ana at {gone.at}: forged ({gone.id})" in ledger.words
    assert not found.passed
    bench.add(decision(Ruling.UNDO, gone.id, by="Ana", reason="it is not"))
    assert checked(bench, document, then).passed


def test_a_claim_that_a_newer_reading_lacks_does_not_pass(bench: Bench, world: Any) -> None:
    document, then = bench.receipt("lying"), copy.deepcopy(bench.fold.graph)
    bench.add(dataclasses.replace(world.readings[2], extractor="by-hand@2", claims=(), id=""))
    found = checked(bench, document, then)
    (ledger,) = (one for one in found.checks if one.check == "ledger")
    assert ledger.words == "the ledger holds the article, but its newest reading, by by-hand@2, does not find the claim"


def test_a_ledger_that_never_held_it_says_so(bench: Bench, invented: Any) -> None:
    document = bench.receipt("denied")
    empty = Bench(invented.many(1), invented)
    empty.start()
    found = checked(empty, document)
    assert outcomes(found) == {
        "digest": "pass", "claim_id": "pass", "reading": "pass", "decisions": "pass", "article_id": "not_checked",
        "document": "not_checked", "quote": "not_checked", "told": "fail", "ledger": "fail",
    }  # fmt: skip
    article = bench.article("denied")
    with_text = outcomes(checked(empty, document, text=article.text))
    assert {with_text[one] for one in ("article_id", "document", "quote")} == {"pass"}


def test_another_text_fails(bench: Bench) -> None:
    article = bench.article("denied")
    found = outcomes(checked(bench, bench.receipt("denied"), text=article.text.replace("market", "castle")))
    assert {found[one] for one in ("article_id", "document", "quote")} == {"fail"}
    assert found["digest"] == found["told"] == "pass"


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"7", b'{"receipt": 7}', b'{"receipt": {}}', b"\xff", b"[" * 100_000]
)
def test_what_is_no_receipt_is_refused(raw: bytes) -> None:
    with pytest.raises(BadInput):
        read_receipt(raw)


# ---- any changed field fails ----

Path = tuple[str | int, ...]


def places(value: Any, at: Path = ()) -> Iterator[Path]:
    """Every place in a document at which something can be changed."""
    yield at
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield from places(one, (*at, key))


def bent(value: Any, draw: Any) -> Any:
    """Another value in its place, of the same sort wherever there is one."""
    match value:
        case bool():
            return not value
        case str():
            return draw.draw(st.sampled_from([value + "x", value[1:] + "é", value.swapcase() + "-", "Cerinia", ""]))
        case int() | float():
            return value + draw.draw(st.sampled_from([1, -1, 0.25]))
        case None:
            return draw.draw(st.sampled_from(["x", 0, "2024-01-01"]))
        case list():
            return draw.draw(st.sampled_from([value[1:], [*value, "x"], [*value, *value]])) if value else ["x"]
        case _:
            return draw.draw(st.sampled_from([{**value, "more": 1}, dict(list(value.items())[1:])]))


@pytest.mark.parametrize("redone", [False, True], ids=["digest kept", "digest made anew"])
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(draw=st.data())
def test_whatever_is_changed_a_check_fails(bench: Bench, redone: bool, draw: st.DataObject) -> None:
    document = bench.receipt(draw.draw(st.sampled_from(["accused", "denied", "vowed", "everything", "lying"])))
    changed = copy.deepcopy(document)
    path = draw.draw(st.sampled_from(list(places(changed))[1:]))
    here: Any = changed
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = bent(here[path[-1]], draw)
    if canonical(changed) == canonical(document):
        return
    if redone:
        changed["digest"] = digest_of(changed)
        if canonical(changed) == canonical(document):
            return
    try:
        found = checked(bench, changed)
    except BadInput:
        return
    assert not found.passed, path


@pytest.mark.parametrize(
    ("field", "check"),
    [
        ("quote", "quote"),
        ("start", "claim_id"),
        ("article_sha256", "document"),
        ("article", "claim_id"),
        ("before", "quote"),
    ],
)
def test_without_a_ledger_the_text_alone_shows_what_was_bent(
    bench: Bench, invented: Any, field: str, check: str
) -> None:
    empty, article = Bench(invented.many(1), invented), bench.article("denied")
    empty.start()
    document = bench.receipt("denied")
    document[field] = document[field] + 1 if field == "start" else document[field][:-1] + "~"
    document["digest"] = digest_of(document)
    assert outcomes(checked(empty, document, title=article.title, text=article.text))[check] == "fail"


def test_a_source_that_was_bent_with_care_fails_too(bench: Bench) -> None:
    document = bench.receipt("accused")
    document["claim"]["source"], document["claim"]["source_id"] = "Eastland", "actor-eastland"
    document["digest"] = digest_of(document)
    found = outcomes(checked(bench, document))
    assert (found["digest"], found["told"]) == ("pass", "fail")


def test_a_claim_with_an_id_of_its_own_is_told_as_such(bench: Bench, world: Any) -> None:
    reading = world.readings[2]
    own: Claim = dataclasses.replace(reading.claims[0], id="clm-given")
    bench.add(dataclasses.replace(reading, extractor="import@1", claims=(own,), id=""))
    world.readings[2] = dataclasses.replace(reading, claims=(own,))
    world.ids["lying"] = own.id
    document = bench.receipt("lying")
    assert document["identity"] is None
    found = checked(bench, document)
    assert outcomes(found)["claim_id"] == "not_checked"
    assert found.passed
