"""Read a value of ``.gitlab-ci.yml`` as the type it ought to have, and say where and why when it has another.

A :class:`Reading` is a value with its place. Its methods return a value of the type asked for; when what stands there
is something else they report a problem and return a harmless value of that type, so that reading goes on and every
problem is found in one go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from plumbline.kernel import Text, t
from plumbline.kernel.text import nt
from plumbline.model.problem import Mark, Problem, Severity
from plumbline.pipeline.keyword_facts import KeywordFacts, Place, children
from plumbline.pipeline.scalar_texts import as_text, is_scalar
from plumbline.pipeline.source.wording import choices, describe

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

LOWEST_EXIT_CODE, HIGHEST_EXIT_CODE = -(2**31), 2**32 - 1  # of Windows; of others 0 to 255
MAX_NESTING = 10  # levels of lists in lists, in scripts, stages and rules
ANY_NESTING = 100  # levels of lists in what is flattened: more than a document of YAML may have


class SectionReader(Protocol):
    """Who reads all keywords of one place, as :class:`~plumbline.pipeline.sections.Reader` does: a reading tells it of
    problems, and asks it for the keywords under its own."""

    problems: list[Problem]
    errors: int

    def report(self, problem: Problem) -> None: ...

    def near(self, word: str, words: Collection[str]) -> Text | None: ...

    def section(
        self, config: Mapping[str, Any], place: Place, path: str = "", where: Mark | None = None
    ) -> dict[str, Any]: ...


class Reading:
    """One value: ``key`` is its name or index in ``parent``, ``sub`` its path below the keyword (``reports:junit``)."""

    __slots__ = ("_where", "key", "parent", "part", "place", "reader", "sub", "value")

    def __init__(
        self,
        value: Any,
        key: str | int,
        *,
        part: KeywordFacts,
        place: Place,
        reader: SectionReader,
        parent: Reading | None = None,
        sub: str = "",
        where: Mark | None = None,
    ) -> None:
        self.value = value
        self.key = key
        self.part = part
        self.place = place
        self.reader = reader
        self.parent = parent
        self.sub = sub
        self._where = where

    # Where it stands

    @property
    def where(self) -> Mark | None:
        """The line of the key; where that is not known, the line of what it stands in."""
        if self._where is not None or self.parent is None:
            return self._where
        return self.parent.mark(self.key)

    @property
    def path(self) -> str:
        """The way to it from the top of the file: ``build:artifacts:paths``."""
        if self.parent is None:
            return str(self.key)
        return f"{self.parent.path}[{self.key}]" if isinstance(self.key, int) else f"{self.parent.path}:{self.key}"

    def mark(self, key: str | int) -> Mark | None:
        """The line of one key or item of this value."""
        return mark_in(self.value, key) or self.where

    def fail(
        self,
        code: str,
        message: Text,
        hint: Text | None = None,
        *,
        at: str | int | None = None,
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Report a problem with this value, or with its key ``at``."""
        path = self.path
        if at is not None:
            path = f"{path}[{at}]" if isinstance(at, int) else f"{path}:{at}"
        where = self.where if at is None else self.mark(at)
        self.reader.report(Problem(code=code, message=message, severity=severity, where=where, keyword=path, hint=hint))

    def wrong_type(self, expected: Text, hint: Text | None = None) -> None:
        """Report that something of another type stands here."""
        if isinstance(self.value, tuple) and any(p.severity is Severity.ERROR for p in self.reader.problems):
            self.reader.errors += 1  # a !reference that could not be resolved, which has been reported
            return
        found = describe(self.value)
        self.fail("wrong-type", t("expected {expected}, found {found}", expected=expected, found=found), hint)

    def names(self, key: str) -> bool:
        """Whether a map has this key, be it with nothing behind it: some keys exclude each other by being there."""
        return isinstance(self.value, dict) and key in self.value

    # Scalars

    def string(self, *, empty: bool = False, maximum: int = 0) -> str:
        """A text; ``maximum`` characters at most (0: any number)."""
        if not isinstance(self.value, str):
            self.wrong_type(t("a text"), t("put it in quotes") if is_scalar(self.value) else None)
            return ""
        value: str = self.value
        if not value and not empty:
            self.fail("empty", t("must not be empty"))
        elif maximum and len(value) > maximum:
            self.fail(
                "too-long",
                t("has {count} characters, at most {limit} are allowed", count=len(value), limit=maximum),
            )
        return value

    def text_or_number(self) -> str:
        """A text, or a number or truth value as the text GitLab makes of it."""
        value = self.value
        if isinstance(value, (str, bool, int, float)):
            return as_text(value)
        self.wrong_type(t("a text, a number, true or false"))
        return ""

    def boolean(self) -> bool:
        """True or false."""
        if isinstance(self.value, bool):
            return self.value
        hint = t("remove the quotes") if self.value in ("true", "false") else None
        self.wrong_type(t("true or false"), hint)
        return False

    def integer(self, lowest: int, highest: int) -> int:
        """A whole number, both ends included."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int):
            hint = t("remove the quotes") if isinstance(value, str) and value.isdecimal() else None
            self.wrong_type(t("a whole number from {low} to {high}", low=lowest, high=highest), hint)
            return lowest
        if not lowest <= value <= highest:
            self.fail(
                "out-of-range",
                t("is {value}, but must be from {low} to {high}", value=value, low=lowest, high=highest),
            )
            return lowest
        return value

    def one_of(self, allowed: Collection[str]) -> str:
        """One of some words; the first of them after a mistake."""
        value = self.value
        if isinstance(value, str) and value in allowed:
            return value
        if isinstance(value, str):
            message = t("{value} is none of: {allowed}", value=value, allowed=choices(allowed))
            self.fail("invalid-value", message, self.reader.near(value, allowed))
        else:
            self.wrong_type(t("one of: {allowed}", allowed=choices(allowed)))
        return next(iter(allowed))

    def duration(self, *, limit: tuple[str, float] | None = None) -> float:
        """Seconds, more than none, from words such as ``1h 30m``; ``limit`` is what it must stay below, in words and
        in seconds."""
        from plumbline.pipeline.language.durations import seconds

        value = self.value
        hint = t('write a number with a unit in quotes, such as "3600 seconds", "1h 30m" or "2 days"')
        if not isinstance(value, str):
            self.wrong_type(t("a duration"), hint)
            return 0.0
        try:
            result = seconds(value)
        except ValueError:
            self.fail("invalid-duration", t("{value} is not a duration", value=value), hint)
            return 0.0
        if not result:
            self.fail("out-of-range", t("{value} is no time at all", value=value), hint)
        if limit and result > limit[1]:
            self.fail("out-of-range", t("{value} is longer than {limit}", value=value, limit=limit[0]))
        return result

    def regex(self) -> str:
        """A regular expression between slashes, checked as RE2; returned without the slashes.

        GitLab takes flags behind the second slash, but then looks for the slashes and the flags too: so they stay.
        """
        value = self.value
        if not isinstance(value, str):
            self.wrong_type(t("a regular expression between slashes"))
            return ""
        body, slash, flags = value[1:].rpartition("/")
        if value[:1] != "/" or not slash or flags.strip("ismU"):
            self.fail(
                "invalid-regex",
                t("{value} is not a regular expression between slashes", value=value),
                t("write it as '/{value}/'", value=value.strip("/")),
            )
            return ""
        self.check_regex(body)
        return value if flags else body

    def check_regex(self, pattern: str) -> None:
        """Report a pattern that is not RE2."""
        from plumbline.pipeline.language.regex import RegexError, regex

        try:
            regex(pattern)
        except RegexError as error:
            hint = t("GitLab uses RE2: no look-ahead, no look-behind, no back-references")
            self.fail("invalid-regex", error.message, hint)

    # Containers

    def child(self, key: str | int) -> Reading:
        """One key or item of this value; an item has the keyword path of its list."""
        sub = self.sub
        if isinstance(key, str):
            sub = f"{sub}:{key}" if sub else key
        return Reading(
            self.value[key],
            key,
            part=self.part,
            place=self.place,
            reader=self.reader,
            parent=self,
            sub=sub,
        )

    def map(self, required: tuple[str, ...] = ()) -> dict[str, Reading]:
        """The keys of a map, which must be among the subkeys of the keyword; a key with no value is left out. An entry
        of a map with nothing behind it is an empty map."""
        value = {} if self.value is None else self.value
        if not isinstance(value, dict):
            self.wrong_type(t("a map"))
            return {}
        allowed = children(self.part, self.sub)
        found = {}
        for key, item in value.items():
            if key not in allowed:
                self.unknown(key, allowed)
            elif item is not None:
                found[key] = self.child(key)
        for name in required:
            if name not in found:
                self.fail("missing-key", t("{key} is missing", key=name), t("add {key}", key=name))
        return found

    def unknown(self, key: str, allowed: Collection[str]) -> None:
        """Report a key that does not belong here."""
        hint = self.reader.near(key, allowed) or t("allowed are: {allowed}", allowed=choices(sorted(allowed)))
        self.fail("unknown-keyword", t("unknown key {key}", key=key), hint, at=key)

    def entries(self, *, nothing: bool = False) -> dict[str, Reading]:
        """The entries of a map whose names the user picks; an entry with no value is left out, or with ``nothing`` is
        one like the others."""
        value = self.value
        if not isinstance(value, dict):
            self.wrong_type(t("a map"))
            return {}
        found = {key: self.child(key) for key, item in value.items() if nothing or item is not None}
        for entry in found.values():
            entry.sub = f"{self.sub}:*" if self.sub else "*"
        return found

    def items(self, *, lowest: int = 0, highest: int = 0, single: bool = False) -> list[Reading]:
        """The items of a list (0: no upper limit); ``single``: something that is no list counts as its only item."""
        value = self.value
        if not isinstance(value, list):
            if single:
                return [self]
            self.wrong_type(t("a list"), t('begin the line with "- "') if isinstance(value, (str, dict)) else None)
            return []
        self.check_size(len(value), lowest, highest)
        return [self.child(index) for index in range(len(value))]

    def check_size(self, size: int, lowest: int, highest: int) -> None:
        """Report too few or too many items."""
        if size < lowest:
            self.fail("empty", nt("needs at least {count} item", "needs at least {count} items", lowest))
        elif highest and size > highest:
            message = t("has {size} items, at most {limit} are allowed", size=size, limit=highest)
            self.fail("too-many", message)

    def flat(self, limit: int = MAX_NESTING) -> Iterator[Reading]:
        """The items of a list, and of the lists in it, in order; ``limit`` is how many levels of lists there may be."""
        yield from self._flat(1, limit)

    def _flat(self, level: int, limit: int) -> Iterator[Reading]:
        for index, item in enumerate(self.value):
            child = self.child(index)
            if not isinstance(item, list):
                yield child
            elif level >= limit:
                child.fail("nested-too-deep", t("lists may be nested {limit} levels deep", limit=limit))
            else:
                yield from child._flat(level + 1, limit)

    def entries_of_list(self) -> list[Reading]:
        """The items of a list and of the lists in it, at any depth, without those that are nothing.

        What GitLab puts together from entries (needs, services, caches) is flattened, and an empty entry (an anchor
        with nothing behind it) is as if it were not there.
        """
        return [item for item in self.flat(ANY_NESTING) if item.value is not None]

    def strings(
        self,
        *,
        lowest: int = 0,
        highest: int = 0,
        single: bool = True,
        nested: bool = False,
        empty: bool = False,
        check: Callable[[Reading], object] | None = None,
    ) -> tuple[str, ...]:
        """A list of texts; ``single``: one text is a list of one, which only with ``empty`` may be the empty text;
        ``nested``: lists in it are spliced.

        ``check`` looks at each item in turn.
        """
        value = self.value
        if single and isinstance(value, str):
            if check:
                check(self)
            return (self.string(empty=empty),)
        if not isinstance(value, list):
            expected = t("a text or a list of texts") if single else t("a list of texts")
            self.wrong_type(expected, t("write it as a list: [{value}]", value=value) if is_scalar(value) else None)
            return ()
        self.check_size(len(value), lowest, highest)
        if check is None and all(type(item) is str for item in value):
            return tuple(value)
        found = list(self.flat()) if nested else [self.child(index) for index in range(len(value))]
        for item in found:
            if check:
                check(item)
            elif not isinstance(item.value, str):
                item.string()
        return tuple(item.value for item in found if isinstance(item.value, str))

    def spliced(self) -> Any:
        """The list itself, or, where it holds lists, a new one with their items in it."""
        value = self.value
        if not isinstance(value, list) or not any(isinstance(item, list) for item in value):
            return value
        from plumbline.pipeline.source.syntax import Seq

        items = list(self.flat())
        return Seq([item.value for item in items], marks=[item.where or Mark("") for item in items])

    def refuse(self, reason: Text, hint: Text | None = None) -> None:
        """Report something that is right and that Plumbline does not do."""
        self.fail("refused", reason, hint)

    def section(self, place: Place) -> dict[str, Any]:
        """The keywords under this one: what :meth:`~plumbline.pipeline.sections.Reader.section` makes of them."""
        if not isinstance(self.value, dict):
            self.wrong_type(t("a map"))
            return {}
        return self.reader.section(self.value, place, self.path, self.where)


def mark_in(container: Any, key: str | int) -> Mark | None:
    """The line of a key or item, where the container knows it."""
    marks = getattr(container, "marks", None)
    if not marks:
        return None
    if isinstance(key, int):
        return marks[key] if isinstance(marks, (list, tuple)) and key < len(marks) else None
    found: Mark | None = marks.get(key)
    return found
