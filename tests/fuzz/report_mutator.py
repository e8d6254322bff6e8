"""Reports made from good ones: by damage, by mixing, by values that no tool should write, and by malice."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random
from typing import Any

SEEDS = Path(__file__).parent / "report_seeds"
MOST_BYTES = 400_000
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 7, -1.5, 1e308, 10**30, "", "x", " ", "\0", "\u202e", "字" * 300, "x" * 20_000, [], {},
    [None], [[]], [7], ["x", None], [{"id": 7}], {"": {}}, {"id": None}, "../../etc/passwd", "file:///etc/passwd",
    "C:\\x\\..\\..\\y", "pkg:npm/a@1@2", "pkg:", "2026-02-30T00:00:00Z", "sha256:" + "0" * 64, "=cmd|' /C calc'!A0",
    "<script>", "${jndi:ldap://x}", "1,234", "٣", "1e999", "NaN",
)  # fmt: skip
TEXTS = tuple(one for one in ODD if isinstance(one, str))
_VALUE = re.compile(rb'"[^"\n]{0,200}"|\b\d+(?:\.\d+)?\b')
_TAG = re.compile(rb"<[A-Za-z][^<>]{0,2000}>")


class ReportMutator:
    def __init__(self, seed: int, seeds: list[bytes] | None = None) -> None:
        """``seeds``: good files; None: a report of each format."""
        self.seed = seed
        self.seeds = seeds if seeds is not None else [path.read_bytes() for path in sorted(SEEDS.iterdir())]

    def make(self, number: int) -> bytes:
        """The file of this number; the first ones are the seeds themselves."""
        if number < len(self.seeds):
            return self.seeds[number]
        random = Random(f"{self.seed}:{number}")
        data = random.choice(self.seeds)
        for _ in range(random.choice((1, 1, 1, 2, 2, 3, 6))):
            data = random.choice(_MUTATIONS)(data, random, self.seeds)[:MOST_BYTES]
        return data


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def change_value(data: bytes, random: Random, seeds: list[bytes]) -> bytes:
    """A value of a document for an odd one, or one of another document; elsewhere a quoted text or a number."""
    document = _json(data)
    if document is None:
        return change_text(data, random, seeds)
    holder, key = _somewhere(document, random)
    other = _json(random.choice(seeds)) if random.random() < 0.2 else None
    value = random.choice(ODD)
    if other is not None:
        there, at = _somewhere(other, random)
        value = there[at]
    kind = random.randrange(5)
    if kind == 0:
        del holder[key]
    elif kind == 1 and isinstance(holder, list):
        holder[key:key] = [holder[key]] * random.choice((1, 2, 300))
    elif kind == 2:
        for _ in range(random.choice((1, 2, 50, 150, 400))):
            value = [value] if random.random() < 0.5 else {"x": value}
        holder[key] = value
    else:
        holder[key] = value
    try:
        return json.dumps(document, ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):
        return data


def _somewhere(document: Any, random: Random) -> tuple[Any, Any]:
    places, waiting = [], [document]
    while waiting:
        holder = waiting.pop()
        for key, value in holder.items() if isinstance(holder, dict) else enumerate(holder):
            places.append((holder, key))
            if isinstance(value, dict | list) and len(places) < 400:
                waiting.append(value)
    return random.choice(places) if places else ({"x": 1}, "x")


def change_text(data: bytes, random: Random, _seeds: list[bytes]) -> bytes:
    """One attribute or number for another."""
    found = list(_VALUE.finditer(data))
    if not found:
        return data
    at = random.choice(found)
    text = random.choice(TEXTS).replace("\0", "&#0;").replace("<", "&lt;").encode()
    new = (
        b'"' + text + b'"'
        if at[0].startswith(b'"')
        else random.choice((b"0", b"-1", b"9" * 40, b"1e400", b"x", b"NaN", b"1,2"))
    )
    return data[: at.start()] + new + data[at.end() :]


def change_tag(data: bytes, random: Random, seeds: list[bytes]) -> bytes:
    """An element of another file, another name, or the same one many times."""
    found = list(_TAG.finditer(data))
    others = list(_TAG.finditer(random.choice(seeds)))
    if not found or not others:
        return change_value(data, random, seeds)
    at, other = random.choice(found), random.choice(others)
    kind = random.randrange(3)
    if kind == 0:
        return data[: at.start()] + other[0] + data[at.end() :]
    if kind == 1:
        closed = other[0] if other[0].endswith(b"/>") else other[0][:-1] + b"/>"
        return data[: at.end()] + closed * random.choice((1, 2, 500)) + data[at.end() :]
    name = re.split(rb"[\s/>]", at[0][1:])[0]
    new = re.split(rb"[\s/>]", other[0][1:])[0]
    return re.sub(rb"(</?)" + re.escape(name) + rb"\b", rb"\1" + new, data)


def flip(data: bytes, random: Random, _seeds: list[bytes]) -> bytes:
    changed = bytearray(data)
    for _ in range(random.randint(1, 4)):
        if changed:
            changed[random.randrange(len(changed))] = random.choice((random.randrange(256), *b"<>\"'&{}[]:,=\\/ \n\0"))
    return bytes(changed)


def cut(data: bytes, random: Random, _seeds: list[bytes]) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + data[at + random.choice((1, 3, 30, 300, len(data))) :]


def double(data: bytes, random: Random, _seeds: list[bytes]) -> bytes:
    """A piece several times over."""
    at, size = random.randrange(len(data) + 1), random.choice((3, 30, 300))
    return data[:at] + data[at : at + size] * random.choice((2, 3, 100)) + data[at:]


def splice(data: bytes, random: Random, seeds: list[bytes]) -> bytes:
    """The beginning of one file and the end of another."""
    other = random.choice(seeds)
    return data[: random.randrange(len(data) + 1)] + other[random.randrange(len(other) + 1) :]


def deepen(data: bytes, random: Random, _seeds: list[bytes]) -> bytes:
    depth = random.choice((50, 150, 250, 900, 3_000, 30_000))
    at = random.randrange(len(data) + 1)
    opening, closing = random.choice(
        ((b"<testsuite>", b"</testsuite>"), (b"[", b"]"), (b'{"a":', b"}"), (b"<a>", b""), (b"- ", b""))
    )
    return data[:at] + opening * depth + closing * depth + data[at:]


def entities(data: bytes, random: Random, _seeds: list[bytes]) -> bytes:
    """Text without end, or of a file, through a DTD."""
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 9}">' for n in range(1, 12))
    dtd = random.choice((
        f'<!DOCTYPE x [<!ENTITY e0 "ha">{bomb}]>', '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE x [<!ENTITY e11 SYSTEM "file:///etc/passwd">]>', '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/">%p;]>',
        '<!DOCTYPE x [<!ATTLIST testcase name CDATA "&e11;">]>',
    ))  # fmt: skip
    declared = re.match(rb"\s*<\?xml[^>]*>", data)
    at = declared.end() if declared else 0
    text = data.replace(b'"', b'"&e11;', 2) if random.random() < 0.5 else data
    return text[:at] + dtd.encode() + text[at:]


def other_encoding(data: bytes, random: Random, _seeds: list[bytes]) -> bytes:
    name = random.choice(
        ("utf-16", "utf-16-le", "utf-32", "latin-1", "utf-8-sig", "gbk", "cp037", "utf-7", "rot13", "idna")
    )
    text = data.decode(errors="replace")
    declared = f'<?xml version="1.0" encoding="{name}"?>' if random.random() < 0.5 else ""
    try:
        return (declared + text).encode(name, errors="replace")
    except (LookupError, UnicodeError):
        return declared.encode() + data


def twice(data: bytes, random: Random, _seeds: list[bytes]) -> bytes:
    """A name that stands twice in an object: one reader takes the first, another the last."""
    key = random.choice(
        (b'"version"', b'"runs"', b'"metrics"', b'"$schema"', b'"vulnerabilities"', b'"components"', b'"a"')
    )
    return data.replace(
        b"{", b"{" + key + b": " + random.choice((b"1", b"[]", b"{}", b'"x"')) + b", ", random.choice((1, 3))
    )


_OFTEN = (change_value, change_value, change_value, change_tag, change_text)
_MUTATIONS = (
    *_OFTEN,
    *_OFTEN,
    *_OFTEN,
    *_OFTEN,
    flip,
    flip,
    cut,
    double,
    splice,
    deepen,
    entities,
    other_encoding,
    twice,
)
