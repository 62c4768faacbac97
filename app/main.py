"""The door for HTTP servers: `uvicorn app.main:app`. Settings are read and the ledger opened when the server starts."""

from app.settings import Settings
from app.web import Services, create_app

app = create_app(lambda: Services.from_settings(Settings.from_environment()))
