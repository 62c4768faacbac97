"""A graph, or a piece of it, in; pictures and files of common formats out. It draws claims, never findings."""

from app.pictures.files import TABLES, Table, to_csv, to_cytoscape, to_dna, to_edges, to_gexf, to_graphml, to_nodes
from app.pictures.html import to_html
from app.pictures.png import to_png
from app.pictures.svg import to_svg
from app.pictures.view import DISCLAIMER, ClaimView, SubgraphView

__all__ = [
    "DISCLAIMER",
    "TABLES",
    "ClaimView",
    "SubgraphView",
    "Table",
    "to_csv",
    "to_cytoscape",
    "to_dna",
    "to_edges",
    "to_gexf",
    "to_graphml",
    "to_html",
    "to_nodes",
    "to_png",
    "to_svg",
]
