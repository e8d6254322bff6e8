"""Keep secrets out of a stream of bytes, however the stream is cut."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MASK = b"[MASKED]"
MIN_LINE = 4  # shorter lines of a secret of several lines are words of their own too often
MIN_BASE64 = 6  # bytes of a secret below which its base64 core is too short to be told from chance
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_WRAPS = (76, 64)  # columns at which base64(1) and openssl(1) break their output
_COLOUR = re.compile(rb"\x1b\[[0-9;?]{0,24}[A-Za-z]")
_COLOUR_BEGUN = re.compile(rb"\x1b(?:\[[0-9;?]{0,24})?\Z")


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

    Looked for are: the secret itself; each line of a secret of several lines (of 4 bytes and more); its percent-encoded
    and JSON-escaped forms; and, as best effort, its base64 in both alphabets and at all three alignments, alone or
    inside a longer encoded text, wrapped at 76 or 64 columns when it is encoded alone. Of the base64 character that a
    secret shares with its neighbours, up to 4 bits stay visible. Colour codes that stand inside a secret do not hide
    it. Secrets that overlap in the output are masked as one.

    :meth:`feed` holds back only the longest tail that may still become a secret, :meth:`flush` hands it out at the end:
    the output does not depend on how the input was cut. Without secrets the data pass untouched. Not thread-safe.
    """

    __slots__ = ("_by_first", "_covered", "_forms", "_held", "_longest", "_single_line")

    def __init__(self, secrets: Iterable[str | bytes] = ()) -> None:
        found: set[bytes] = set()
        for secret in secrets:
            found.update(_forms(secret.encode("utf-8", "surrogateescape") if isinstance(secret, str) else secret))
        self._forms = sorted(found, key=lambda form: (-len(form), form))
        self._longest = len(self._forms[0]) if self._forms else 0
        self._single_line = not any(b"\n" in form for form in self._forms)
        self._by_first: dict[int, list[bytes]] = {}
        for form in self._forms:
            self._by_first.setdefault(form[0], []).append(form)
        self._held = b""
        self._covered = 0  # so many bytes of what is held are hidden behind a mask that went out already

    @property
    def pending(self) -> int:
        """The number of bytes held back; 0 nearly always, since only the beginning of a secret is held."""
        return len(self._held)

    def feed(self, data: bytes) -> bytes:
        """What may be shown now of all that was fed."""
        if not self._forms:
            return data
        return self._advance(self._held + data if self._held else data, final=False)

    def flush(self) -> bytes:
        """What was held back: nothing more will come."""
        return self._advance(self._held, final=True) if self._held else b""

    def mask(self, data: bytes) -> bytes:
        """The whole of ``data`` masked, apart from any stream."""
        if not self._forms or not data:
            return data
        held, covered = self._held, self._covered
        self._held, self._covered = b"", 0
        masked = self._advance(data, final=True)
        self._held, self._covered = held, covered
        return masked

    def mask_text(self, text: str) -> str:
        """The same for a text: a message, a test report, a JSON value."""
        if not self._forms or not text:
            return text
        return self.mask(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")

    def _advance(self, data: bytes, *, final: bool) -> bytes:
        begun = b""
        codes: list[tuple[int, bytes]] = []
        if b"\x1b" in data:
            if not final and (cut := _COLOUR_BEGUN.search(data)):
                begun = cut.group()
                data = data[: cut.start()]
            data, codes = _without_colours(data)
        hold = len(data) if final else self._undecided_from(data)
        shown = _Weaver(data, codes)
        end = self._covered
        shown.skip(end)
        for start, stop in self._found(data):
            if start >= hold:
                break
            if start >= end:
                shown.upto(start)
                shown.mask()
            if stop > end:
                end = stop
                shown.skip(end if end < hold else hold)
        if end <= hold:
            shown.upto(hold)
        self._covered = max(0, end - hold)
        self._held = shown.rest(hold) + begun
        return b"".join(shown.out)

    def _found(self, data: bytes) -> list[tuple[int, int]]:
        found = []
        for form in self._forms:
            at = data.find(form)
            while at >= 0:
                found.append((at, at + len(form)))
                at = data.find(form, at + 1)
        found.sort()
        return found

    def _undecided_from(self, data: bytes) -> int:
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


class _Weaver:
    """Writes a text out piece by piece with the colour codes that stood in it; codes inside a mask follow it."""

    __slots__ = ("_at", "_code", "_codes", "_data", "out")

    def __init__(self, data: bytes, codes: list[tuple[int, bytes]]) -> None:
        self._data, self._codes, self._at, self._code = data, codes, 0, 0
        self.out: list[bytes] = []

    def upto(self, stop: int) -> None:
        while self._code < len(self._codes) and self._codes[self._code][0] <= stop:
            at, code = self._codes[self._code]
            self.out += (self._data[self._at : at], code)
            self._at = at
            self._code += 1
        self.out.append(self._data[self._at : stop])
        self._at = stop

    def mask(self) -> None:
        self.out.append(MASK)

    def skip(self, stop: int) -> None:
        while self._code < len(self._codes) and self._codes[self._code][0] < stop:
            self.out.append(self._codes[self._code][1])
            self._code += 1
        self._at = max(self._at, stop)

    def rest(self, start: int) -> bytes:
        """All from ``start`` on, codes included, for the next time."""
        parts: list[bytes] = []
        at = start
        for place, code in self._codes[self._code :]:
            parts += (self._data[at:place], code)
            at = place
        return b"".join(parts) + self._data[at:]


def _without_colours(data: bytes) -> tuple[bytes, list[tuple[int, bytes]]]:
    """The data without colour codes, and each code with the place in the rest where it stood."""
    parts: list[bytes] = []
    codes: list[tuple[int, bytes]] = []
    last = place = 0
    for found in _COLOUR.finditer(data):
        part = data[last : found.start()]
        parts.append(part)
        place += len(part)
        codes.append((place, found.group()))
        last = found.end()
    parts.append(data[last:])
    return b"".join(parts), codes


@lru_cache(maxsize=512)
def _forms(secret: bytes) -> frozenset[bytes]:
    """Every form of a secret that is looked for."""
    lines = [line.strip() for line in secret.splitlines()]
    if len(lines) > 1:
        found = {line for line in lines if len(line) >= MIN_LINE}
        if any(0 < len(line) < MIN_LINE for line in lines):
            found.add(secret.strip())
    else:
        found = {secret.strip(b"\r\n")}
    for plain in tuple(found):
        found.update(_escaped(plain))
    if len(secret) >= MIN_BASE64:
        found.update(_base64_forms(secret))
    return frozenset(_COLOUR.sub(b"", form) for form in found) - {b""}


def _escaped(plain: bytes) -> set[bytes]:
    upper = b"".join(bytes((c,)) if c in _UNRESERVED else b"%%%02X" % c for c in plain)
    lower = b"".join(bytes((c,)) if c in _UNRESERVED else b"%%%02x" % c for c in plain)
    quoted = plain.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n").replace(b"\r", b"\\r")
    return {upper, lower, upper.replace(b"%20", b"+"), upper.replace(b"%2F", b"/"), quoted}


def _base64_forms(secret: bytes) -> set[bytes]:
    import base64

    whole = [base64.b64encode(secret), base64.b64encode(secret + b"\n")]
    forms = set(whole) | {form.rstrip(b"=") for form in whole}
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + secret)
        first = (shift * 8 + 5) // 6  # the characters before it hold bits of the neighbour
        forms.add(text[first : (shift + len(secret)) * 8 // 6])
    for form in whole:
        for width in _WRAPS:
            if len(form) > width:
                pieces = (form[at : at + width] for at in range(0, len(form), width))
                forms.update(piece for piece in pieces if len(piece) >= 2 * MIN_LINE)
    return forms | {form.translate(_URL_SAFE) for form in forms}


_URL_SAFE = bytes.maketrans(b"+/", b"-_")
