"""Events made from good ones: by other names, other shapes, damage and malice. A function of the seed and a number."""

from __future__ import annotations

import copy
import json
from random import Random
from typing import Any

from tests.facts.every_event import everything

from plumbline.evidence.vocabulary import contents

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 7, -1.5, 1e300, 10**30, "", "x", " ", "\0", "\u202e", "\u200b", "字" * 300, "x" * 5000,
    [], {}, [None], [[]], [7], ["x", None], [{"sha": 7}], {"id": None}, {"id": 7}, {"id": "x", "more": [1]}, {"": {}},
    "2026-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-14:00", "success", "failure",
    "production", "sha256:" + "0" * 64, "0" * 40,
)  # fmt: skip
TIMES = (
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-14:00", "2026-02-30T00:00:00Z", "2026-03-29T02:30:00",
    "2026-W05-1", "20260101T000000Z", "2026-01-01T00:00:60Z", "1969-12-31T23:59:59Z", "2026-03-01T00:00:00Z", "now",
)  # fmt: skip
SOURCES = ("https://ci.example/1", "/their/ci", "urn:tool:1", "x", "plumbline", "/plumb", "https://x/plumbline")
OURS = (
    "/plumbline", "urn:plumbline:1", "/projects/1", "URN:plumbline:1", " /plumbline", "/plumbline ", "/plum\u200bbline",
        "\uff0fplumbline", "/PLUMBLINE", "/projects/", "urn:plumbline:", "/plumbline\u00ad", "\u2215plumbline",
        "/plumbline/", "/plumbline\u0000", "/pl\u016bmbline", "\u2044plumbline", "//plumbline", "/./plumbline",
)  # fmt: skip
ROOMS = (
    "dev.cdevents.", "dev.cdeventsx.", "dev.cdeventsx.plumbline-", "dev.cdeventsx.tool-", "DEV.cdeventsx.plumbline-",
    "dev.cdeventsx.Plumbline-", "dev.cdeventsx.plumbline\u200b-", "dev.cdeventsx.\uff50lumbline-", "x.y.",
    "dev.cdevents.plumbline-", "dev.cdeventsx.tool-plumbline-", "dev.cdevents", "",
)  # fmt: skip
VERSIONS = ("0.1.0", "0.2.0", "0.3.0", "0.4.1", "0.99.99", "1.0.0", "0.3", "0.3.0-draft", "0.3.0.0", "٠.٣.٠", "", "x")
KINDS = sorted({".".join(kind.split(".")[2:4]).removeprefix("plumbline-") for kind in contents()})


class EventMutator:
    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.own = tuple(everything().bodies)
        self._read = [json.loads(body) for body in self.own]

    def make(self, number: int) -> bytes:
        random = Random(f"{self.seed}:{number}")
        event = copy.deepcopy(random.choice(self._read))
        event["context"]["source"] = random.choice(OURS if random.random() < 0.25 else SOURCES)
        if random.random() < 0.7:  # else it is the very event that we told ourselves
            event["context"]["id"] = f"f{number}"
        for _ in range(random.choice((0, 1, 1, 2, 3, 5))):
            random.choice(_CHANGES)(event, random)
        body = _written(event, random)
        for _ in range(random.choice((0, 0, 0, 0, 1, 2))):
            body = random.choice(_DAMAGES)(body, random)
        return body


def _written(event: Any, random: Random) -> bytes:
    plain = random.random() < 0.8
    return json.dumps(event, ensure_ascii=plain).encode("utf-8", "surrogatepass")


def _type(event: Any, random: Random) -> None:
    """The same kind, or another one, in another room and version."""
    if not isinstance(event.get("context"), dict):
        return
    type_ = str(event["context"].get("type", "")).split(".")
    kind = ".".join(type_[2:4]).removeprefix("plumbline-") if random.random() < 0.5 else random.choice(KINDS)
    if random.random() < 0.1:
        kind = random.choice((kind.upper(), kind.replace(".", "\u2024"), kind + "\u200b", f" {kind}", kind.title()))
    event["context"]["type"] = f"{random.choice(ROOMS)}{kind}.{random.choice(VERSIONS)}"


def _known_type(event: Any, random: Random) -> None:
    """A type that is registered, with a content of another one."""
    if isinstance(event.get("context"), dict):
        event["context"]["type"] = random.choice(sorted(contents()))


def _told_by_a_tool(event: Any, random: Random) -> None:
    if isinstance(event.get("context"), dict):
        type_ = str(event["context"].get("type", ""))
        event["context"]["type"] = type_.replace("cdeventsx.plumbline-", f"cdeventsx.{random.choice('ab')}tool-")


def _time(event: Any, random: Random) -> None:
    if isinstance(event.get("context"), dict):
        event["context"]["timestamp"] = random.choice(TIMES)


def _version(event: Any, random: Random) -> None:
    if isinstance(event.get("context"), dict):
        event["context"].pop("specversion", None)
        event["context"][random.choice(("version", "specversion"))] = random.choice(
            ("0.4.1", "0.6.0-draft", "9", 7, None)
        )


def _subject(event: Any, random: Random) -> None:
    if isinstance(event.get("subject"), dict):
        event["subject"]["id"] = random.choice(
            ("!3-1", "r3-1", "production-3-1", "statement:s1", "/", "x\u202e", "字" * 100)
        )


def _replace(event: Any, random: Random) -> None:
    holder, key = _somewhere(event, random)
    holder[key] = copy.deepcopy(random.choice(ODD))


def _remove(event: Any, random: Random) -> None:
    holder, key = _somewhere(event, random)
    del holder[key]


def _add(event: Any, random: Random) -> None:
    holder, key = _somewhere(event, random)
    name = random.choice(("outcome", "commits", "digest", "attempt", "id", "project", "environment", "\u202e", "kinds"))
    if isinstance(holder, dict):
        holder[name] = copy.deepcopy(random.choice(ODD))
    else:
        holder.insert(key, copy.deepcopy(random.choice(ODD)))


def _wrap(event: Any, random: Random) -> None:
    holder, key = _somewhere(event, random)
    value = holder[key]
    for _ in range(random.choice((1, 1, 2, 90, 110))):
        value = [value] if random.random() < 0.5 else {"x": value}
    holder[key] = value


def _double(event: Any, random: Random) -> None:
    holder, key = _somewhere(event, random)
    if isinstance(holder[key], list):
        holder[key] = holder[key] * random.choice((2, 50))


def _somewhere(event: Any, random: Random) -> tuple[Any, Any]:
    """A place in it: what holds a value, and under which name."""
    places, waiting = [], [event]
    while waiting:
        holder = waiting.pop()
        for key, value in holder.items() if isinstance(holder, dict) else enumerate(holder):
            places.append((holder, key))
            if isinstance(value, dict | list) and len(places) < 300:
                waiting.append(value)
    return random.choice(places) if places else ({"x": 1}, "x")


def _cut(body: bytes, random: Random) -> bytes:
    at = random.randrange(len(body) + 1)
    return body[:at] + body[at + random.choice((1, 2, 30, len(body))) :]


def _flip(body: bytes, random: Random) -> bytes:
    changed = bytearray(body)
    for _ in range(random.randint(1, 3)):
        if changed:
            changed[random.randrange(len(changed))] = random.choice((random.randrange(256), *b'"{}[]:,\\0'))
    return bytes(changed)


def _twice(body: bytes, random: Random) -> bytes:
    """A name that stands twice: one reader takes the first, another the last."""
    name, value = random.choice(
        (("source", "/plumbline"), ("type", "x"), ("id", "e1"), ("context", {}), ("content", {}))
    )
    return body.replace(
        b"{", b"{" + json.dumps(name).encode() + b": " + json.dumps(value).encode() + b", ", random.randint(1, 3)
    )


def _escape(body: bytes, random: Random) -> bytes:
    """The same letters written otherwise, or a lone half of one."""
    return body.replace(b"plumbline", random.choice((b"plum\\u0062line", b"plumb\\u006cine", b"plumbline\\ud800")), 2)


def _number(body: bytes, random: Random) -> bytes:
    return body.replace(b": 1", b": " + random.choice((b"1e999", b"-0", b"NaN", b"9" * 400, b"1.0")), 1)


_CHANGES = (
    _type, _type, _known_type, _told_by_a_tool, _time, _version, _subject, _replace, _replace, _replace, _remove, _add,
    _wrap, _double,
)  # fmt: skip
_DAMAGES = (_cut, _flip, _twice, _escape, _number)
