"""Threads in a real Chromium: every claim of the API's thread in one card, arrows only along its links."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.reading import ask, hash_of, ready, show

pytestmark = pytest.mark.browser


def _root(server: str, words: str) -> str:
    found: list[str] = [
        one["thread"] for one in ask(server, "disputes", limit=500)["disputes"] if words in one["label"]
    ]
    return found[0]


@pytest.fixture
def ferry(server: str) -> str:
    """A claim of the thread on the bombing of a ferry."""
    return _root(server, "bombing of a ferry")


@pytest.mark.parametrize(
    ("state", "asked"),
    [("", {}), ("&actor=actor-moldova&role=target", {"actor": "actor-moldova", "role": "target"})],
)
def test_the_list_is_that_of_the_api(page: Page, server: str, state: str, asked: dict[str, Any]) -> None:
    show(page, server, f"tab=threads{state}")
    answer = ask(server, "disputes", **asked, limit=50)
    entries: list[Any] = page.evaluate(
        "[...document.querySelectorAll('#thread-list .thread-entry')].map(b =>"
        " [b.dataset.incident, b.dataset.thread, Number(b.dataset.claims)])"
    )
    assert entries == [[one["incident"], one["thread"], one["claims"]] for one in answer["disputes"]] != []
    expect(page.locator("#summary")).to_contain_text(f"{len(entries)} of {answer['total']} thread")
    if answer["next"]:
        page.locator("#threads-more").click()
        expect(page.locator("#thread-list .thread-entry")).to_have_count(answer["total"])


def test_every_claim_of_the_thread_is_in_one_card(page: Page, server: str, ferry: str) -> None:
    show(page, server, f"tab=threads&thread={ferry}")
    thread = ask(server, f"threads/{ferry}")
    shown: list[str] = page.evaluate(
        "[...document.querySelectorAll('#thread [data-claim-id]')].map(c => c.dataset.claimId)"
    )
    assert sorted(shown) == sorted(one["id"] for one in thread["claims"])
    assert len(shown) > 10
    expect(page.locator("#summary")).to_contain_text(f"{len(thread['claims'])} claims")
    expect(page.locator("#summary")).to_contain_text(f"{len(thread['links'])} links")
    asked = page.locator("#thread .thread-card[data-asked]")
    expect(asked).to_have_count(1)
    # Quote, outlet, confidence: what the API says of that claim.
    for claim in thread["claims"]:
        card = page.locator(f"#thread .thread-card[data-claim-id='{claim['id']}']")
        if card.count():
            text = " ".join(card.inner_text().split())
            assert " ".join(claim["evidence"]["quote"].split()) in text
            assert claim["publisher"] in text
            assert f"{round(claim['confidence'] * 100)}% confidence" in text
            if claim["speaker_id"] != claim["source_id"]:
                assert f"Spoken by {claim['speaker']} for {claim['source']}" in text


def test_arrows_stand_only_where_the_api_has_a_link(page: Page, server: str, ferry: str) -> None:
    show(page, server, f"tab=threads&thread={ferry}")
    thread = ask(server, f"threads/{ferry}")
    told = {one["start"]: one["end"] for one in thread["links"] if one["link"] == "repeats"}

    def first_report(name: str) -> str:
        while name in told:
            name = told[name]
        return name

    links = {
        (first_report(one["start"]), first_report(one["end"]), one["link"], one["basis"])
        for one in thread["links"]
        if one["link"] != "repeats"
    }
    arrows: list[Any] = page.evaluate(
        "[...document.querySelectorAll('#thread .thread-card:has(.arrow)')].map(c =>"
        " [c.dataset.claimId, c.dataset.answers, c.querySelector('.arrow').dataset.link, c.dataset.basis])"
    )
    assert arrows
    assert {tuple(one) for one in arrows} <= links
    # Each stands in a row under the card that it answers, in the same argument.
    below = page.evaluate(
        "[...document.querySelectorAll('#thread .thread-card[data-answers]')].every(c => {"
        " const to = document.querySelector(`#thread .thread-card[data-claim-id='${c.dataset.answers}']`);"
        " return to.closest('.thread-row') === c.closest('.thread-row')"
        " && to.closest('.step').nextElementSibling === c.closest('.step'); })"
    )
    assert below
    for arrow in page.locator("#thread .arrow").all():
        words = arrow.inner_text()
        assert ("rule “" in words) != ("the article says" in words)
    # What is linked to nothing is only later.
    for card in page.locator("#thread .loose-row .thread-card").all():
        assert card.locator(".arrow").count() == 0


def test_open_ends_and_orphans_are_those_of_the_api(page: Page, server: str) -> None:
    seen = 0
    for words in ("bombing of a ferry", "suicide bombing of a mosque"):
        name = _root(server, words)
        show(page, server, f"tab=threads&thread={name}")
        thread = ask(server, f"threads/{name}")
        ends = page.evaluate(
            "[...document.querySelectorAll('#thread .open-end')].map(e => [e.dataset.openEnd, e.innerText])"
        )
        assert {one for one, _ in ends} == {one["claim"] for one in thread["open_ends"]}
        for one in thread["open_ends"]:
            words = f"No answer by {one['accused']} found in {one['searched']} articles."
            assert [one["claim"], words] in ends
        orphans = page.locator("#thread .orphan").count()
        assert (orphans > 0) == (len(thread["orphans"]) > 0)
        seen += len(ends) + orphans
    assert seen > 0


def test_whether_people_reviewed_it_is_told(page: Page, server: str, ferry: str) -> None:
    show(page, server, f"tab=threads&thread={ferry}")
    card = page.locator("#thread .thread-card").first
    card.scroll_into_view_if_needed()
    receipt = ask(server, f"claims/{card.get_attribute('data-claim-id')}/receipt")
    words = "bear" if receipt["decisions"] else "not reviewed by a person"
    expect(card.locator(".by-people")).to_contain_text(words)


def test_by_keyboard_from_the_list_to_the_article_and_the_receipt(page: Page, server: str) -> None:
    show(page, server, "tab=threads")
    entry = page.locator("#thread-list .thread-entry").first
    entry.focus()
    page.keyboard.press("Enter")
    ready(page)
    card = page.locator("#thread .thread-card").first
    expect(card).to_be_visible()
    read = card.locator(".read")
    claim = read.get_attribute("data-read-claim")
    read.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#reader[data-ready=true] mark.current")
    marked = "".join(page.locator(f"#reader mark[data-claim-ids~='{claim}']").all_inner_texts())
    quote = ask(server, f"claims/{claim}")["claim"]["evidence"]["quote"]
    assert " ".join(marked.split()) == " ".join(quote.split())
    page.keyboard.press("Escape")
    ready(page)
    card.locator(".receipt").click()
    expect(page.locator("dialog[open]")).to_contain_text(claim or "never")
    page.keyboard.press("Escape")
    page.locator("#threads-back").click()
    ready(page)
    assert "thread" not in hash_of(page)
    expect(page.locator("#thread-list .thread-entry").first).to_be_visible()


def test_a_claim_that_is_not_there_is_said_so(page: Page, server: str) -> None:
    show(page, server, "tab=threads&thread=clm-nothing")
    expect(page.locator("#threads-body")).to_contain_text("No claim of the ledger has the id")
    page.locator("#threads-back").click()
    ready(page)
    expect(page.locator("#thread-list .thread-entry").first).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 800])
def test_axe_finds_nothing_and_nothing_overflows(page: Page, server: str, ferry: str, theme: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=theme)
    for state in ("tab=threads", f"tab=threads&thread={ferry}"):
        show(page, server, state)
        assert violations(page, "#view-threads") == []
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
