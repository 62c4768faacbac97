"""The graph of claims in, a server of the Model Context Protocol out: tools and resources for assistants, to read by.

`polemos mcp` is its door. Tools answer with the records of the HTTP interface; nothing here writes to the ledger. The
package `mcp` is imported where a server is made, for it is an optional part. https://modelcontextprotocol.io
"""

from app.mcp.serving import http_application, run_stdio

__all__ = ["http_application", "run_stdio"]
