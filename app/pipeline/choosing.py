"""Settings in, the recipe of the extractor that they and the caller choose out."""

from __future__ import annotations

from app.extraction import Endpoint, Recipe, recipe
from app.settings import Settings


def chosen_recipe(settings: Settings, choice: str | None = None, *, model: str | None = None) -> Recipe:
    """The recipe of an extractor.

    Args:
        settings: They name the data, the models and the language model's server.
        choice: As `--extractor` has it; None: the settings' own.
        model: A spaCy model in place of the settings' own.

    Raises:
        BadQuery: There is no such extractor, or what the settings say of the language model cannot be used.
        BadData: A file of ours that it needs is not there.
    """
    choice = choice or settings.extractor
    llm = endpoint(settings) if choice.partition(":")[0] in ("llm", "both") else None
    return recipe(choice, settings.data, model=model or settings.spacy_model, llm=llm)


def endpoint(settings: Settings) -> Endpoint | None:
    """The language model's server, or None where the settings do not name server and model.

    Raises:
        BadQuery: What they say cannot be used.
    """
    if settings.llm_url is None or settings.llm_model is None:
        return None
    return Endpoint(
        settings.llm_url,
        settings.llm_model,
        settings.llm_folder,
        key=settings.llm_key,
        timeout=settings.llm_timeout,
        concurrency=settings.llm_concurrency,
        retries=settings.llm_retries,
        price_in=settings.llm_price_in,
        price_out=settings.llm_price_out,
        keeps=settings.llm_cache != "off",
    )
