"""Sentences of templates say the same, whether they are translated when a template is compiled or when it is shown."""

from __future__ import annotations

import pytest
from jinja2 import DictLoader, Environment

from plumbline.kernel import LANGUAGES
from plumbline.kernel.text import in_language
from plumbline.web.sentences import Translated, say

TEMPLATES = [
    '<h1>{{ _("Pipelines") }}</h1>',
    '{{ _("Ledger") }}{{ _("Runners") }}',
    "{{ _('You have no role yet') }} {{ name }} {{- _('Ledger') -}} x",
    '{% if _("Ledger") %}{{ _("Ledger") }}{% else %}{{ "_" }}{% endif %}',
    '{{ _("At most {count} bytes are taken here.", count=7) }}',
    '{{ _("Not translated < & >") }}{{ ("Ledger") }}{{ say("Ledger") }}{{ _(name) }}',
    '{{ [_("Ledger")] | join }}{{ _ ("Ledger") }}{# _("Ledger") #}{% raw %}{{ _("Ledger") }}{% endraw %}',
    '<a title="{{ _("Jump to the first error") }}">{% set x = _("Ledger") %}{{ x }}</a>',
]


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_the_same_is_said(template, code):
    values = {"_": say, "say": str, "name": "<b>"}
    settings = {"loader": DictLoader({"t": template}), "autoescape": True, "trim_blocks": True}
    plain, early = Environment(**settings), Environment(**settings, extensions=[Translated])
    early.extend(plumbline_language=code)
    compiled = early.get_template("t")
    with in_language(code):
        assert compiled.render(values) == plain.get_template("t").render(values)


def test_a_sentence_without_values_is_not_asked_for_again():
    environment = Environment(extensions=[Translated], autoescape=True)
    environment.extend(plumbline_language="zh_CN")
    assert environment.from_string('{{ _("Pipelines") }}').render(_=None) == "\u6d41\u6c34\u7ebf"
