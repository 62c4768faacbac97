"""A ledger in, its claims as tables, graphs and pictures out: what `from app import open_graph` gives a notebook."""

from app.notebook.face import Filters, GraphFace, open_graph

__all__ = ["Filters", "GraphFace", "open_graph"]
