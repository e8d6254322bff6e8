"""The published compatibility table is what the parts say today."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from plumbline.kernel import LANGUAGES
from plumbline.pipeline import keywords

sys.path.insert(0, str(Path(__file__).parents[2]))

from tools import docs


@pytest.mark.parametrize("path", sorted(docs.pages()), ids=lambda path: path.name)
def test_page_is_up_to_date(path: Path) -> None:
    assert path.read_text("utf-8") == docs.pages()[path], "run `make docs`"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_keyword_and_subkey_is_on_the_page(language: str) -> None:
    page = docs.keywords_page(language)
    for part in keywords.parts().values():
        assert f"`{part.name}`" in page
        section = page.partition(f"### `{part.name}`\n")[2].partition("\n### ")[0]
        assert all(f"`{subkey.path}`" in section for subkey in part.subkeys)
        assert part.note is None or part.note.render(language) in page


def test_a_stale_page_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "docs" / "reference"
    monkeypatch.setattr(docs, "HOME", home)
    assert docs.main(["--check"]) == 1
    assert not home.exists()
    assert docs.main([]) == 0
    assert docs.main(["--check"]) == 0
    (home / "keywords.md").write_text("old", "utf-8")
    assert docs.main(["--check"]) == 1


def test_languages_have_the_same_words() -> None:
    assert set(docs.WORDS) == set(LANGUAGES)
    assert len({frozenset(words) for words in docs.WORDS.values()}) == 1
