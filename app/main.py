"""The door for HTTP servers: `uvicorn app.main:app`. Settings are read and the ledger opened when the server starts."""

from app.settings import Settings
from app.web import Services, create_app, logs, tracing


def _open() -> Services:
    settings = Settings.from_environment()
    logs.set_up(settings.log_format, settings.log_level)
    tracing.set_up()
    return Services.from_settings(settings)


app = create_app(_open)
