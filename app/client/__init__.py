"""The address of a service in, its answers as the records they were made of out: the HTTP interface as Python.

`from app.client import Polemos`. Errors of the service come as the errors they were there (`app.vocabulary.errors`).
"""

from app.client.filters import Filters
from app.client.service import Polemos
from app.client.wire import Pages, ServiceAway, ServiceError, SparqlAnswer

__all__ = ["Filters", "Pages", "Polemos", "ServiceAway", "ServiceError", "SparqlAnswer"]
