"""Review: each judgement changes a ledger for real, and taking it back puts the ledger's graph back to what it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import opened, served
from tests.browser.reading import ask, ready, show
from tests.model_server import annotated, by_hand, model_server
from tests.serving import ROOT

pytestmark = pytest.mark.browser

CURATOR = "Ana Brel"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server whose ledger these tests may change; each leaves it as it found it."""
    with served(tmp_path_factory.mktemp("review")) as address:
        yield address


@pytest.fixture
def review(browser: Browser, own: str) -> Iterator[Page]:
    with opened(browser, own, 60_000) as page:
        yield page


def _named(page: Page) -> None:
    page.locator("#review-name").fill(CURATOR)
    page.keyboard.press("Enter")
    expect(page.locator("#review-who")).to_have_text(CURATOR)


def _doubts(own: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(own, "review")["doubts"]
    return found


def _log(own: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(own, "decisions", limit=200)["log"]
    return found


def _graph(own: str) -> dict[str, Any]:
    """What decisions bear on, without the number of the revision."""
    incidents = ask(own, "incidents", limit=200)["incidents"]
    actors = ask(own, "actors", limit=500)["actors"]
    return {"incidents": {one["id"]: one for one in incidents}, "actors": {one["id"]: one for one in actors}}


def test_a_pair_is_shown_with_the_evidence_of_both_sides(review: Page, own: str) -> None:
    show(review, own, "tab=review")
    doubts = _doubts(own)
    assert doubts
    pair = review.locator("#review-pair")
    assert pair.get_attribute("data-doubt") == doubts[0]["id"]
    for which in ("left", "right"):
        told = doubts[0][which]
        side = review.locator(f".side[data-side={which}]")
        assert side.get_attribute("data-id") == told["id"]
        shown = [one.get_attribute("data-claim-id") for one in side.locator("[data-claim-id]").all()]
        assert shown == [claim["id"] for claim in told["claims"]]
        for claim in told["claims"]:
            assert " ".join(claim["quote"].split()) in " ".join(side.inner_text().split())
    assert doubts[0]["reason"] in pair.inner_text()
    assert f"{len(doubts)} pair" in review.locator("#summary").inner_text()
    review.locator("#review-next").click()
    assert pair.get_attribute("data-doubt") == doubts[1]["id"]


def test_nobody_is_guessed_to_be_the_curator(review: Page, own: str) -> None:
    show(review, own, "tab=review")
    before = _log(own)
    review.locator("#review-pair").focus()
    review.keyboard.press("s")
    expect(review.locator("#review-name")).to_be_focused()
    assert _log(own) == before
    assert review.evaluate("localStorage.getItem('polemos.curator')") is None
    _named(review)
    show(review, own, "tab=review")
    expect(review.locator("#review-who")).to_have_text(CURATOR)


@pytest.mark.parametrize(("key", "kind"), [("s", "merge"), ("d", "split"), ("u", "leave")])
def test_keys_judge_for_real_and_z_takes_it_back(review: Page, own: str, key: str, kind: str) -> None:
    show(review, own, "tab=review")
    _named(review)
    before, doubts, decided = _graph(own), _doubts(own), _log(own)
    first = doubts[0]
    theme = review.evaluate("document.documentElement.dataset.theme ?? ''")
    review.locator("#review-reason").fill("the two quotes say so")
    review.locator("#review-pair h2").click()
    review.keyboard.press(key)
    expect(review.locator("#review-pair")).to_have_attribute("data-doubt", doubts[1]["id"])
    expect(review.locator("#log-table tbody tr")).to_have_count(len(decided) + 1)
    made = _log(own)[0]
    assert (made["kind"], made["by"], made["reason"]) == (kind, CURATOR, "the two quotes say so")
    assert {made["subject"], made["object"]} == {first["left"]["id"], first["right"]["id"]}
    assert first["id"] not in [one["id"] for one in _doubts(own)]
    merged = len(before["incidents"]) - len(_graph(own)["incidents"])
    assert merged == (1 if kind == "merge" else 0)
    row = review.locator(f"#log-table tr[data-decision={made['id']}]")
    for told in (CURATOR, "the two quotes say so", "applied"):
        expect(row).to_contain_text(told)
    # `d` is the page's own key for its theme elsewhere; here it is none.
    assert review.evaluate("document.documentElement.dataset.theme ?? ''") == theme
    review.locator("#review-pair").focus()
    review.keyboard.press("z")
    expect(review.locator("#review-pair")).to_have_attribute("data-doubt", first["id"])
    assert [one["id"] for one in _doubts(own)] == [one["id"] for one in doubts]
    assert _graph(own) == before
    # What was decided stays in the ledger, with what undid it.
    assert [(one["kind"], one["status"]) for one in _log(own)[:2]] == [("undo", "applied"), (kind, "undone")]
    expect(review.locator(f"#log-table tr[data-decision={made['id']}]")).to_have_attribute("data-status", "undone")


def test_a_judgement_that_is_refused_comes_back_and_says_why(review: Page, own: str) -> None:
    show(review, own, "tab=review")
    _named(review)
    doubts, decided = _doubts(own), _log(own)
    problem = {"type": "urn:polemos:problem:busy", "title": "Ledger busy", "status": 503, "detail": "another writer"}
    review.route(
        "**/decisions",
        lambda route: (
            route.fulfill(status=503, json=problem, content_type="application/problem+json")
            if route.request.method == "POST"
            else route.continue_()
        ),
    )
    review.locator("#review-same").click()
    expect(review.locator("#review-pair [role=alert]")).to_contain_text("another writer")
    assert review.locator("#review-pair").get_attribute("data-doubt") == doubts[0]["id"]
    assert f"{len(doubts)} pair" in review.locator("#review-pair").inner_text()
    expect(review.locator("#review-undo")).to_be_disabled()
    review.unroute("**/decisions")
    assert _log(own) == decided


def test_any_decision_is_taken_back_from_the_log_with_a_reason(review: Page, own: str) -> None:
    show(review, own, "tab=review")
    _named(review)
    before = _graph(own)
    review.locator("#actors-fold summary").click()
    for field, name in (("#actors-one", "Moldova"), ("#actors-other", "SIS")):
        review.locator(field).fill(name)
        review.wait_for_selector(f"{field}-list option", state="attached")
    expect(review.locator("#actors-chosen")).to_contain_text("actor-moldova")
    expect(review.locator("#actors-chosen")).not_to_contain_text("choose from the list")
    review.locator("#actors-reason").fill("an example, soon undone")
    review.locator("#actors-send").click()
    row = review.locator("#log-table tbody tr[data-kind=merge][data-status=applied]").first
    expect(row).to_contain_text("an example, soon undone")
    made = _log(own)[0]
    assert made["id"] == row.get_attribute("data-decision")
    assert len(_graph(own)["actors"]) == len(before["actors"]) - 1
    row.locator("[data-undo]").click()
    review.locator("#undo-reason").fill("a service is not the state")
    review.locator("#undo-send").click()
    expect(review.locator(f"#log-table tr[data-decision={made['id']}]")).to_have_attribute("data-status", "undone")
    ready(review)
    assert _graph(own) == before
    assert _log(own)[0]["reason"] == "a service is not the state"


def test_a_claim_is_corrected_and_left_out_from_its_card(review: Page, own: str) -> None:
    threat = ask(own, "retaliations", limit=500)["claims"]
    claim = next(one for one in threat if one["modality"] == "threatened" and one["incident"])
    address = f"tab=incident&shown-incident={claim['incident']}"
    show(review, own, address)
    review.locator(".facts-list [data-quotes]").first.click()
    card = review.locator(f"#evidence .card[data-claim-id={claim['id']}]")
    while not card.count():
        review.locator("#evidence .more button").click()
        review.wait_for_selector("#evidence[data-ready=true]")
    card.locator("[data-correct]").click()
    review.locator("#correct-what").select_option("modality")
    review.locator("#correct-value").select_option("called_for")
    review.locator("#correct-reason").fill("it is urged, not vowed")
    # Nobody is guessed: without a name nothing is sent.
    review.locator("#correct-send").click()
    expect(review.locator("#correct")).to_be_visible()
    assert ask(own, f"claims/{claim['id']}")["claim"]["modality"] == "threatened"
    review.locator("#correct-name").fill(CURATOR)
    review.locator("#correct-send").click()
    expect(review.locator("#correct")).not_to_be_visible()
    ready(review)
    assert ask(own, f"claims/{claim['id']}")["claim"]["modality"] == "called_for"
    # What no claim can be is refused in words, and the dialog stays with what was entered.
    show(review, own, address)
    _open_correction(review, claim["id"])
    review.locator("#correct-what").select_option("type")
    review.locator("#correct-value").select_option("denies")
    review.locator("#correct-reason").fill("an example")
    review.locator("#correct-send").click()
    expect(review.locator("#correct [role=alert]")).to_be_visible()
    assert review.locator("#correct-reason").input_value() == "an example"
    review.locator("#correct-what").select_option("retract")
    review.locator("#correct-send").click()
    expect(review.locator("#correct")).not_to_be_visible()
    ready(review)
    assert claim["id"] not in [one["id"] for one in ask(own, "retaliations", limit=500)["claims"]]
    # Both are taken back in Review, the last one first.
    show(review, own, "tab=review")
    for kind in ("retract", "correct"):
        # While the claim is left out, its correction has nothing to apply to.
        row = review.locator(f"#log-table tr[data-kind={kind}][data-status=applied]").first
        made = row.get_attribute("data-decision")
        row.locator("[data-undo]").click()
        review.locator("#undo-reason").fill("only an example")
        review.locator("#undo-send").click()
        expect(review.locator(f"#log-table tr[data-decision={made}]")).to_have_attribute("data-status", "undone")
        ready(review)
    assert ask(own, f"claims/{claim['id']}")["claim"]["modality"] == "threatened"


def _open_correction(page: Page, claim: str) -> None:
    page.locator(".facts-list [data-quotes]").first.click()
    card = page.locator(f"#evidence .card[data-claim-id={claim}]")
    page.wait_for_selector("#evidence[data-ready=true] .card")
    while not card.count():
        page.locator("#evidence .more button").click()
        page.wait_for_selector("#evidence[data-ready=true]")
    card.locator("[data-correct]").click()


@pytest.fixture(scope="module")
def read_by_two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server whose articles the rules have read, and beside them a model that answers as a person coded them."""
    folder = tmp_path_factory.mktemp("two")
    with model_server(answer=by_hand(annotated(ROOT / "graph_data" / "articles"))) as model:
        asked = {"POLEMOS_LLM_URL": model.url, "POLEMOS_LLM_MODEL": "stand-in", "POLEMOS_LLM_CACHE": "off"}
        with served(folder, settings=asked, extractor="both:rules") as address:
            yield address


def _differing(server: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(server, "review")["claims"]
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_two_readers_differ_on_is_shown_as_claims_with_their_quotes(
    browser: Browser, read_by_two: str, theme: str
) -> None:
    found = ask(read_by_two, "review")
    assert found["claims_total"] > 0
    with opened(browser, read_by_two, 60_000) as page:
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        show(page, read_by_two, "tab=review")
        expect(page.locator("#summary")).to_contain_text(
            f"{found['claims_total']} claims on which two extractors differ"
        )
        page.locator("#review-differing summary").click()
        cards = page.locator("#review-differing [data-doubted]")
        assert [one.get_attribute("data-doubted") for one in cards.all()] == [
            one["claim"]["id"] for one in found["claims"]
        ]
        first, told = found["claims"][0], cards.first.inner_text()
        for words in (first["claim"]["source"], first["claim"]["quote"], first["reason"], first["claim"]["title"]):
            assert " ".join(words.split()) in " ".join(told.split())
        assert violations(page, "#review-conflicts") == []
        for width in (1280, 800, 400):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        page.locator("#review-differing [data-doubted]").first.get_by_text("Read in the article").click()
        page.wait_for_selector("#reader[data-ready=true]")


def test_what_one_reader_found_is_ruled_right_and_the_list_goes_on(browser: Browser, read_by_two: str) -> None:
    before = _differing(read_by_two)
    with opened(browser, read_by_two, 60_000) as page:
        show(page, read_by_two, "tab=review")
        _named(page)
        page.locator("#review-differing summary").click()
        button = page.locator("#review-differing [data-right]").nth(1)
        ruled = before[1]["claim"]
        button.focus()
        page.keyboard.press("Enter")
        expect(page.locator(f"#review-differing [data-doubted={ruled['id']}]")).to_have_count(0)
        ready(page)
        # The list is open still, and the keyboard stands at the claim that came after.
        expect(page.locator("#review-differing")).to_have_attribute("open", "")
        after = _differing(read_by_two)
        assert [one["claim"]["id"] for one in after][:2] == [before[0]["claim"]["id"], before[2]["claim"]["id"]]
        expect(page.locator("#review-differing [data-right]").nth(1)).to_be_focused()
        made = _log(read_by_two)[0]
        assert (made["kind"], made["subject"], made["field"], made["value"]) == (
            "correct", ruled["id"], "type", ruled["type"]
        )  # fmt: skip
        assert ask(read_by_two, f"claims/{ruled['id']}")["claim"]["type"] == ruled["type"]
