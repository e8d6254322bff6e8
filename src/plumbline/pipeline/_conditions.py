"""``if``, ``changes`` and ``exists``: the conditions that rules of jobs, of ``workflow`` and of ``include`` share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.pipeline.keyword import Subkey
from plumbline.pipeline.reading import MAX_NESTING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.pipeline.reading import Reading

MAX_PATTERNS = 50  # under one changes or exists


def subkeys(prefix: str) -> tuple[Subkey, ...]:
    """The subkeys of the conditions below ``prefix`` (empty, or ending in a colon)."""
    names = ["if", "changes", "changes:paths", "changes:compare_to", "changes:regexp"]
    names += ["exists", "exists:paths", "exists:project", "exists:ref", "exists:regexp"]
    return tuple(Subkey(prefix + name) for name in names)


def read_rules(reading: Reading, limit: int = MAX_NESTING) -> Iterator[dict[str, Reading]]:
    """The rules of a list, and of the lists in it: the keys of each, its conditions checked already. ``limit`` is how
    many levels of lists there may be."""
    if not isinstance(reading.value, list):
        reading.items()
        return
    if not reading.value:
        reading.fail("empty", t("there is no rule in it"), t("add a rule, or remove the keyword"))
    for rule in reading.flat(limit):
        if rule.value is None:
            rule.wrong_type(t("a map"))
            continue
        keys = rule.map()
        if rule.value == {}:
            rule.fail("empty", t("the rule is empty"), t("remove it, or give it an if, changes, exists or when"))
        if rule.names("start_in") and "start_in" not in keys:
            rule.fail("missing-value", t("{key} has no value", key="start_in"), t("remove it"), at="start_in")
        read_conditions(keys)
        yield keys


def read_conditions(keys: dict[str, Reading]) -> None:
    """Check the conditions among the keys of one rule."""
    if "if" in keys:
        _expression(keys["if"])
    for name in ("changes", "exists"):
        if name in keys:
            _patterns(keys[name])


def _expression(reading: Reading) -> None:
    from plumbline.pipeline.language.expression import ExpressionError, parse

    text = reading.string()
    if not text:
        return
    try:
        parse(text)
    except ExpressionError as error:
        reading.fail("invalid-expression", error.message, getattr(error, "hint", None))


def _patterns(reading: Reading) -> None:
    if not isinstance(reading.value, dict):
        # GitLab takes one pattern without a list for "exists", and not for "changes".
        reading.strings(single=reading.key == "exists", highest=MAX_PATTERNS, empty=True)
        return
    keys = reading.map()
    if "paths" in keys:
        keys["paths"].strings(single=False, highest=MAX_PATTERNS)
    if "regexp" in keys:
        _check_regexp(keys["regexp"])
    for name in ("compare_to", "project", "ref"):
        if name in keys:
            keys[name].string()
    given = [name for name in ("paths", "regexp") if reading.names(name)]
    if reading.key == "changes" and given == ["paths"] and "paths" not in keys:
        reading.fail("missing-value", t("{key} has no value", key="paths"), t("write a list of patterns"), at="paths")
    if len(given) != 1:
        message = t("needs paths or regexp, and not both")
        reading.fail("exclusive-keys" if given else "missing-key", message, t("write paths: with a list of patterns"))
    if "ref" in keys and "project" not in keys:
        reading.fail("missing-key", t("ref is only used together with project"), t("add project, or remove ref"))


def _check_regexp(reading: Reading) -> None:
    from plumbline.pipeline.language.path_regex import MAX_LENGTH, path_regex
    from plumbline.pipeline.language.regex import RegexError

    pattern = reading.string(maximum=MAX_LENGTH)
    try:
        path_regex(pattern)
    except RegexError as error:
        hint = t("a look-ahead may stand at the start only, behind \\A or ^; look-behind is not taken")
        reading.fail("invalid-regex", error.message, hint)
