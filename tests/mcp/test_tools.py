"""The tools asked by the package's own client, in this process: what they answer, and how they fail."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError

from app import queries
from app.curation import Ruling, decision
from app.extraction import recipe
from app.ledger import Batch, SqliteLedger
from app.mcp.arguments import Narrowed, Retaliating
from app.mcp.guide import CLAIMS, GUIDE, INSTRUCTIONS
from app.mcp.server import create_server
from app.mcp.tools import TOOLS, plain, schema
from app.queries import ClaimFilter
from app.queries.centralities import Centralities, centralities
from app.vocabulary.names import Gazetteer
from app.vocabulary.terms import ClaimType
from app.web import Services
from app.web.params import Filters as HttpFilters
from tests.firewall import rule
from tests.queries.invented import World, invented

DATA = Path(__file__).resolve().parents[2] / "graph_data"
Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def world() -> World:
    return invented()


@pytest.fixture
def ledger(world: World, tmp_path: Path) -> SqliteLedger:
    opened = SqliteLedger(tmp_path / "ledger.sqlite")
    opened.append(world.batch)
    return opened


@pytest.fixture
def services(ledger: SqliteLedger) -> Iterator[Services]:
    found = Services(ledger, recipe=recipe("rules", DATA), gazetteer=lambda: Gazetteer([]), data=DATA)
    yield found
    found.close()


def conversed(services: Services, mode: str, conversation: Callable[[Client], Awaitable[Any]]) -> Any:
    """Runs a conversation with a server, by the handshake of the older protocol (`legacy`) or without it."""

    async def held() -> Any:
        async with Client(create_server(services), mode=mode) as client:
            return await conversation(client)

    return asyncio.run(held())


@pytest.fixture(params=["legacy", "auto"])
def talk(services: Services, request: pytest.FixtureRequest) -> Ask:
    return lambda conversation: conversed(services, request.param, conversation)


@pytest.fixture
def ask(services: Services) -> Ask:
    """Calls one tool; the structured answer, or the words of a failure."""

    def call(tool: str, **arguments: Any) -> Any:
        async def asked(client: Client) -> Any:
            await client.list_tools()
            return await client.call_tool(tool, arguments)

        found = conversed(services, "auto", asked)
        if found.is_error:
            return found.content[0].text
        # Clients of the older protocol read the text; it says the same.
        assert json.loads(found.content[0].text) == found.structured_content
        return found.structured_content

    return call


# ---- what they answer ----


def test_a_list_of_claims_is_the_record_of_the_http_interface(ask: Ask, world: World) -> None:
    found = ask("accusations", source="Norland", limit=100)
    expected = queries.accusations(world.graph, ClaimFilter(source="Norland"), 100)
    page = msgspec.convert(found, queries.ClaimPage)
    assert [row.id for row in page.claims] == [row.id for row in expected.claims]
    assert [row.evidence for row in page.claims] == [row.evidence for row in expected.claims]
    assert all(row["evidence"]["quote"] and row["id"].startswith("clm-") for row in found["claims"])


def test_both_protocols_answer_alike(talk: Ask, ask: Ask) -> None:
    found = talk(lambda client: client.call_tool("denials", {"source": "Sudria"}))
    assert found.structured_content == ask("denials", source="Sudria")
    refused = talk(lambda client: client.call_tool("denials", {"source": "Nowhere"}))
    assert refused.is_error is True


def test_lists_are_small_and_go_on(ask: Ask, world: World) -> None:
    first = ask("accusations", limit=2)
    assert len(first["claims"]) == 2
    second = ask("accusations", limit=2, cursor=first["next"])
    assert {row["id"] for row in first["claims"]}.isdisjoint(row["id"] for row in second["claims"])
    assert first["total"] == second["total"] == queries.accusations(world.graph, ClaimFilter()).total


def test_the_three_lists_keep_apart(ask: Ask) -> None:
    for tool, kind in (("accusations", "accuses"), ("denials", "denies"), ("retaliations", "retaliates")):
        assert {row["type"] for row in ask(tool, limit=100)["claims"]} == {kind}
    assert {row["rung"] for row in ask("retaliations", rung="carried_out")["claims"]} == {"carried_out"}


def test_single_things(ask: Ask, world: World) -> None:
    claim = ask("denials", source="Sudria", limit=1)["claims"][0]
    assert ask("claim", claim=claim["id"])["claim"] == {**claim, "scope": None}
    assert ask("thread", claim=claim["id"])["claim"] == claim["id"]
    receipt = ask("receipt", claim=claim["id"])
    assert receipt["article"] == claim["evidence"]["article"]
    incident = ask("incidents", limit=1)["incidents"][0]["id"]
    view = ask("incident", incident=incident, claims=1)
    assert view["attribution"]
    assert len(view["claims"]) == 1 < view["counts"]["claims"]
    assert ask("incident", incident=incident, claims=0)["claims"] == []
    assert ask("actors", q="norl")["actors"][0]["id"] == "actor-norland"
    assert ask("actor", actor="actor-sudria")["actor"]["name"] == "Sudria"
    assert {row["name"] for row in ask("places", q="trip")["places"]} == {"Tripoli"}
    piece = ask("subgraph", actor=["Norland"], limit=2)
    assert len(piece["edges"]) == 2


def test_an_article_comes_in_parts(ask: Ask, world: World) -> None:
    article = world.articles["market"]
    claim = ask("accusations", source="Norland", limit=1)["claims"][0]
    part = ask("article", article=claim["evidence"]["article"], length=10)
    text, parts = part["text"], 1
    while part["next"] is not None:
        part = ask("article", article=part["id"], start=part["next"], length=200)
        text, parts = text + part["text"], parts + 1
    assert text == article.text
    assert (part["length"], parts > 1) == (len(text), True)
    quote = claim["evidence"]
    assert text[quote["start"] : quote["end"]] == quote["quote"]
    assert claim["id"] in part["claims"]


def test_where_actors_stand_is_the_record_of_the_http_interface(ask: Ask, world: World) -> None:
    found = ask("centralities", type=["accuses", "denies"], by="out_degree", top=2)
    both = ClaimFilter(types=(ClaimType.ACCUSES, ClaimType.DENIES))
    expected = centralities(world.graph, both, 2, "out_degree")
    assert msgspec.convert(found, Centralities) == msgspec.structs.replace(expected, revision=found["revision"])
    assert "by" in ask("centralities", by="fame")


def test_sparql_is_bounded_and_only_reads(ask: Ask) -> None:
    rows = ask("sparql", query="SELECT ?c WHERE { ?c a plm:Claim }", limit=2)
    assert rows["variables"] == ["c"]
    assert len(rows["rows"]) == 2
    assert rows["truncated"] is True
    assert ask("sparql", query="ASK { ?c a plm:Claim }")["boolean"] is True
    assert "plm:Claim" in ask("sparql", query="CONSTRUCT { ?c a plm:Claim } WHERE { ?c a plm:Claim }")["turtle"]
    assert "read-only" in ask("sparql", query="INSERT DATA { <a:a> <a:b> <a:c> }")
    assert "SERVICE" in ask("sparql", query="SELECT * WHERE { SERVICE <http://a.test/> { ?s ?p ?o } }")


def test_the_past_can_be_asked(ask: Ask, ledger: SqliteLedger, world: World) -> None:
    now = ask("accusations")
    ledger.append(Batch((), [], decisions=[decision(Ruling.RETRACT, now["claims"][0]["id"], by="Ada", reason="x")]))
    later = ask("accusations")
    assert later["revision"] == now["revision"] + 1
    assert later["total"] == now["total"] - 1
    then = ask("accusations", as_of=str(now["revision"]))
    assert {**then, "filters": 0, "next": 0} == {**now, "filters": 0, "next": 0}
    assert "retracted" in ask("claim", claim=now["claims"][0]["id"])


# ---- how they fail ----


@pytest.mark.parametrize(
    ("tool", "arguments", "says"),
    [
        ("accusations", {"sorce": "Norland"}, r"sorce.*the arguments of accusations are: .*source"),
        ("accusations", {"source": "Nowhere"}, "no actor is called 'Nowhere'"),
        ("accusations", {"source": "The League"}, "actor-eastland"),
        ("accusations", {"limit": 1000}, "limit"),
        ("accusations", {"limit": "many"}, "limit"),
        ("accusations", {"since": "yesterday"}, "since"),
        ("accusations", {"cursor": "x"}, "start again without it"),
        ("accusations", {"as_of": "99"}, "no revision 99"),
        ("denials", {"rung": "carried_out"}, "unknown field `rung`"),
        ("retaliations", {"rung": "high"}, "rung"),
        ("claim", {}, "missing required field `claim`"),
        ("claim", {"claim": "clm-none"}, "no claim has the id 'clm-none'"),
        ("article", {"article": "nothing"}, "no article"),
        ("incident", {"incident": "inc-none"}, "no incident"),
        ("sparql", {"query": "SELECT"}, "."),
        ("everything", {}, "there are: accusations, denials"),
    ],
)
def test_a_failure_says_what_to_do(ask: Ask, tool: str, arguments: dict[str, Any], says: str) -> None:
    words = ask(tool, **arguments)
    assert isinstance(words, str)
    assert re.search(says, words)
    assert "Traceback" not in words


def test_null_is_the_same_as_nothing(ask: Ask) -> None:
    assert ask("accusations", source=None, actor=None, limit=None, modality=None) == ask("accusations")


def test_what_breaks_inside_stays_inside(
    ask: Ask, services: Services, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken() -> None:
        raise RuntimeError("a secret path")

    monkeypatch.setattr(services, "refresh", broken)
    words = ask("accusations")
    assert "secret" not in words
    assert "Something went wrong on our side" in words
    assert "a secret path" in caplog.text


# ---- what they say of themselves ----


def test_every_tool_says_that_these_are_claims_and_only_reads(talk: Ask) -> None:
    tools = talk(lambda client: client.list_tools()).tools
    assert [tool.name for tool in tools] == list(TOOLS)
    for tool in tools:
        assert tool.description.endswith(CLAIMS)
        assert "not findings" in tool.description
        assert tool.annotations.read_only_hint is True
        assert tool.annotations.open_world_hint is False
        for root in (tool.input_schema, tool.output_schema):
            assert root["type"] == "object"
            jsonschema_rs.Draft202012Validator(root)
        assert tool.input_schema["additionalProperties"] is False


def test_every_argument_is_explained() -> None:
    plain = {"min_confidence"}
    for tool in TOOLS.values():
        for name, told in tool.input_schema["properties"].items():
            assert "description" in told or name in plain, f"{tool.name}.{name}"


def test_answers_fit_their_schemas(ask: Ask) -> None:
    claim = ask("accusations", limit=1)["claims"][0]
    incident = ask("incidents", limit=1)["incidents"][0]["id"]
    wanted = {
        "claim": {"claim": claim["id"]}, "thread": {"claim": claim["id"]}, "receipt": {"claim": claim["id"]},
        "incident": {"incident": incident}, "actor": {"actor": claim["source_id"]},
        "article": {"article": claim["evidence"]["article"]}, "sparql": {"query": "SELECT ?c { ?c a plm:Claim }"},
    }  # fmt: skip
    for name, tool in TOOLS.items():
        jsonschema_rs.Draft202012Validator(tool.output_schema).validate(ask(name, **wanted.get(name, {})))


def test_filters_are_those_of_the_http_interface() -> None:
    takes = set(Narrowed.__struct_fields__) | set(Retaliating.__struct_fields__)
    assert takes == set(HttpFilters.model_fields) | {"limit", "cursor"}


def test_no_answer_and_no_schema_says_that_an_allegation_is_true(ask: Ask) -> None:
    answers = [ask(name, limit=100) for name in ("accusations", "denials", "retaliations", "incidents", "actors")]
    answers += [ask("incident", incident=row["id"]) for row in answers[3]["incidents"]]
    answers += [ask("thread", claim=row["id"]) for row in answers[0]["claims"]]
    answers.append(ask("subgraph"))
    assert [breach for one in answers for breach in rule.of_json(one)] == []
    for tool in TOOLS.values():
        for part in (tool.output_schema, *tool.output_schema.get("$defs", {}).values()):
            assert [breach for name in part.get("properties", {}) for breach in rule.of_name(name, tool.name)] == []


def test_what_the_fields_mean_is_told_once(talk: Ask) -> None:
    (content,) = talk(lambda client: client.read_resource("polemos://records")).contents
    told = json.loads(content.text)
    assert content.mime_type == "application/schema+json"
    jsonschema_rs.Draft202012Validator(told)
    assert set(told["properties"]) == set(TOOLS)
    for tool in TOOLS.values():
        assert told["properties"][tool.name] == {"$ref": f"#/$defs/{tool.answers.__name__}"}
        shown = {tool.answers.__name__: tool.output_schema, **tool.output_schema.get("$defs", {})}
        for name, part in shown.items():
            assert "description" in told["$defs"][name]
            assert set(part.get("properties", ())) == set(told["$defs"][name].get("properties", ()))
            assert not part.keys() & {"title", "description"}


@pytest.mark.parametrize("tool", TOOLS.values(), ids=list(TOOLS))
def test_a_plain_schema_lets_through_what_the_full_one_does(tool: Any) -> None:
    full, plain_ = (jsonschema_rs.Draft202012Validator(one) for one in (schema(tool.takes), tool.input_schema))
    given = [{}, {"as_of": None}, {"as_of": "x" * 41}, {"as_of": 1}, {"source": ""}, {"since": "2024"}, {"since": "x"}]
    given += [{"query": "ASK {}"}, {"claim": "clm-1"}, {"incident": "inc-1"}, {"actor": "actor-a"}, {"actor": ["a"]}]
    given += [{"min_confidence": None}, {"min_confidence": 2}, {"voice": "speaker"}, {"voice": "x"}, {"article": "a"}]
    given += [
        {"modality": ["threatened"]},
        {"modality": ["x"]},
        {"limit": 0},
        {"limit": 5},
        {"nothing": 1},
        {"title": "x"},
    ]
    assert [full.is_valid(one) for one in given] == [plain_.is_valid(one) for one in given]
    assert plain_.is_valid({}) or tool.input_schema["required"]


def test_a_field_may_be_called_like_a_word_of_the_schema() -> None:
    found = plain(
        {"title": "X", "properties": {"title": {"type": "string", "title": "T"}, "description": {}}}, told=False
    )
    assert found == {"properties": {"title": {"type": "string"}, "description": {}}}


def test_a_schema_is_its_own_root() -> None:
    assert schema(ClaimCounter) == {
        "title": "ClaimCounter", "type": "object", "properties": {"claims": {"type": "integer"}},
        "required": ["claims"],
    }  # fmt: skip


class ClaimCounter(msgspec.Struct):
    claims: int


# ---- resources and the ready-made instruction ----


def test_claims_and_articles_have_addresses(talk: Ask, ask: Ask, world: World) -> None:
    claim = ask("accusations", source="Norland", limit=1)["claims"][0]

    def read(uri: str) -> Any:
        (content,) = talk(lambda client: client.read_resource(uri)).contents
        assert content.mime_type == "application/json"
        return json.loads(content.text)

    assert read(f"polemos://claim/{claim['id']}")["claim"] == claim
    article = read(f"polemos://article/{claim['evidence']['article']}")
    assert article["article"]["text"] == world.articles["market"].text
    assert claim["id"] in {row["id"] for row in article["claims"]}
    templates = talk(lambda client: client.list_resource_templates()).resource_templates
    assert [one.uri_template for one in templates] == ["polemos://claim/{id}", "polemos://article/{id}"]


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        ("polemos://claim/clm-none", "no claim has the id"),
        ("polemos://article/none", "no article has the id"),
        ("polemos://actor/actor-norland", "polemos://claim/ID"),
        ("file:///etc/passwd", "polemos://article/ID"),
    ],
)
def test_nothing_at_an_address(talk: Ask, uri: str, says: str) -> None:
    with pytest.raises(BaseException) as raised:  # noqa: PT011 -- a group of one, by the package's tasks
        talk(lambda client: client.read_resource(uri))
    (error,) = _leaves(raised.value)
    assert isinstance(error, MCPError)
    assert says in error.message


def _leaves(error: BaseException) -> list[BaseException]:
    inner = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    return [leaf for one in inner for leaf in _leaves(one)] or [error]


def test_the_guide_and_the_instruction(talk: Ask) -> None:
    (content,) = talk(lambda client: client.read_resource("polemos://guide")).contents
    assert (content.text, content.mime_type) == (GUIDE, "text/markdown")
    listed = talk(lambda client: client.list_resources()).resources
    assert [one.uri for one in listed] == ["polemos://guide", "polemos://records"]
    (offered,) = talk(lambda client: client.list_prompts()).prompts
    told = talk(lambda client: client.get_prompt(offered.name, {"question": "Who denies it?"}))
    assert "not facts" in told.messages[0].content.text
    assert told.messages[0].content.text.endswith("Who denies it?\n")
    assert "a claim, not a fact" in INSTRUCTIONS


def test_what_the_guide_names_exists() -> None:
    fields = {name for tool in TOOLS.values() for name in _fields(tool.output_schema)}
    fields |= {name for tool in TOOLS.values() for name in tool.input_schema["properties"]} | set(TOOLS)
    words = {"explicit", "inferred", "accuses", "denies", "retaliates", "narrower"}
    for one in re.findall(r"`([a-z_.: ]+)`", GUIDE + INSTRUCTIONS):
        for name in re.split(r"[.: ]+", one):
            assert name in fields | words, name


def _fields(root: dict[str, Any]) -> Iterator[str]:
    for part in (root, *root.get("$defs", {}).values()):
        yield from part.get("properties", {})
