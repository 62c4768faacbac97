"""The graph: what is drawn; expand, collapse, hide, pin, select, menus, undo; and that places are kept."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.reading import CY, act, arrows_on_canvas, ask, counted, edges, hash_of, nodes, point_of, ready, show

pytestmark = pytest.mark.browser
CLAIM_KINDS = ["accuses", "denies", "retaliates"]


def _same_place(left: dict[str, tuple[float, float]], right: dict[str, tuple[float, float]]) -> bool:
    both = left.keys() & right.keys()
    return bool(both) and all(left[name] == right[name] for name in both)


def test_canvas_and_list_hold_the_edges_of_the_api(page: Page, server: str) -> None:
    show(page, server, "actor=actor-tajikistan&merge=no")
    found = ask(server, "subgraph", actor="actor-tajikistan", kind=CLAIM_KINDS, rollup="full")
    told = {edge["id"] for edge in found["edges"]}
    assert len(told) > 5
    assert edges(page) == told
    assert arrows_on_canvas(page) == told
    assert set(nodes(page)) == {node["id"] for node in found["nodes"]}


def test_kinds_differ_by_colour_and_by_line(page: Page, server: str) -> None:
    show(page, server, "actor=actor-tajikistan&merge=no")
    looks: list[list[Any]] = page.evaluate(
        f"{CY}.edges().map(e => [e.data('stroke'), e.style('line-color'), e.style('line-style'),"
        " e.style('line-dash-pattern'), e.style('target-arrow-shape'), e.style('width')])"
    )
    by_kind = {look[0]: look[1:] for look in looks}
    claims = [kind for kind in by_kind if kind.split()[0] in CLAIM_KINDS]
    assert {"accuses", "denies"} < set(claims)
    assert len(claims) >= 4
    without_colour = [str(by_kind[kind][1:]) for kind in claims]
    assert len(set(without_colour)) == len(claims)
    assert len({by_kind[kind][0] for kind in ("accuses", "denies", "retaliates carried_out") if kind in by_kind}) >= 2


def test_a_cap_is_stated_and_there_is_a_way_on(page: Page, server: str) -> None:
    show(page, server, "limit=50")
    found = ask(server, "subgraph", kind=CLAIM_KINDS, limit=50)
    assert found["total_edges"] > 50
    assert len(edges(page)) == 50
    assert page.locator("#limit-note").inner_text().startswith(f"50 of {found['total_edges']} edges")
    page.locator("#show-more").click()
    ready(page)
    assert len(edges(page)) == 200
    assert edges(page) > {edge["id"] for edge in found["edges"]}


def test_expand_is_capped_and_says_how_much_is_left_and_collapses(page: Page, server: str) -> None:
    show(page, server, "limit=5")
    before, stood = edges(page), nodes(page)
    hub = max(stood, key=lambda name: ask(server, "subgraph", actor=name, kind=CLAIM_KINDS)["total_edges"])
    total = ask(server, "subgraph", actor=hub, kind=CLAIM_KINDS)["total_edges"]
    assert total > 20, "the samples have no actor with more edges than are expanded at once"
    page.mouse.dblclick(*point_of(page, hub))
    page.wait_for_selector("body[data-view-ready=true] #node-collapse")
    ready(page)
    grown = edges(page)
    best = ask(server, "subgraph", actor=hub, kind=CLAIM_KINDS, limit=20)
    assert grown == before | {edge["id"] for edge in best["edges"]}
    assert _same_place(stood, nodes(page)), "what stood was moved"
    rest = page.evaluate(f"{CY}.nodes('[anchor]').map(n => [n.data('anchor'), n.data('label')])")
    assert rest == [[hub, f"+{total - 20} more"]]
    # The node that tells of the rest leads on.
    x, y = page.evaluate(
        f"(() => {{ const p = {CY}.nodes('[anchor]')[0].renderedPosition();"
        " const box = document.getElementById('canvas').getBoundingClientRect();"
        " return [box.left + p.x, box.top + p.y]; })()"
    )
    page.mouse.click(x, y)
    page.wait_for_url("**expand=*40**")
    ready(page)
    assert len(edges(page)) > len(grown)
    page.keyboard.press("Control+z")
    ready(page)
    assert edges(page) == grown
    page.keyboard.press("c")
    ready(page)
    assert edges(page) == before
    assert _same_place(stood, nodes(page))


def test_places_are_kept_when_the_data_changes_and_in_a_link(page: Page, server: str) -> None:
    show(page, server)
    stood = nodes(page)
    page.locator("#kind-denies").uncheck()
    ready(page)
    fewer = nodes(page)
    assert len(fewer) <= len(stood)
    assert _same_place(stood, fewer)
    page.locator("#brush-from").focus()
    page.keyboard.press("ArrowRight")
    ready(page)
    dated = nodes(page)
    assert _same_place(stood, dated)
    link = page.url
    other = page.context.browser.new_context(viewport={"width": 1000, "height": 700})  # type: ignore[union-attr]
    elsewhere = other.new_page()
    elsewhere.goto(link)
    ready(elsewhere)
    assert nodes(elsewhere) == dated
    other.close()
    for _ in range(2):
        page.keyboard.press("Control+z")
        ready(page)
    assert nodes(page) == stood


def test_the_same_link_gives_the_same_picture(page: Page, server: str) -> None:
    show(page, server, "actor=actor-pakistan")
    first = nodes(page)
    page.set_viewport_size({"width": 900, "height": 700})
    show(page, server, "actor=actor-pakistan")
    assert nodes(page) == first


def test_a_dragged_node_stays_and_is_in_the_link(page: Page, server: str) -> None:
    show(page, server, "actor=actor-tajikistan")
    x, y = point_of(page, "actor-kyrgyzstan")
    before = nodes(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 30, steps=5)
    page.mouse.up()
    page.wait_for_url("**pin=actor-kyrgyzstan**")
    ready(page)
    moved = nodes(page)
    assert moved["actor-kyrgyzstan"] != before["actor-kyrgyzstan"]
    show(page, server, page.url.split("#")[1])
    assert nodes(page)["actor-kyrgyzstan"] == pytest.approx(moved["actor-kyrgyzstan"], abs=1)
    page.locator("#tidy").click()
    ready(page)
    assert nodes(page) == before


def test_pin_from_the_menu_by_keyboard_alone(page: Page, server: str) -> None:
    show(page, server, "actor=actor-tajikistan")
    page.keyboard.press("n")
    page.keyboard.press("m")
    expect(page.locator("#menu")).to_be_visible()
    node = page.locator("#node-list button[tabindex='0']").get_attribute("data-node-id")
    for _ in range(20):
        if page.evaluate("document.activeElement.dataset.act") == "pin":
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    ready(page)
    assert hash_of(page)["pin"][0].startswith(f"{node}:")
    assert page.evaluate(f"(id) => {CY}.getElementById(id).hasClass('pinned')", node)
    # The keyboard's focus is back where it was.
    assert page.evaluate("document.activeElement.dataset.nodeId") == node


def test_right_click_opens_the_menu_of_what_is_under_it(page: Page, server: str) -> None:
    show(page, server, "actor=actor-tajikistan")
    page.mouse.click(*point_of(page, "actor-kyrgyzstan"), button="right")
    expect(page.locator("#menu .menu-title")).to_have_text("Kyrgyzstan")
    act(page, "hide")
    assert "actor-kyrgyzstan" not in nodes(page)
    assert not any("actor-kyrgyzstan" in one for one in edges(page))
    assert "1 node hidden" in page.locator("#limit-note").inner_text()
    page.keyboard.press("Control+z")
    ready(page)
    assert "actor-kyrgyzstan" in nodes(page)
    page.mouse.click(*point_of(page, "actor-kyrgyzstan"), button="right")
    page.keyboard.press("Escape")
    expect(page.locator("#menu")).to_be_hidden()


def test_a_box_selects_and_keep_only_keeps(page: Page, server: str) -> None:
    show(page, server)
    stage = page.locator("#canvas").bounding_box()
    assert stage is not None
    inside = {
        name
        for name in nodes(page)
        # A box takes what it holds whole, names too.
        if stage["x"] + 60 < point_of(page, name)[0] < stage["x"] + stage["width"] / 2 - 60
    }
    assert 1 < len(inside) < len(nodes(page))
    page.keyboard.down("Shift")
    page.mouse.move(stage["x"] + 2, stage["y"] + 2)
    page.mouse.down()
    page.mouse.move(stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] - 2, steps=5)
    page.mouse.up()
    page.keyboard.up("Shift")
    expect(page.locator("#choice")).to_be_visible()
    marked = set(page.evaluate(f"{CY}.nodes('.marked').map(n => n.id())"))
    assert inside <= marked < set(nodes(page))
    assert page.locator("#choice").inner_text().startswith(f"{len(marked)} nodes selected")
    page.locator("#choice [data-choice=keep]").click()
    ready(page)
    assert set(nodes(page)) <= marked
    page.keyboard.press("Control+z")
    ready(page)
    assert marked < set(nodes(page))


def test_select_by_keyboard_invert_and_hide(page: Page, server: str) -> None:
    show(page, server, "actor=actor-tajikistan")
    everything = set(nodes(page))
    page.keyboard.press("n")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    chosen = set(page.evaluate(f"{CY}.nodes('.marked').map(n => n.id())"))
    assert len(chosen) == 2
    page.keyboard.press("i")
    assert set(page.evaluate(f"{CY}.nodes('.marked').map(n => n.id())")) == everything - chosen
    page.keyboard.press("h")
    ready(page)
    assert set(nodes(page)) <= chosen
    page.locator("#show-all").click()
    ready(page)
    assert set(nodes(page)) == everything


def test_hover_never_sticks(page: Page, server: str) -> None:
    show(page, server, "actor=actor-tajikistan")
    line = page.locator("#hover")
    page.mouse.move(*point_of(page, "actor-kyrgyzstan"))
    expect(line).to_be_visible()
    page.keyboard.press("g")
    expect(line).to_be_hidden()
    assert page.evaluate(f"{CY}.elements('.dim').length") > 0  # the list points out an arrow now
    page.locator("#search-input").focus()
    assert page.evaluate(f"{CY}.elements('.dim').length") == 0
    page.mouse.move(*point_of(page, "actor-tajikistan"))
    expect(line).to_be_visible()
    page.locator("#filters").hover()
    expect(line).to_be_hidden()
    page.mouse.move(*point_of(page, "actor-tajikistan"))
    expect(line).to_be_visible()
    page.locator("#edge-list button").first.evaluate("button => button.click()")
    ready(page)
    page.wait_for_selector("#evidence[data-ready=true]")
    page.locator("#quotes .read").first.evaluate("button => button.click()")
    page.wait_for_selector("#reader[data-ready=true]")
    expect(line).to_be_hidden()


def test_the_picture_fits_again_when_the_window_changes(page: Page, server: str) -> None:
    show(page, server)
    for size in ({"width": 800, "height": 700}, {"width": 1280, "height": 900}):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.wait_for_timeout(300)
        box = page.evaluate(f"{CY}.elements().renderedBoundingBox({{ includeLabels: false }})")
        canvas = page.locator("#canvas").bounding_box()
        assert canvas is not None
        assert 0 <= box["x1"] <= box["x2"] <= canvas["width"] + 1
        assert 0 <= box["y1"] <= box["y2"] <= canvas["height"] + 1
        assert max(box["w"] / canvas["width"], box["h"] / canvas["height"]) > 0.6


def test_names_do_not_cover_each_other_at_the_default_cap(page: Page, server: str) -> None:
    show(page, server)
    assert len(edges(page)) >= 100
    boxes: list[list[Any]] = page.evaluate(
        f"{CY}.nodes('[kind = \"actor\"]').map(n => {{ const b = n.renderedBoundingBox({{ includeOverlays: false }});"
        " return [n.data('label'), b.x1, b.y1, b.x2, b.y2]; })"
    )
    covered = []
    for i, (name, x1, y1, x2, y2) in enumerate(boxes):
        for other, u1, v1, u2, v2 in boxes[i + 1 :]:
            shared = max(0, min(x2, u2) - max(x1, u1)) * max(0, min(y2, v2) - max(y1, v1))
            if shared > 0.25 * min((x2 - x1) * (y2 - y1), (u2 - u1) * (v2 - v1)):
                covered.append((name, other))
    assert covered == []


def test_from_an_arrow_to_quotes_to_the_sentence_to_the_receipt(page: Page, server: str) -> None:
    show(page, server, "actor=actor-moldova")
    button = page.locator("#edge-list button[data-kind=accuses][data-target=actor-russia]").first
    ids = set((button.get_attribute("data-edge-ids") or "").split())
    button.click()
    page.wait_for_selector("#evidence[data-ready=true] #quotes .card")
    found = ask(server, "subgraph", actor="actor-moldova", kind=CLAIM_KINDS, rollup="full")
    behind = {claim for edge in found["edges"] if edge["id"] in ids for claim in edge["claims"]}
    cards = page.locator("#quotes .card[data-claim-id]")
    assert {cards.nth(i).get_attribute("data-claim-id") for i in range(cards.count())} == behind
    card = cards.first
    claim = ask(server, f"claims/{card.get_attribute('data-claim-id')}")["claim"]
    text = " ".join(card.inner_text().split())
    assert claim["evidence"]["quote"] in text
    assert "confidence" in text
    card.locator(".read").click()
    page.wait_for_selector("#reader[data-ready=true]")
    marked = "".join(page.locator(f"#reader mark[data-claim-ids~='{claim['id']}']").all_inner_texts())
    assert " ".join(marked.split()) == " ".join(claim["evidence"]["quote"].split())
    page.keyboard.press("Escape")
    expect(page.locator("#reader")).to_be_hidden()
    card.locator("[data-receipt]").click()
    expect(page.locator("dialog[open]")).to_contain_text(claim["evidence"]["quote"])


def test_an_arrow_on_the_canvas_opens_its_quotes(page: Page, server: str) -> None:
    show(page, server, "actor=actor-tajikistan")
    arrow, x, y = page.evaluate(
        f"(() => {{ const e = {CY}.edges()[0]; const p = e.renderedMidpoint();"
        " const box = document.getElementById('canvas').getBoundingClientRect();"
        " return [e.id(), box.left + p.x, box.top + p.y]; })()"
    )
    page.mouse.click(x, y)
    page.wait_for_selector("#evidence[data-ready=true] #quotes .card")
    assert hash_of(page)["select"][0].startswith("edge:")
    assert page.locator("#quotes").get_attribute("data-edge-id") == arrow


def test_the_count_stays_true_while_nodes_are_hidden(page: Page, server: str) -> None:
    show(page, server, "actor=actor-tajikistan")
    before = counted(page)
    page.keyboard.press("n")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("m")
    act(page, "hide")
    assert counted(page) == before
    assert page.locator("#summary").inner_text().startswith(f"{len(edges(page))} edge")
