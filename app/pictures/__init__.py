"""A graph, or a piece of it, in; pictures and files of common formats out. It draws claims, never findings."""

from app.pictures.files import to_csv, to_cytoscape, to_gexf, to_graphml
from app.pictures.html import to_html
from app.pictures.png import to_png
from app.pictures.svg import to_svg
from app.pictures.view import DISCLAIMER, ClaimView, SubgraphView

__all__ = [
    "DISCLAIMER",
    "ClaimView",
    "SubgraphView",
    "to_csv",
    "to_cytoscape",
    "to_gexf",
    "to_graphml",
    "to_html",
    "to_png",
    "to_svg",
]
