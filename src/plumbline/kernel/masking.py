"""Keep secrets out of a stream of bytes, however the stream is cut."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

from plumbline.kernel.controls import any_invisible, begun_at, colour, colour_or_end, invisible, signs
from plumbline.kernel.masked_forms import MIN_LINE, forms_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MASK = b"[MASKED]"


def without_password(address: str) -> str:
    """The address of a repository without what opens it, fit to be shown. Of ``ssh`` the user is kept: it is part of
    the place."""
    scheme, found, rest = address.partition("://")
    if not found:
        return address
    place = re.split(r"[/?#]", rest, maxsplit=1)[0]
    user, at, host = place.rpartition("@")
    name = user.partition(":")[0]
    kept = f"{name}@" if at and name and scheme.lower() == "ssh" else ""
    return f"{scheme}://{kept}{host}{rest[len(place) :]}"


class Masker:
    """Replaces every secret in a stream by ``[MASKED]``.

    Looked for are: the secret itself; each line of a secret of several lines (of 4 bytes and more); its forms in
    addresses, in JSON and as shells and Python quote it (:mod:`masked_forms`); and, as best
    effort, its base64 in both alphabets and at all three alignments, alone or inside a longer encoded text, wrapped at
    76 or 64 columns when it is encoded alone. Of the base64 character that a
    secret shares with its neighbours, up to 4 bits stay visible. What nobody sees (colours and other sequences for a
    terminal, control characters, signs without a width) does not hide a secret in which it stands: colours follow the
    mask, the rest goes with the secret. Secrets that overlap in the output are masked as one.

    :meth:`feed` holds back only the longest tail that may still become a secret, :meth:`flush` hands it out at the end:
    the output does not depend on how the input was cut. Without secrets the data pass untouched. Not thread-safe.
    """

    __slots__ = ("_covered", "_forms", "_held", "_raw")

    def __init__(self, secrets: Iterable[str | bytes] = ()) -> None:
        seen: dict[bytes, bytes] = {}
        raw: dict[bytes, bytes] = {}
        for secret in secrets:
            for form, core in forms_of(
                secret.encode("utf-8", "surrogateescape") if isinstance(secret, str) else secret
            ).items():
                plain = invisible().sub(b"", form) if any_invisible(form) else form
                # Of what is hardly seen at all the rest is not looked for: a few letters are words of their own.
                if plain == form:
                    seen[form] = core
                elif len(plain) >= MIN_LINE:
                    seen[plain] = plain
                else:
                    raw[form] = form
        self._forms, self._raw = _Finder(seen), _Finder(raw)
        self._held = b""
        self._covered = 0  # so many bytes of what is held are hidden behind a mask that went out already

    @property
    def pending(self) -> int:
        """The number of bytes held back; 0 nearly always, since only the beginning of a secret is held."""
        return len(self._held)

    def feed(self, data: bytes) -> bytes:
        """What may be shown now of all that was fed."""
        if not (self._forms.forms or self._raw.forms):
            return data
        return self._advance(self._held + data if self._held else data, final=False)

    def flush(self) -> bytes:
        """What was held back: nothing more will come."""
        return self._advance(self._held, final=True) if self._held else b""

    def mask(self, data: bytes) -> bytes:
        """The whole of ``data`` masked, apart from any stream."""
        if not (self._forms.forms or self._raw.forms) or not data:
            return data
        held, covered = self._held, self._covered
        self._held, self._covered = b"", 0
        masked = self._advance(data, final=True)
        self._held, self._covered = held, covered
        return masked

    def mask_text(self, text: str) -> str:
        """The same for a text: a message, a test report, a JSON value."""
        if not (self._forms.forms or self._raw.forms) or not text:
            return text
        return self.mask(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")

    def _advance(self, data: bytes, *, final: bool) -> bytes:
        begun = b""
        if not final and (cut := begun_at(data)) < len(data):
            data, begun = data[:cut], data[cut:]
        if self._raw.forms or any_invisible(data):
            ranges, hold = self._found_behind(data, final=final)
        else:
            ranges = self._forms.found(data)
            hold = len(data) if final else self._forms.undecided_from(data)
        if not ranges and not self._covered:
            self._held = data[hold:] + begun
            return data[:hold]
        ranges.sort()
        return self._write(data, ranges, hold, begun)

    def _found_behind(self, data: bytes, *, final: bool) -> tuple[list[tuple[int, int]], int]:
        """Where secrets stand, whatever else stands in them, and from where on nothing can be said yet."""
        views = [_View(data, colour()), _View(data, signs())]  # the end of a colour may begin a secret
        if any_invisible(views[0].seen):
            views[0] = _View(data, invisible())
        ranges = [span for view in views for span in view.found(self._forms)] + self._raw.found(data)
        if final:
            return ranges, len(data)
        places = [view.undecided_from(self._forms) for view in views]
        return ranges, views[0].before(min(*places, self._raw.undecided_from(data)))

    def _write(self, data: bytes, ranges: list[tuple[int, int]], hold: int, begun: bytes) -> bytes:
        """All of the data before ``hold``, with a mask for each of the ranges that begins there; the rest is held."""
        out: list[bytes] = []
        at, end = 0, self._covered  # what is written, what is hidden
        for start, stop in ranges:
            if start >= hold:
                break
            if start >= end:
                out += (_colours(data[at:end]), data[end:start], MASK)
                at = start
            end = max(end, stop)
        hidden = min(end, hold)
        out += (_colours(data[at:hidden]), data[hidden:hold])
        self._covered = max(0, end - hold)
        self._held = data[hold:] + begun
        return b"".join(out)


def _colours(hidden: bytes) -> bytes:
    """What of a secret may be shown after its mask."""
    return b"".join(colour_or_end().findall(hidden)) if b"\x1b" in hidden or b"\x07" in hidden else b""


class _Finder:
    """Looks for some forms of secrets in plain bytes. The forms of one secret have letters in common, which are looked
    for first: most outputs have none of them."""

    __slots__ = ("_by_first", "_groups", "_longest", "_single_line", "forms")

    def __init__(self, forms: Mapping[bytes, bytes]) -> None:
        """``forms``: each with a part of it that others may share."""
        self.forms = sorted(forms, key=lambda form: (-len(form), form))
        self._longest = len(self.forms[0]) if self.forms else 0
        self._single_line = not any(b"\n" in form for form in self.forms)
        self._groups: dict[bytes, list[bytes]] = {}
        self._by_first: dict[int, list[bytes]] = {}
        for form in self.forms:
            self._groups.setdefault(forms[form], []).append(form)
            self._by_first.setdefault(form[0], []).append(form)

    def found(self, data: bytes) -> list[tuple[int, int]]:
        found = []
        for core, forms in self._groups.items():
            if core not in data:
                continue
            for form in forms:
                at = data.find(form)
                while at >= 0:
                    found.append((at, at + len(form)))
                    at = data.find(form, at + 1)
        return found

    def undecided_from(self, data: bytes) -> int:
        """Where the longest tail begins that is the beginning of a secret; the length of the data if there is none."""
        size = len(data)
        start = max(0, size - self._longest + 1)
        if self._single_line:
            start = max(start, data.rfind(b"\n", start) + 1)
        by_first = self._by_first
        for at in range(start, size):
            for form in by_first.get(data[at], ()):
                if len(form) > size - at and form.startswith(data[at:]):
                    return at
        return size


class _View:
    """The data as somebody sees them who does not see ``unseen``; places are those in the data."""

    def __init__(self, data: bytes, unseen: re.Pattern[bytes]) -> None:
        self._data, self._unseen = data, unseen
        self.seen = unseen.sub(b"", data)

    def found(self, finder: _Finder) -> list[tuple[int, int]]:
        return [(self._first(start), self._first(stop - 1) + 1) for start, stop in finder.found(self.seen)]

    def undecided_from(self, finder: _Finder) -> int:
        at = finder.undecided_from(self.seen)
        return self._first(at) if at < len(self.seen) else len(self._data)

    def before(self, place: int) -> int:
        """The place, or the beginning of what is unseen around it: nobody could tell the rest by itself."""
        if place >= len(self._data):
            return place
        spans = self._spans
        last = bisect_right(spans, (place, 0)) - 1
        return spans[last][0] if last >= 0 and spans[last][1] > place else place

    def _first(self, seen: int) -> int:
        """Where the byte at a place of what is seen stands in the data."""
        return seen + self._removed[bisect_right(self._places, seen)]

    @cached_property
    def _spans(self) -> list[tuple[int, int]]:
        return [found.span() for found in self._unseen.finditer(self._data)]

    @cached_property
    def _places(self) -> list[int]:
        """For each span, which byte of what is seen follows it."""
        gone, places = 0, []
        for start, stop in self._spans:
            places.append(start - gone)
            gone += stop - start
        return places

    @cached_property
    def _removed(self) -> list[int]:
        """Bytes that are gone after so many spans."""
        gone = [0]
        for start, stop in self._spans:
            gone.append(gone[-1] + stop - start)
        return gone
