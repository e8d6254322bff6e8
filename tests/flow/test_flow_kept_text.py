"""A refusal is kept so that everybody reads it in their own language, a sentence inside it too."""

from __future__ import annotations

from plumbline.flow.sources.kept_text import keep, kept
from plumbline.kernel import t


def test_a_sentence_inside_a_sentence_is_kept_as_one():
    said = t("This is not a CDEvent: {reason}", reason=t("It has no '{name}' object.", name="context"))
    found = kept(keep(said))
    assert found.render("en") == "This is not a CDEvent: It has no 'context' object."
    assert found.render("zh_CN") == said.render("zh_CN")
    assert "It has no" not in found.render("zh_CN")


def test_what_cannot_be_read_is_shown_as_it_stands():
    assert kept("{broken").render("en") == "{broken"
