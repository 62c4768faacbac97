"""Incident, Actor and the receipt: what is drawn is what the API answers, and each cell leads to its quotes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.reading import ask, hash_of, ready, show

pytestmark = pytest.mark.browser

# One with findings and a withdrawn accusation, one with several accused, one about which the annotators found least.
INCIDENTS = ("inc-31a54b69c66a0075ec82", "inc-dc70d52b4b5ee5934edb", "inc-469daa482bae9419dc44")
ACTORS = ("actor-united-states", "actor-pakistan", "actor-unidad-azul")


def _attributes(found: Locator, name: str) -> list[str]:
    return [one.get_attribute(name) or "" for one in found.all()]


def _cards(page: Page) -> set[str]:
    """Ids of the claims whose quotes the evidence beside the view shows."""
    page.wait_for_selector("#evidence[data-ready=true] .card")
    while page.locator("#evidence .more button").count():
        page.locator("#evidence .more button").click()
        page.wait_for_selector("#evidence[data-ready=true]")
    return set(_attributes(page.locator("#evidence .card[data-claim-id]"), "data-claim-id"))


# ---- the list of incidents ----


@pytest.mark.parametrize(
    ("hash_", "asked"),
    [
        ("", {}),
        ("actor=actor-eritrea&role=target", {"actor": "actor-eritrea", "role": "target"}),
        ("kind=denies&since=2023", {"type": "denies", "since": "2023"}),
        ("place=PAK", {"place": "PAK"}),
    ],
)
def test_incidents_are_those_of_the_matching_claims(page: Page, server: str, hash_: str, asked: dict[str, Any]) -> None:
    show(page, server, f"tab=incident&{hash_}")
    answer = ask(server, "disputes", **asked, limit=50)
    rows = page.locator("#incident-table tbody tr")
    assert _attributes(rows, "data-incident") == [row["incident"] for row in answer["disputes"]]
    assert answer["disputes"]
    for row, found in zip(answer["disputes"], rows.all(), strict=True):
        words = found.inner_text()
        assert row["label"] in words
        cells = [cell.inner_text().split("\n")[0].split()[0] for cell in found.locator("td.number").all()]
        assert cells == [str(row["claims"]), str(row["lineages"]), str(row["articles"])]
    summary = page.locator("#summary").inner_text()
    assert f"{answer['claims'] - answer['without_incident']} of {answer['claims']} matching claim" in summary


def test_incidents_are_searched_and_opened_by_keyboard(page: Page, server: str) -> None:
    show(page, server, "tab=incident")
    page.locator("#incident-search").focus()
    page.keyboard.type("ferry")
    found = ask(server, "disputes", q="ferry")["disputes"]
    expect(page.locator("#incident-table tbody tr")).to_have_count(len(found))
    assert _attributes(page.locator("#incident-table tbody tr"), "data-incident") == [row["incident"] for row in found]
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(f".incident-opened[data-shown={found[0]['incident']}]")
    ready(page)
    # Where the new thing begins, the keyboard goes on.
    assert page.evaluate("document.activeElement.id") == "incident-title"
    assert hash_of(page)["shown-incident"] == [found[0]["incident"]]
    page.go_back()
    expect(page.locator("#incident-table")).to_be_visible()


# ---- one incident ----


@pytest.mark.parametrize("incident", INCIDENTS)
def test_the_attribution_table_is_the_api_s(page: Page, server: str, incident: str) -> None:
    answer = ask(server, f"incidents/{incident}")
    show(page, server, f"tab=incident&shown-incident={incident}")
    assert page.locator("#incident-title").inner_text() == answer["incident"]["label"]
    status = page.locator(".incident-opened .status")
    assert (status.get_attribute("data-status"), status.get_attribute("data-rule")) == (
        answer["status"],
        answer["rule"],
    )
    assert answer["because"] in status.inner_text()
    rows = page.locator("#attribution tbody tr")
    assert _attributes(rows, "data-actor") == [row["actor_id"] for row in answer["attribution"]]
    assert answer["attribution"]
    for told, row in zip(answer["attribution"], rows.all(), strict=True):
        for column in ("affirming", "rejecting"):
            cell = row.locator(f"[data-column={column}]")
            drawn = [
                (
                    one.get_attribute("data-source"),
                    one.get_attribute("data-scope"),
                    one.locator("> button").get_attribute("data-claims"),
                )
                for one in cell.locator("> ul > li").all()
            ]
            assert drawn == [(one["source_id"], one["scope"], " ".join(one["claims"])) for one in told[column]]
            withdrawn = [" ".join(one["withdrawn"]) for one in told[column] if one["withdrawn"]]
            assert _attributes(cell.locator(".scope button"), "data-claims") == withdrawn
        findings = " ".join(_attributes(row.locator("[data-column=findings] button"), "data-claims")).split()
        assert sorted(findings) == sorted(one["claim"] for one in told["findings"])
        cell = row.locator("[data-column=status]")
        assert (cell.get_attribute("data-status"), cell.get_attribute("data-rule")) == (told["status"], told["rule"])
        assert told["because"] in cell.inner_text()
    articles = page.locator("#incident-articles [data-article]")
    assert _attributes(articles, "data-article") == answer["reported_in"]
    own = {claim["id"] for claim in answer["claims"]}
    threads = _attributes(page.locator("#incident-threads [data-thread]"), "data-thread")
    assert threads
    assert set(threads) <= own
    # Whatever is claimed, the page itself says of nobody that it did it.
    assert "guilty" not in page.locator(".incident-opened").inner_text().lower()


def test_each_cell_of_the_table_leads_to_its_quotes(page: Page, server: str) -> None:
    show(page, server, f"tab=incident&shown-incident={INCIDENTS[0]}")
    buttons = page.locator("#attribution td button[data-claims]")
    assert buttons.count() >= 6
    for index in range(buttons.count()):
        button = buttons.nth(index)
        button.focus()
        page.keyboard.press("Enter")
        ids = set((button.get_attribute("data-claims") or "").split())
        assert _cards(page) == ids
        for claim in ids:
            quote = ask(server, f"claims/{claim}")["claim"]["evidence"]["quote"]
            shown = page.locator(f"#evidence .card[data-claim-id={claim}] .quote").inner_text()
            assert " ".join(quote.split()) in " ".join(shown.split())


def test_who_claims_it_and_what_counts_for_a_part_only_are_told_apart(page: Page, server: str) -> None:
    """The samples hold no claim of responsibility, so the API's answer is given one, in its own shape."""
    answer = ask(server, f"incidents/{INCIDENTS[0]}")
    row, claim = answer["attribution"][0], answer["claims"][0]
    known = {name: claim[name] for name in ("speaker", "speaker_id", "date", "published", "publisher", "title", "url")}
    answer["acknowledgements"] = [
        {
            **known,
            "id": "ack-1",
            "kind": "self_claim",
            "actor": "Red Heron",
            "actor_id": "actor-red-heron",
            "incident": answer["incident"]["id"],
            "incident_label": answer["incident"]["label"],
            "confidence": 0.8,
            "lineage": claim["lineage"],
            "evidence": {**claim["evidence"], "quote": "Red Heron claimed <b>it</b>"},
        }
    ]
    one = {"source": "Red Heron", "source_id": "actor-red-heron", "mentions": 1, "articles": 1, "publishers": 1}
    row["self_claims"] = [
        {**one, "acknowledgements": ["ack-1"], "lineages": 1, "scope": "entailed", "through": "Red Heron"}
    ]
    row["rejecting"][0] |= {"scope": "narrower", "through": "Red Heron"}
    page.route(f"**/incidents/{INCIDENTS[0]}", lambda route: route.fulfill(json=answer))
    show(page, server, f"tab=incident&shown-incident={INCIDENTS[0]}")
    cells = page.locator(f"#attribution tr[data-actor={row['actor_id']}]")
    expect(cells.locator("[data-column=self_claims]")).to_contain_text("said of Red Heron, a part of it")
    narrower = cells.locator("[data-column=rejecting] li[data-scope=narrower]")
    expect(narrower).to_contain_text("said for Red Heron alone; does not count here")
    card = page.locator("[data-acknowledgement=ack-1]")
    expect(card).to_contain_text("is reported to claim it as its own deed")
    expect(card).to_contain_text("Red Heron claimed <b>it</b>")
    cells.locator("[data-column=self_claims] a").focus()
    page.keyboard.press("Enter")
    expect(card).to_be_focused()
    card.get_by_role("button").click()
    page.wait_for_selector("#reader[data-ready=true]")
    assert hash_of(page)["article"] == [claim["evidence"]["article"]]


def test_an_incident_leads_on_to_thread_actor_article_and_graph(page: Page, server: str) -> None:
    address = f"tab=incident&shown-incident={INCIDENTS[1]}"
    show(page, server, address)
    thread = page.locator("#incident-threads [data-thread]").first
    claim = thread.get_attribute("data-thread")
    thread.click()
    ready(page)
    assert (hash_of(page)["tab"], hash_of(page)["thread"]) == (["threads"], [claim])
    show(page, server, address)
    page.locator("#attribution th button").first.click()
    ready(page)
    first = ask(server, f"incidents/{INCIDENTS[1]}")["attribution"][0]
    assert page.locator("#actor-title").inner_text() == first["actor"]
    show(page, server, address)
    told = ask(server, f"incidents/{INCIDENTS[1]}")["claims"][0]["evidence"]["article"]
    page.locator(f"#incident-articles [data-article={told}]").click()
    page.wait_for_selector("#reader[data-ready=true]")
    assert page.locator("#reader mark").count() > 0
    page.keyboard.press("Escape")
    page.locator("#incident-graph").click()
    ready(page)
    assert hash_of(page)["incident"] == [INCIDENTS[1]]


# ---- one actor ----


@pytest.mark.parametrize("actor", ACTORS)
def test_an_actor_is_what_the_api_tells_of_it(page: Page, server: str, actor: str) -> None:
    answer = ask(server, f"actors/{actor}")
    show(page, server, f"tab=actor&shown-actor={actor}")
    opened = page.locator(".actor-opened")
    assert page.locator("#actor-title").inner_text() == answer["actor"]["name"]
    words = opened.inner_text()
    for name in answer["actor"]["aliases"]:
        assert name in words
    parts = _attributes(page.locator("#actor-parts [data-actor]"), "data-actor")
    assert parts == [part["id"] for part in answer["parts"]][:12]
    for side, other, table in (("source", "target", "accused"), ("target", "source", "accusers")):
        cells = ask(server, "matrix", **{side: actor}, kind="accuses", top=10)["cells"][:10]
        rows = page.locator(f"#actor-{table} tbody tr")
        assert [(row.get_attribute("data-source"), row.get_attribute("data-target")) for row in rows.all()] == [
            (cell["source"], cell["target"]) for cell in cells
        ]
        for cell, row in zip(cells, rows.all(), strict=True):
            numbers = [one.inner_text() for one in row.locator("td.number").all()]
            assert numbers == [str(cell["claims"]), str(cell["lineages"]), str(cell["articles"])]
            assert cell[other]
    for side, name in (("source", "said"), ("target", "faced")):
        bins = ask(server, "timeline", **{side: actor}, unit="month")["bins"]
        section = page.locator(f"#actor-{name}")
        assert _attributes(section.locator("[data-bin]"), "data-bin") == [one["start"] for one in bins]
        bars = sum(1 for one in bins for kind in ("accuses", "denies", "retaliates") if one[kind])
        assert section.locator("svg rect").count() == bars
    positions = ask(server, f"actors/{actor}/positions", limit=10)
    drawn = page.locator("#actor-positions .position")
    assert _attributes(drawn, "data-incident") == [one["incident"] or "none" for one in positions["positions"]]
    for one, row in zip(positions["positions"], drawn.all(), strict=True):
        assert _attributes(row.locator("[data-claim-id]"), "data-claim-id") == [claim["id"] for claim in one["claims"]]
    flips = ask(server, f"actors/{actor}/flips", limit=500)["histories"]
    turns = [flip["turn"] for history in flips for flip in history["flips"]]
    assert sorted(_attributes(page.locator("#actor-positions .turn"), "data-turn")) == sorted(turns)
    responses = ask(server, "responses", target=actor, limit=500)
    told = {row["status"]: row["counts"]["claims"] for row in responses["statuses"] if row["counts"]["claims"]}
    told |= {row["kind"]: row["counts"]["claims"] for row in responses["kinds"] if row["counts"]["claims"]}
    shown = {
        row.get_attribute("data-response"): int(row.locator("[data-count]").get_attribute("data-count") or 0)
        for row in page.locator("#actor-responses [data-response]").all()
    }
    assert shown == told
    mirrors = ask(server, "mirrors", source=actor, limit=20)["mirrors"]
    assert page.locator("#actor-mirrors [data-mirror]").count() == len(mirrors)


def test_every_number_of_an_actor_leads_to_as_many_quotes(page: Page, server: str) -> None:
    show(page, server, "tab=actor&shown-actor=actor-united-states")
    for summary in page.locator(".actor-opened details > summary").all():
        summary.click()
    numbers = page.locator(".actor-opened [data-count]")
    assert numbers.count() > 20
    for index in range(0, numbers.count(), 4):
        number = numbers.nth(index)
        page.locator("#evidence").evaluate("(e) => { e.dataset.ready = 'false'; }")
        number.click()
        assert len(_cards(page)) == int(number.get_attribute("data-count") or -1), number.get_attribute("aria-label")


def test_filters_bear_on_an_actor_s_figures(page: Page, server: str) -> None:
    show(page, server, "tab=actor&shown-actor=actor-united-states&since=2025")
    cells = ask(server, "matrix", target="actor-united-states", kind="accuses", top=10, since="2025")["cells"]
    all_of_them = ask(server, "matrix", target="actor-united-states", kind="accuses", top=10)["cells"]
    assert cells != all_of_them
    assert _attributes(page.locator("#actor-accusers tbody tr"), "data-source") == [cell["source"] for cell in cells]


def test_actors_are_searched_by_keyboard(page: Page, server: str) -> None:
    show(page, server, "tab=actor")
    listed = ask(server, "actors", limit=50)
    assert _attributes(page.locator("#actor-table tbody tr"), "data-actor") == [one["id"] for one in listed["actors"]]
    assert f"50 of {listed['total']} actors" in page.locator("#summary").inner_text()
    page.locator("#actor-search").focus()
    page.keyboard.type("tajik")
    found = [one["id"] for one in ask(server, "actors", q="tajik")["actors"]]
    expect(page.locator("#actor-table tbody tr")).to_have_count(len(found))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(f".actor-opened[data-shown={found[0]}]")


# ---- the receipt ----


def _receipt(page: Page, server: str, claim: str) -> dict[str, Any]:
    """Opens the receipt of a claim from its card, as a reader does."""
    row: dict[str, Any] = ask(server, f"claims/{claim}")["claim"]
    show(page, server, f"tab=incident&shown-incident={row['incident']}")
    page.locator(f"#attribution button[data-claims~={claim}]").first.click()
    _cards(page)
    page.locator(f"#evidence [data-receipt={claim}]").click()
    page.wait_for_selector("#receipt[data-ready=true]")
    return row


def test_a_receipt_shows_and_verifies_what_it_rests_on(page: Page, server: str, tmp_path: Path) -> None:
    claim = ask(server, f"incidents/{INCIDENTS[0]}")["attribution"][0]["affirming"][0]["claims"][0]
    _receipt(page, server, claim)
    receipt = ask(server, f"claims/{claim}/receipt")
    assert page.locator("#receipt-quote").inner_text() == receipt["quote"]
    assert page.locator("#receipt-hash").inner_text() == receipt["article_sha256"]
    for told in (receipt["digest"], receipt["extractor"], *(one["how"] for one in receipt["derived"])):
        assert told in page.locator("#receipt").inner_text()
    page.locator("#receipt-verify").click()
    for check in ("hash", "quote"):
        expect(page.locator(f"#receipt-checks [data-check={check}][data-outcome=pass]")).to_be_visible()
    article = ask(server, f"articles/{receipt['article']}")["article"]
    computed = hashlib.sha256(f"{article['title']}\n{article['text']}".encode()).hexdigest()
    assert computed in page.locator("#receipt-checks").inner_text()
    page.locator("#receipt-ask").click()
    expect(page.locator("#receipt-checks[data-by=service] [data-check=digest][data-outcome=pass]")).to_be_visible()
    assert page.locator("#receipt-checks [data-outcome=fail]").count() == 0
    with page.expect_download() as download:
        page.locator("#receipt-save").click()
    saved = tmp_path / "receipt.json"
    download.value.save_as(saved)
    assert json.loads(saved.read_text(encoding="utf-8")) == receipt
    page.keyboard.press("Escape")
    expect(page.locator("#receipt")).not_to_be_visible()


def test_a_receipt_that_does_not_fit_its_text_fails(page: Page, server: str) -> None:
    claim = ask(server, f"incidents/{INCIDENTS[0]}")["attribution"][0]["affirming"][0]["claims"][0]
    answer = ask(server, f"articles/{ask(server, f'claims/{claim}/receipt')['article']}")
    # One letter more before the quote: the hash is another, and the quote no longer stands where it did.
    answer["article"]["text"] = "\U0001f30d" + answer["article"]["text"]
    page.route("**/articles/*", lambda route: route.fulfill(json=answer))
    _receipt(page, server, claim)
    page.locator("#receipt-verify").click()
    for check in ("hash", "quote"):
        expect(page.locator(f"#receipt-checks [data-check={check}][data-outcome=fail]")).to_be_visible()


def test_without_a_secure_page_the_receipt_says_why_it_computes_no_hash(page: Page, server: str) -> None:
    claim = ask(server, f"incidents/{INCIDENTS[0]}")["attribution"][0]["affirming"][0]["claims"][0]
    page.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined });")
    _receipt(page, server, claim)
    page.locator("#receipt-verify").click()
    hash_ = page.locator("#receipt-checks [data-check=hash]")
    expect(hash_).to_have_attribute("data-outcome", "not_checked")
    expect(hash_).to_contain_text("https")
    expect(page.locator("#receipt-checks [data-check=quote]")).to_have_attribute("data-outcome", "pass")
