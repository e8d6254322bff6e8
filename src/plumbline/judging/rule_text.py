"""The text of a policy or contract, read with the place of every key; all mistakes are collected, none is raised."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from plumbline.kernel import Text, t
from plumbline.model.problem import Mark, Problem, Severity
from plumbline.model.words import Words
from plumbline.pipeline.source.syntax import Map, Seq, mark_of, read
from plumbline.pipeline.source.wording import describe, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection
    from enum import StrEnum

LARGEST = 256 * 1024  # bytes
_ID = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_OURS = frozenset({"duplicate-key"})  # of the warnings of the YAML reader those that concern us; they are errors here
E = TypeVar("E", bound="StrEnum")


class RuleText:
    """Reads one text. Whatever is wrong lands in ``problems``, and the caller gets a stand-in."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[Problem] = []
        self.lines: list[str] = []

    def root(self, text: str) -> Map | None:
        data = text.encode("utf-8", "replace")
        self.lines = text.splitlines()
        if len(data) > LARGEST:
            self.wrong(
                "file-too-large", t("The text has more than {limit} bytes.", limit=LARGEST), Mark(self.name, 1, 1)
            )
            return None
        found: list[Problem] = []
        documents = read(data, self.name, found)
        self.problems += [
            Problem(code=one.code, message=one.message, where=one.where, hint=one.hint)
            for one in found
            if one.severity is Severity.ERROR or one.code in _OURS
        ]
        if not documents:
            if not self.problems:
                self.wrong("empty-text", t("There is nothing in this text."), Mark(self.name, 1, 1))
            return None
        if len(documents) > 1:
            self.wrong("several-documents", t("The text has several documents."), mark_of(documents[1]))
        if not isinstance(documents[0], Map):
            self.wrong("wrong-type", t("A map is expected here, found {found}.", found=describe(documents[0])),
                       Mark(self.name, 1, 1))  # fmt: skip
            return None
        return documents[0]

    def wrong(self, code: str, message: Text, where: Mark, hint: Text | None = None, keyword: str = "") -> None:
        self.problems.append(Problem(code=code, message=message, where=where, hint=hint, keyword=keyword))

    def unknown(self, code: str, message: Text, where: Mark, word: str, known: Collection[str]) -> None:
        """With the nearest known word, or, of few, all of them."""
        hint = did_you_mean(word, known)
        if hint is None and 0 < len(known) <= 20:
            hint = t("There are: {names}.", names=", ".join(known))
        self.wrong(code, message, where, hint)

    def known_keys(self, found: Map, known: Collection[str]) -> None:
        for key in found:
            if key not in known:
                where = found.marks.get(key, found.mark)
                self.unknown("unknown-key", t("There is no key '{key}' here.", key=key), where, key, known)

    def missing(self, found: Map, key: str) -> None:
        self.wrong("missing-key", t("The key '{key}' is missing.", key=key), found.mark, keyword=key)

    def expected(self, what: Text, value: Any, where: Mark) -> None:
        self.wrong("wrong-type", t("{what} is expected here, found {found}.", what=what, found=describe(value)), where)

    def map(self, found: Map, key: str, known: Collection[str], *, required: bool = False) -> Map | None:
        value = found.get(key)
        if value is None:
            if required or key in found:
                self.missing(found, key)
            return None
        if not isinstance(value, Map):
            self.expected(t("A map"), value, found.marks[key])
            return None
        self.known_keys(value, known)
        return value

    def maps(self, found: Map, key: str) -> list[Map]:
        """A list of maps; items of another kind are told and left out."""
        value = found.get(key)
        if value is None:
            return []
        if not isinstance(value, Seq):
            self.expected(t("A list"), value, found.marks[key])
            return []
        for number, one in enumerate(value):
            if not isinstance(one, Map):
                self.expected(t("A map"), one, mark_of(value, number))
        return [one for one in value if isinstance(one, Map)]

    def text(self, found: Map, key: str, *, required: bool = False) -> str:
        value = found.get(key)
        if value is None:
            if required or key in found:
                self.missing(found, key)
            return ""
        if not isinstance(value, str) or not value.strip():
            self.expected(t("A text"), value, found.marks[key])
            return ""
        return value

    def id(self, found: Map, key: str) -> str:
        value = self.text(found, key, required=True)
        if value and not _ID.fullmatch(value):
            self.wrong(
                "wrong-id",
                t("'{id}' is no name: small letters, digits, '-', '_' and '.', at most 100.", id=value),
                found.marks[key],
            )
        return value

    def texts(self, found: Map, key: str, known: Collection[str] = (), code: str = "unknown-word") -> tuple[str, ...]:
        """A list of texts; one alone may stand without a list. ``known``: of these only."""
        value = found.get(key)
        if value is None:
            if key in found:
                self.missing(found, key)
            return ()
        items = value if isinstance(value, Seq) else Seq([value], found.marks[key], [found.marks[key]])
        if not items:
            self.wrong(
                "empty-list", t("An empty list says nothing; leave the key '{key}' out.", key=key), found.marks[key]
            )
        for number, one in enumerate(items):
            where = mark_of(items, number)
            if not isinstance(one, str) or not one.strip():
                self.expected(t("A text"), one, where)
            elif known and one not in known:
                self.unknown(code, t("'{word}' is not known here.", word=one), where, one, known)
        return tuple(one for one in items if isinstance(one, str) and one)

    def words(self, found: Map, key: str, *, required: bool = True) -> Words | None:
        """A text in both languages."""
        value = found.get(key)
        if value is None:
            if required or key in found:
                self.missing(found, key)
            return None
        if not isinstance(value, Map):
            self.expected(t("A text in both languages, {form},", form="{en: ..., zh: ...}"), value, found.marks[key])
            return None
        self.known_keys(value, ("en", "zh"))
        said = {}
        for language in ("en", "zh"):
            one = value.get(language)
            if not isinstance(one, str) or not one.strip():
                message = t("A text here is missing in the language '{language}'.", language=language)
                self.wrong("missing-language", message, found.marks[key], keyword=key)
            else:
                said[language] = one
        return Words(**said) if len(said) == 2 else None

    def date(self, found: Map, key: str) -> int:
        """The beginning of a day, UTC, in microseconds; 0: none."""
        value = found.get(key)
        if value is None:
            if key in found:
                self.missing(found, key)
            return 0
        try:
            if not isinstance(value, str) or not _DATE.fullmatch(value):
                raise ValueError
            day = date.fromisoformat(value)
        except ValueError:
            self.expected(t("A date, such as 2027-01-31,"), value, found.marks[key])
            return 0
        return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1_000_000

    def whole(self, found: Map, key: str, standard: int, least: int = 0) -> int:
        value = found.get(key, standard)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            self.expected(t("A whole number of {least} or more", least=least), value, found.marks[key])
            return standard
        return value
