"""What stands in several places of a contract: names, sentences, conditions, words of a list."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

import yaml

from plumbline.contracts.conditions import expression
from plumbline.contracts.yaml_nodes import Fields, Problems, nearest
from plumbline.judging.expressions import Fault
from plumbline.kernel import t
from plumbline.model.contract import Unless
from plumbline.model.words import Words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import StrEnum

    from plumbline.judging.expressions import ValueType

    E = TypeVar("E", bound=StrEnum)

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")


class Reader:
    """Reads parts of one contract, and collects what is wrong with them."""

    def __init__(self, problems: Problems, facts: Mapping[str, ValueType]) -> None:
        self.problems = problems
        self._facts = facts

    def name(self, fields: Fields, key: str) -> str:
        found = fields.text(key)
        if not _NAME.fullmatch(found):
            message = t("'{key}' is a name of small letters, digits, '.', '-' and '_', at most 80 of them.", key=key)
            self.problems.add("wrong-name", fields.at(key), message, keyword=key)
        return found

    def words(self, fields: Fields, key: str) -> Words | None:
        """A text in both languages, or one for both."""
        node = fields.get(key)
        if node is None:
            return None
        if isinstance(node, yaml.ScalarNode):
            text = fields.text(key)
            return Words(text, text)
        inner = Fields(node, ("en", "zh"), self.problems, key)
        for language in ("en", "zh"):
            if isinstance(node, yaml.MappingNode) and language not in inner:
                message = t("A text here is missing in the language '{language}'.", language=language)
                self.problems.add("language-missing", node, message, keyword=key)
        return Words(inner.text("en"), inner.text("zh"))

    def unless(self, fields: Fields) -> Unless | None:
        node = fields.get("unless")
        if node is None:
            return None
        inner = Fields(node, ("rule", "when"), self.problems, "unless")
        when = inner.text("when")
        if not when:
            self.problems.add("condition-missing", node, t("`unless` has a condition: `when`."), keyword="unless")
            return None
        found = expression(when, self._facts)
        if isinstance(found, Fault):
            self._fault(inner.at("when"), when, found)
        elif not found.names:
            message = t("The condition '{when}' asks of no fact: it would always be answered alike.", when=when)
            self.problems.add("condition-constant", inner.at("when"), message, keyword="unless:when")
        return Unless(rule=self.words(inner, "rule") or Words(when, when), when=when)

    def _fault(self, node: Any, when: str, fault: Fault) -> None:
        """Its place in the file, where the condition stands on one line as it is."""
        unknown = re.search(r"undeclared reference to '([^']+)'", fault.message)
        column = when.find(unknown[1]) + 1 if unknown and unknown[1] in when else fault.column
        mark = node.start_mark
        if node.style in (None, '"', "'") and fault.line == 1:
            quoted = 0 if node.style is None else 1
            mark = yaml.Mark(mark.name, 0, mark.line, mark.column + quoted + column - 1, None, 0)
        if unknown is None:
            message = t("The condition cannot be read: {reason}.", reason=fault.message)
            self.problems.add("condition-wrong", mark, message, keyword="unless:when")
            return
        message = t("The condition asks for '{name}', which is no documented fact.", name=unknown[1])
        self.problems.add("unknown-fact", mark, message, nearest(unknown[1], self._facts), "unless:when")

    def chosen(self, fields: Fields, key: str, kind: type[E], otherwise: E, keyword: str) -> E:
        """One of the words of an enumeration, which has to stand there."""
        words = [one.value for one in kind]
        said = fields.text(key)
        if said in words:
            return kind(said)
        message = t("'{word}' is no {key}.", word=said, key=key) if said else t("'{key}' is missing.", key=key)
        self.problems.add("unknown-word" if said else f"{key}-missing", fields.at(key), message,
                          nearest(said, words), keyword=keyword)  # fmt: skip
        return otherwise
