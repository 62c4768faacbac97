"""Mentions in, proposed decisions out: which actor or place of the world each names. It never applies a decision."""

from app.linking.actors import LINKER, Linked, link

__all__ = ["LINKER", "Linked", "link"]
