"""The YAML parser behind :mod:`plumbline.pipeline.source.syntax`, and what its errors mean to who wrote the file."""

from __future__ import annotations

import codecs
import re
from functools import cache
from typing import Any

from plumbline.kernel import Text, t
from plumbline.model.problem import Mark, Problem

_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def decode(data: bytes, file: str, problems: list[Problem]) -> str | None:
    """The text of a file: UTF-8, or UTF-16 with a byte order mark. None, and a problem, where it is neither."""
    mark, encoding = next((pair for pair in _BYTE_ORDER_MARKS if data.startswith(pair[0])), (b"", "utf-8"))
    body = data[len(mark) :]
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        before = body[: error.start].decode(encoding, "replace")
        message = t("the file is not {encoding} text", encoding=encoding.upper())
        where = _place(before, len(before), file)
        problems.append(Problem(code="yaml-encoding", message=message, where=where, hint=t("save it as UTF-8")))
        return None
    found = _UNREADABLE.search(text)
    if found:
        message = t("the character U+{number} is not allowed in YAML", number=f"{ord(found[0]):04X}")
        where = _place(text, found.start(), file)
        problems.append(Problem(code="yaml-syntax", message=message, where=where, hint=t("remove it")))
        return None
    return text


def _place(text: str, offset: int, file: str) -> Mark:
    start = text.rfind("\n", 0, offset) + 1
    return Mark(file, text.count("\n", 0, offset) + 1, offset - start + 1)


@cache
def _parser() -> Any:
    import yaml  # here, because it takes 10 ms and many commands read no YAML

    if yaml.__with_libyaml__:
        from yaml.cyaml import CParser  # type: ignore[attr-defined]

        return CParser

    class Parser(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser):
        """The same without the C library: seven times slower."""

        def __init__(self, text: str) -> None:
            yaml.reader.Reader.__init__(self, text)
            yaml.scanner.Scanner.__init__(self)
            yaml.parser.Parser.__init__(self)

    return Parser


def events(text: str) -> tuple[Any, Any]:
    """A function that returns the next event of ``text``, and the module with the kinds of events."""
    parser = _parser()
    from yaml import events as kinds

    return parser(text).get_event, kinds


def error_type() -> type[Exception]:
    """What the parser raises."""
    from yaml import YAMLError

    return YAMLError


# What the parser says -> what it means, how to mend it, and whether the line where it began is the one to show.
_MEANINGS: tuple[tuple[str, Text, Text | None, bool], ...] = (
    (
        "mapping values are not allowed",
        t("a second ':' on this line, or a key that is indented further than the line above"),
        t("put a value that has ': ' in it in quotes; begin all keys of a map in the same column"),
        False,
    ),
    (
        "could not find expected ':'",
        t("a key without ':' behind it"),
        t("write 'key: value', with a space after the colon"),
        True,
    ),
    (
        "found unexpected end of stream",
        t("a quote that is never closed"),
        t("close the quote"),
        True,
    ),
    (
        "found unexpected document indicator",
        t("a quote that is never closed"),
        t("close the quote"),
        True,
    ),
    (
        "found unknown escape character",
        t("an unknown escape after a backslash"),
        t("use single quotes, in which a backslash is just a backslash"),
        False,
    ),
    (
        "did not find expected ',' or ']'",
        t("a list in brackets that is not closed, or lacks a comma"),
        t("close it with ']', or put a text that begins with '[' in quotes"),
        False,
    ),
    (
        "did not find expected ',' or '}'",
        t("a map in braces that is not closed, or lacks a comma"),
        t("close it with '}', or put a text that begins with '{' in quotes"),
        False,
    ),
    (
        "did not find expected key",
        t("a key is expected here"),
        t("begin all keys of a map in the same column, and put a value that begins with a quote wholly in quotes"),
        False,
    ),
    (
        "did not find expected '-' indicator",
        t("an item that begins with '- ' is expected here"),
        t("begin all items of a list in the same column"),
        False,
    ),
    (
        "block sequence entries are not allowed",
        t("a list cannot begin here"),
        t("put the '- ' on a line of its own below the key"),
        False,
    ),
    (
        "found character '%'",
        t("a value cannot begin with '%'"),
        t("put it in quotes"),
        False,
    ),
)

_STARTS = {
    "\t": (t("a tab where YAML wants spaces"), t("indent with spaces")),
    "@": (t("a value cannot begin with '@'"), t("put it in quotes")),
    "`": (t("a value cannot begin with '`'"), t("put it in quotes")),
    "%": (t("a value cannot begin with '%'"), t("put it in quotes")),
    "*": (t("'*' begins the name of an anchor, and none follows"), t("put a value that begins with '*' in quotes")),
    "&": (t("'&' begins an anchor, and no name follows"), t("put a value that begins with '&' in quotes")),
    "!": (t("'!' begins a tag, and this is none"), t("put a value that begins with '!' in quotes")),
}
_NO_SPACE = re.compile(r"\s*(?:- +)?[\w.-]+:[^\s:]")


def explain(error: Any, text: str, file: str) -> Problem:
    """A problem with the line and column of a YAML error, in words that help."""
    said = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    began, stopped = getattr(error, "context_mark", None), getattr(error, "problem_mark", None)
    message, hint, at_start = _meaning(said)
    mark = (began if at_start else None) or stopped or began
    if mark is None:
        return Problem(code="yaml-syntax", message=message, where=Mark(file), hint=hint)
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    start = _STARTS.get(_culprit(error, line, mark, stopped))
    if start:
        message, hint = start
    elif _NO_SPACE.match(line if at_start else _line_above(lines, mark.line)):
        hint = t("put a space after the colon")
    return Problem(code="yaml-syntax", message=message, where=Mark(file, mark.line + 1, mark.column + 1), hint=hint)


def _line_above(lines: list[str], number: int) -> str:
    return lines[number - 1] if 0 < number <= len(lines) else ""


def _meaning(said: str) -> tuple[Text, Text | None, bool]:
    for words, message, hint, at_start in _MEANINGS:
        if words in said:
            return message, hint, at_start
    return t("this is not valid YAML: {reason}", reason=said), None, False


def _culprit(error: Any, line: str, mark: Any, stopped: Any) -> str:
    """The character that was taken for the beginning of something else; empty if there is none."""
    context = str(getattr(error, "context", None) or "")
    for words, character in (("anchor", "&"), ("alias", "*"), ("tag", "!"), ("directive", "%")):
        if f"scanning an {words}" in context or f"scanning a {words}" in context:
            return character
    said = str(getattr(error, "problem", None) or "")
    if "cannot start any token" in said:
        return line[mark.column : mark.column + 1] if mark is stopped else ""
    indentation = line[: len(line) - len(line.lstrip())]
    return "\t" if "\t" in indentation else ""
