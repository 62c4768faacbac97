"""Adding an article by text, file and address: what was found is what the API then holds; what is refused says why."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.browser.conftest import opened, served
from tests.browser.reading import ask, hash_of, ready, show

pytestmark = [pytest.mark.browser, pytest.mark.model]

TEXT = (
    "Norland's foreign minister Ana Brel accused Sudria of shelling the market of Port Halder on 3 March 2024.\n\n"
    "Sudria denied the accusation. <b>The market</b> was closed, <script>window.harmed = true</script> it said.\n\n"
    "\U0001f30d Norland said that Sudria was behind the attack on the bridge of Tarn, too.\n\n"
    "Residents said that the market would open again within a week, and that nobody had come to repair the roof."
)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    # Rules alone read articles here: the test is of the page, not of how much is found.
    with served(tmp_path_factory.mktemp("adding"), settings={"POLEMOS_EXTRACTOR": "rules"}) as address:
        yield address


@pytest.fixture
def adding(browser: Browser, own: str) -> Iterator[Page]:
    with opened(browser, own, 60_000) as page:
        show(page, own, "tab=add")
        yield page


def _done(page: Page) -> None:
    page.wait_for_selector("#add-results[data-ready=true]")
    ready(page)


def test_pasted_text_becomes_claims_with_their_words_marked(adding: Page, own: str) -> None:
    before = ask(own, "health")
    adding.locator("#add-text").fill(TEXT)
    adding.locator("#add-title").fill("Norland accuses Sudria of <i>shelling</i> a market")
    adding.locator("#add-publisher").fill("The Courier")
    adding.locator("#add-published").fill("2024-03-05")
    adding.locator("#add-send").click()
    _done(adding)
    after = ask(own, "health")
    outcome = adding.locator(".outcome")
    assert outcome.get_attribute("data-outcome") == "added"
    assert after["articles"] == before["articles"] + 1
    assert int(outcome.get_attribute("data-claims") or 0) == after["claims"] - before["claims"] > 0
    article = adding.locator(".added").get_attribute("data-article")
    held = ask(own, f"articles/{article}")
    assert (held["article"]["publisher"], held["article"]["published"]) == ("The Courier", "2024-03-05")
    cards = adding.locator(".added .card[data-claim-id]")
    assert [card.get_attribute("data-claim-id") for card in cards.all()] == [one["id"] for one in held["claims"]]
    for claim in held["claims"]:
        marked = "".join(adding.locator(f".added mark[data-claim-ids~={claim['id']}]").all_inner_texts())
        assert " ".join(marked.split()) == " ".join(claim["evidence"]["quote"].split())
    # Markup in an article stays text.
    assert "<script>window.harmed = true</script>" in adding.locator(".added .text").inner_text()
    assert "<i>shelling</i>" in adding.locator(".added h4").inner_text()
    assert adding.evaluate("window.harmed") is None
    assert adding.locator(".added b, .added i").count() == 0
    # What was looked at and left out is told by reason.
    left_out = adding.locator(".left-out li[data-reason]")
    assert left_out.count() > 0
    # The header and the counts above the view know of it.
    expect(adding.locator("#figures")).to_contain_text(f"{after['claims']} claims")
    adding.locator(".add-graph").click()
    ready(adding)
    assert hash_of(adding)["actor"]
    assert adding.locator("#edge-list button").count() > 0


def test_a_known_article_changes_nothing_and_says_so(adding: Page, own: str) -> None:
    known = {"title": "A quarrel over a bridge", "text": TEXT + " Nothing else was said.", "publisher": "The Courier"}
    httpx.post(f"{own}/articles", json=known, timeout=60).raise_for_status()
    before = ask(own, "health")
    file: FilePayload = {"name": "known.json", "mimeType": "application/json", "buffer": json.dumps(known).encode()}
    adding.locator("#add-files").set_input_files([file])
    _done(adding)
    assert adding.locator(".outcome").get_attribute("data-outcome") == "known"
    expect(adding.locator(".outcome")).to_contain_text("known already")
    assert ask(own, "health") == before


def test_files_of_several_kinds_are_read_and_bad_ones_named(adding: Page, own: str) -> None:
    filler = " The rest of the article says little more, but it says it in enough words to be one." * 6
    body = f"<article><p>Norland accused Sudria of it.{filler}</p></article>"
    page = f"<html><head><title>A bridge</title></head><body>{body}</body></html>"
    files: list[FilePayload] = [
        {"name": "plain.txt", "mimeType": "text/plain", "buffer": f"Norland blamed Eastland for it.{filler}".encode()},
        {"name": "page.html", "mimeType": "text/html", "buffer": page.encode()},
        {"name": "picture.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + bytes(100)},
        {"name": "broken.json", "mimeType": "application/json", "buffer": b'{"title": '},
    ]
    before = ask(own, "health")["articles"]
    adding.locator("#add-files").set_input_files(files)
    _done(adding)
    outcomes = adding.locator(".outcome")
    assert [one.locator("h3").first.inner_text() for one in outcomes.all()] == [one["name"] for one in files]
    told = [one.get_attribute("data-outcome") for one in outcomes.all()]
    assert told == ["added", "added", "refused", "refused"]
    assert ask(own, "health")["articles"] == before + 2
    for at, wanted in ((2, 415), (3, 400)):
        direct = httpx.post(
            f"{own}/articles",
            content=files[at]["buffer"],
            headers={"Content-Type": "application/json"} if at == 3 else {},
        )
        assert direct.status_code == wanted
        expect(outcomes.nth(at)).to_contain_text(direct.json()["detail"])
        assert outcomes.nth(at).locator("p").count() == 2
    assert "2 articles added" in adding.locator("#summary").inner_text()


@pytest.mark.parametrize("address", ["http://127.0.0.1/private", "http://10.0.0.1/feed", "http://[::1]/"])
def test_private_addresses_are_refused_in_words(adding: Page, own: str, address: str) -> None:
    before = ask(own, "health")
    adding.locator("#add-url").fill(address)
    adding.keyboard.press("Enter")
    _done(adding)
    refused = adding.locator(".outcome[data-outcome=refused]")
    expect(refused).to_contain_text("private network")
    assert refused.get_attribute("data-status") == "422"
    assert adding.locator("#add-url").input_value() == address
    assert ask(own, "health") == before


def test_a_service_that_does_not_answer_loses_nothing(adding: Page, own: str) -> None:
    adding.route("**/articles", lambda route: route.abort())
    adding.locator("#add-text").fill(TEXT)
    adding.locator("#add-send").click()
    adding.wait_for_selector("#add-results[data-ready=true]")
    expect(adding.locator(".outcome[data-outcome=refused]")).to_contain_text("cannot be reached")
    assert adding.locator("#add-text").input_value() == TEXT


def test_files_are_dropped(adding: Page, own: str) -> None:
    transfer = adding.evaluate_handle(
        "(text) => { const t = new DataTransfer();"
        " t.items.add(new File([text], 'dropped.txt', { type: 'text/plain' })); return t; }",
        "Eastland accused Norland of it." + " It goes on for a while and says little more than that." * 8,
    )
    before = ask(own, "health")["articles"]
    adding.dispatch_event("#add-drop", "drop", {"dataTransfer": transfer})
    _done(adding)
    assert adding.locator(".outcome").get_attribute("data-outcome") == "added"
    assert ask(own, "health")["articles"] == before + 1
