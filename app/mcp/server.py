"""Services in, a protocol server out: tools, resources and one ready-made instruction; every error says what to do.

This is the one module that needs the package `mcp`; it is imported when a server is made.
"""

from __future__ import annotations

import logging
from typing import Any

import mcp_types as types
import msgspec
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS
from starlette.exceptions import HTTPException

from app import __version__
from app.mcp.asking import ADDRESSES, GUIDE_URI, RECORDS_URI, call, resource
from app.mcp.guide import GUIDE, INSTRUCTIONS, READ_CLAIMS
from app.mcp.tools import TOOLS, Tool, records
from app.vocabulary.errors import PolemosError
from app.web.problems import NEUTRAL
from app.web.services import Services

READING = "read-claims"
JSON = "application/json"
SCHEMA = "application/schema+json"
MARKDOWN = "text/markdown"
_TOLD = {
    "claim": ("A claim", "A claim with its quote, as an article reports it; no finding."),
    "article": ("An article", "An article with its text, and the claims it makes."),
}

log = logging.getLogger(__name__)


def create_server(services: Services) -> Server[Any]:
    """The server over these services; the caller opens, follows and closes them."""

    async def call_tool(_: object, params: types.CallToolRequestParams) -> types.CallToolResult:
        try:
            answer = await call(services, params.name, params.arguments or {})
        except PolemosError as why:
            return _failed(str(why))
        except HTTPException as why:
            # What the HTTP interface says of a record that was retracted.
            return _failed(str(why.detail))
        except Exception:
            log.exception("the tool %s failed", params.name)
            return _failed(NEUTRAL)
        text = msgspec.json.encode(answer)
        # Clients that know no structured answers read the same in words.
        return types.CallToolResult(
            content=[types.TextContent(text=text.decode())], structured_content=msgspec.json.decode(text)
        )

    async def read_resource(_: object, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        uri = str(params.uri)
        if uri == GUIDE_URI:
            return _contents(uri, MARKDOWN, GUIDE)
        if uri == RECORDS_URI:
            return _contents(uri, SCHEMA, msgspec.json.encode(records()).decode())
        try:
            answer = await resource(services, uri)
        except PolemosError as why:
            raise MCPError(INVALID_PARAMS, str(why)) from why
        except HTTPException as why:
            raise MCPError(INVALID_PARAMS, str(why.detail)) from why
        except Exception as why:
            log.exception("%s could not be read", uri)
            raise MCPError(INTERNAL_ERROR, NEUTRAL) from why
        return _contents(uri, JSON, msgspec.json.encode(answer).decode())

    return Server(
        "polemos",
        version=__version__,
        title="Polemos",
        description="Who accuses whom of what, who denies it, and who retaliates, as news articles report it.",
        instructions=INSTRUCTIONS,
        on_list_tools=_list_tools,
        on_call_tool=call_tool,
        on_list_resources=_list_resources,
        on_list_resource_templates=_list_templates,
        on_read_resource=read_resource,
        on_list_prompts=_list_readings,
        on_get_prompt=_get_reading,
    )


async def _list_tools(_: object, params: object) -> types.ListToolsResult:
    return types.ListToolsResult(tools=[_described(tool) for tool in TOOLS.values()])


def _described(tool: Tool[Any]) -> types.Tool:
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.input_schema,
        output_schema=tool.output_schema,
        annotations=types.ToolAnnotations(
            read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
        ),
    )


async def _list_resources(_: object, params: object) -> types.ListResourcesResult:
    guide = types.Resource(
        uri=GUIDE_URI,
        name="guide",
        title="How to read claims",
        description="What the fields mean, and what may be said of a claim.",
        mime_type=MARKDOWN,
    )
    told = types.Resource(
        uri=RECORDS_URI,
        name="records",
        title="What answers hold",
        description="Every record that a tool answers with, and what its fields mean, as JSON Schema.",
        mime_type=SCHEMA,
    )
    return types.ListResourcesResult(resources=[guide, told])


async def _list_templates(_: object, params: object) -> types.ListResourceTemplatesResult:
    found = [
        types.ResourceTemplate(
            uri_template=f"polemos://{name}/{{id}}",
            name=name,
            title=_TOLD[name][0],
            description=_TOLD[name][1],
            mime_type=JSON,
        )
        for name in ADDRESSES
    ]
    return types.ListResourceTemplatesResult(resource_templates=found)


async def _list_readings(_: object, params: object) -> types.ListPromptsResult:
    question = types.PromptArgument(name="question", description="What is to be answered.", required=False)
    reading = types.Prompt(
        name=READING,
        title="Answer from claims",
        description="How to answer a question from what articles report, and say whose word it is.",
        arguments=[question],
    )
    return types.ListPromptsResult(prompts=[reading])


async def _get_reading(_: object, params: types.GetPromptRequestParams) -> types.GetPromptResult:
    if params.name != READING:
        raise MCPError(INVALID_PARAMS, f"there is no {params.name!r} here, only {READING!r}")
    question = (params.arguments or {}).get("question", "").strip()
    text = f"{READ_CLAIMS}\nThe question: {question}\n" if question else READ_CLAIMS
    message = types.PromptMessage(role="user", content=types.TextContent(text=text))
    return types.GetPromptResult(description="How to answer from claims.", messages=[message])


def _failed(words: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(text=words)], is_error=True)


def _contents(uri: str, media_type: str, text: str) -> types.ReadResourceResult:
    return types.ReadResourceResult(contents=[types.TextResourceContents(uri=uri, mime_type=media_type, text=text)])
