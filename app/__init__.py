"""Polemos: from news articles to a knowledge graph of who accuses whom of what, who denies it, and who retaliates."""

__version__ = "0.1.0"
