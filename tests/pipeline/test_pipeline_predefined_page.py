"""The published list of predefined variables holds all that GitLab documents: with their value, or as not given."""

from __future__ import annotations

import pytest
from tools.predefined_pages import predefined_page

from plumbline.kernel import LANGUAGES
from plumbline.pipeline.language.predefined_table import PREDEFINED


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_variable_is_on_the_page(language: str) -> None:
    page = predefined_page(language)
    given, _, absent = page.partition("\n## ")
    for row in PREDEFINED:
        assert f"`{row.name}`" in (given if row.description is not None else absent)
