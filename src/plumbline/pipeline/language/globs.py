"""The two glob languages of GitLab: Ruby in ``rules`` and ``include``, Go doublestar in ``artifacts`` and ``cache``.

Both become one regular expression of atomic groups: a glob needs no going back beyond its last wildcard, so the time
is bounded by length of path times length of pattern.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from plumbline.kernel import Text, t

Matcher = Callable[[str], bool]

MAX_ALTERNATIVES = 1000  # patterns that the braces of one pattern may stand for
MAX_LENGTH = 4096  # characters of one pattern
_MAGIC = re.compile(r"[*?\[{\\]")


class GlobError(ValueError):
    """The pattern cannot be used; ``message`` says why."""

    def __init__(self, message: Text) -> None:
        super().__init__(str(message))
        self.message = message


@lru_cache(maxsize=4096)
def ruby_glob(pattern: str) -> Matcher:
    """``File.fnmatch`` with PATHNAME, DOTMATCH and EXTGLOB: ``*``, ``?`` and ``[…]`` stay inside one path segment,
    ``**/`` covers any number of them, ``{a,b}`` are alternatives, files with a dot are ordinary.

    As in Ruby a pattern with an open ``{`` or ``[`` matches nothing. Raises :class:`GlobError` only at a limit.
    """
    _check_length(pattern)
    if not _MAGIC.search(pattern):
        return pattern.__eq__
    return _matcher([_regex(one, strict=False) for one in _alternatives(pattern, strict=False)])


@lru_cache(maxsize=4096)
def doublestar(pattern: str, *, below: bool = True) -> Matcher:
    """The globs of GitLab Runner: ``**`` as a whole segment covers any number of them, none included.

    With ``below`` a pattern that names a folder matches all that is in it, as for ``paths``; without, it matches
    itself alone, as for ``exclude``. A leading ``./`` and a trailing ``/`` are of no account. Raises
    :class:`GlobError` for a pattern that is not well formed.
    """
    _check_length(pattern)
    plain = _plain(pattern)
    if plain in {"", "."}:
        return (lambda _: True) if below else (lambda path: path in {"", "."})
    bodies = [_regex(one, strict=True) for one in _alternatives(plain, strict=True)]
    return _matcher([f"{body}(?:/.*)?" for body in bodies] if below else bodies)


def literal_prefix(pattern: str) -> str:
    """The path before the first segment with a wildcard: ``src/app`` of ``src/app/**/*.js``, and the whole pattern if
    it has none. Empty: a search has to begin at the top."""
    plain = _plain(pattern)
    magic = _MAGIC.search(plain)
    return plain if magic is None else plain[: magic.start()].rpartition("/")[0]


def _plain(pattern: str) -> str:
    while pattern.startswith("./"):
        pattern = pattern[2:].lstrip("/")
    return pattern.rstrip("/")


def _check_length(pattern: str) -> None:
    if len(pattern) > MAX_LENGTH:
        raise GlobError(t("the pattern is longer than {limit} characters", limit=MAX_LENGTH))


def _matcher(bodies: list[str]) -> Matcher:
    fullmatch = re.compile("|".join(f"(?:{body})" for body in bodies), re.DOTALL).fullmatch
    return lambda path: fullmatch(path) is not None


def _alternatives(pattern: str, *, strict: bool) -> list[str]:
    """Every pattern that the braces stand for; an open brace is an error if ``strict``, else it matches nothing."""
    done: list[str] = []
    todo = [pattern]
    while todo:
        one = todo.pop()
        braces = _first_braces(one)
        if braces is None:
            done.append(one)
            continue
        start, commas, end = braces
        if end < 0:
            if strict:
                raise GlobError(t("'{{' has no '}}': {pattern}", pattern=pattern))
            continue
        cuts = [start, *commas, end]
        todo.extend(
            one[:start] + one[left + 1 : right] + one[end + 1 :]
            for left, right in zip(cuts[-2::-1], cuts[:0:-1], strict=True)
        )
        if len(done) + len(todo) > MAX_ALTERNATIVES:
            raise GlobError(t("its braces stand for more than {limit} patterns", limit=MAX_ALTERNATIVES))
    return done


def _first_braces(pattern: str) -> tuple[int, list[int], int] | None:
    """Where the first braces begin, their commas, and where they end (-1: nowhere)."""
    commas: list[int] = []
    start, depth, at = -1, 0, 0
    while at < len(pattern):
        character = pattern[at]
        if character == "\\":
            at += 1
        elif character == "{":
            if depth == 0:
                start = at
            depth += 1
        elif character == "}" and depth:
            depth -= 1
            if depth == 0:
                return start, commas, at
        elif character == "," and depth == 1:
            commas.append(at)
        at += 1
    return (start, commas, -1) if depth else None


def _regex(pattern: str, *, strict: bool) -> str:
    """One pattern without braces. ``strict`` is doublestar, else Ruby."""
    blocks: list[list[str]] = [[]]  # runs of segments, with ** between them
    segments = pattern.split("/") if strict else list(_ruby_segments(pattern))
    for number, segment in enumerate(segments):
        if segment == "**" and (strict or number < len(segments) - 1):
            blocks.append([])
        else:
            blocks[-1].append(_segment(segment, strict=strict))
    if len(blocks) == 1:
        return "/".join(blocks[0])
    first, *middle, last = ["/".join(block) for block in blocks]
    parts = [first] if first else []
    parts += [rf"(?>(?:[^/]+/)*?{block}(?=/|\Z))" for block in middle if block]
    if last:
        return "".join(f"{part}/" for part in parts) + f"(?:[^/]+/)*{last}"
    return "/".join(parts) + "(?:/.*)?" if parts else ".*"


def _ruby_segments(pattern: str) -> Iterator[str]:
    """Split at slashes, but not inside ``[…]``, which Ruby reads first."""
    start, at = 0, 0
    while at < len(pattern):
        character = pattern[at]
        if character == "\\":
            at += 1
        elif character == "[":
            end = _class_end(pattern, at)
            at = end if end > 0 else at
        elif character == "/":
            yield pattern[start:at]
            start = at + 1
        at += 1
    yield pattern[start:]


def _class_end(pattern: str, start: int) -> int:
    """Where the ``]`` of the class that begins at ``start`` stands; -1: nowhere."""
    at = start + 1
    if pattern[at : at + 1] in {"!", "^"}:
        at += 1
    while at < len(pattern):
        if pattern[at] == "]":
            return at
        at += 2 if pattern[at] == "\\" else 1
    return -1


def _segment(segment: str, *, strict: bool) -> str:
    """The pieces between stars have a fixed length, so each may be taken where it is first found."""
    pieces: list[str] = [""]
    at = 0
    while at < len(segment):
        character = segment[at]
        if character == "*":
            while segment[at + 1 : at + 2] == "*":
                at += 1
            pieces.append("")
        elif character == "?":
            pieces[-1] += "[^/]"
        elif character == "[":
            end = _class_end(segment, at)
            if end < 0 and strict:
                raise GlobError(t("'[' has no ']': {pattern}", pattern=segment))
            pieces[-1] += _class(segment[at + 1 : end], strict=strict) if end > 0 else "(?!)"
            at = end if end > 0 else len(segment)
        else:
            if character == "\\":
                if at + 1 < len(segment):
                    at += 1
                elif strict:
                    raise GlobError(t("a backslash at the end escapes nothing: {pattern}", pattern=segment))
            pieces[-1] += re.escape(segment[at])
        at += 1
    if len(pieces) == 1:
        return pieces[0]
    middle = "".join(f"(?>[^/]*?{piece})" for piece in pieces[1:-1] if piece)
    return f"{pieces[0]}{middle}[^/]*{pieces[-1]}"


def _class(body: str, *, strict: bool) -> str:
    """A character class; it never matches a slash."""
    negated = body[:1] in {"!", "^"}
    items = _class_items(body[1:] if negated else body)
    if strict and not items:
        raise GlobError(t("an empty character class: [{body}]", body=body))
    if strict and any(first > last for first, last in items):
        raise GlobError(t("a character range that runs backwards: [{body}]", body=body))
    inner = "".join(
        re.escape(first) if first == last else f"{re.escape(first)}-{re.escape(last)}"
        for first, last in items
        if first <= last
    )
    if negated:
        return f"[^/{inner}]"
    return f"(?!/)[{inner}]" if inner else "(?!)"


def _class_items(body: str) -> list[tuple[str, str]]:
    """First and last character of every range."""
    items: list[tuple[str, str]] = []
    characters = list(_class_characters(body))
    at = 0
    while at < len(characters):
        first = characters[at][0]
        if at + 2 < len(characters) and characters[at + 1] == ("-", False):
            items.append((first, characters[at + 2][0]))
            at += 3
        else:
            items.append((first, first))
            at += 1
    return items


def _class_characters(body: str) -> Iterator[tuple[str, bool]]:
    """Characters with whether they were escaped."""
    at = 0
    while at < len(body):
        escaped = body[at] == "\\" and at + 1 < len(body)
        at += escaped
        yield body[at], escaped
        at += 1
