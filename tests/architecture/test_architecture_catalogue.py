"""The translations are whole, and the committed files are what the source says."""

from __future__ import annotations

import pytest
from tools import catalogue


@pytest.fixture(scope="module")
def made():
    return catalogue.files()


def test_the_committed_catalogue_is_up_to_date(made):
    stale = [str(path) for path, content in made.items() if not path.exists() or path.read_bytes() != content]
    assert not stale, "run `make docs`"


@pytest.mark.parametrize("language", catalogue.LANGUAGES)
def test_every_sentence_is_translated_with_the_same_placeholders(language, made):
    assert catalogue.gaps(catalogue.translated(language, catalogue.template())) == []


def test_a_gap_is_seen():
    wrong = catalogue._empty("zh_CN")
    wrong.add("{count} jobs in {stage}", "{count} 个作业")
    wrong.add("no translation")
    assert len(catalogue.gaps(wrong)) == 2


def test_a_sentence_inside_another_text_is_gathered():
    found = catalogue._empty(None)
    catalogue._gather_marked(found, "f\"{t('in {place}', place=1)} {nt('{count} job', '{count} jobs', 2)} {t(name)}\"")
    assert [message.id for message in found if message.id] == ["in {place}", ("{count} job", "{count} jobs")]
