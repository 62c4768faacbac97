"""HTTP requests in, JSON and files out: the only room that knows of status codes, headers and FastAPI.

It asks `queries` and encodes the answer; it keeps no state but what `Services` holds, and asserts nothing of its own.
"""

from app.web.application import create_app
from app.web.services import Services

__all__ = ["Services", "create_app"]
