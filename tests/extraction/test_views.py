"""What the learned core is shown of an article goes to training and back as JSON, unchanged."""

from __future__ import annotations

import json

import pytest

from app.extraction.rules import RulesExtractor
from app.extraction.views import ArticleView
from app.vocabulary.records import Article

TEXT = (
    "Belorian army spokesman Pavel Tam denied the charge. The Ardanian Signals Bureau had accused the FCB. He laughed."
)


@pytest.mark.model
def test_a_view_comes_back_from_json(rules: RulesExtractor) -> None:
    (study,) = rules.studies([Article("Army denies charge", TEXT)])
    view = rules.view(study)
    bodies = {mention.ref.body.name for s in view.sentences for mention in s.mentions if mention.ref.body is not None}
    assert {"Belorian army", "Ardanian Signals Bureau"} <= bodies
    back = ArticleView.from_json(json.loads(json.dumps(view.as_json())))
    assert [s.mentions for s in back.sentences] == [s.mentions for s in view.sentences]
    assert json.dumps(back.as_json()) == json.dumps(view.as_json())
