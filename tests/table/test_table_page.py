"""The published page of roles has every use case as the table has it: a weaker entry is seen by whoever reads it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.role_pages import use_case_row

from plumbline.access import USE_CASES
from plumbline.kernel import LANGUAGES

PAGES = Path(__file__).parents[2] / "docs" / "reference"
ROWS = {
    "en": PAGES.joinpath("roles.md").read_text("utf-8").splitlines(),
    "zh_CN": PAGES.joinpath("roles.zh.md").read_text("utf-8").splitlines(),
}


@pytest.mark.parametrize("name", USE_CASES)
def test_the_page_says_what_the_table_says(name: str) -> None:
    for language in LANGUAGES:
        row = use_case_row(USE_CASES[name], language)
        assert row in ROWS[language], f"{name}: 'make docs' would make it\n{row}"
