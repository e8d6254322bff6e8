"""Which file an ``include`` means: one of the configuration, or one of a header with inputs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.pipeline.keyword import Status, Subkey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.pipeline.reading import Reading

_SHORTEST = 60.0  # seconds that a fetched file is kept
_INTEGRITY = re.compile(r"sha256-(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
MAPPED = t("only where the project is mapped to a folder on this machine")
NETWORK = t("only where the network is allowed or the address is mapped to a folder on this machine")


def read_place(reading: Reading, kinds: Sequence[str]) -> Mapping[str, Reading]:
    """The keys of one include, of which exactly one of ``kinds`` says where the file is."""
    keys = reading.map()
    need_one(reading, keys, kinds)
    for name in (*kinds, "ref"):
        if name in keys:
            keys[name].string()
    read_fetched(reading, keys)
    if "project" in keys and "file" not in keys:
        reading.fail("missing-key", t("{key} is missing", key="file"), t("add {key}", key="file"))
    if "file" in keys:
        keys["file"].strings(lowest=1)
    return keys


def read_fetched(reading: Reading, keys: Mapping[str, Reading]) -> str:
    """The digest of what is fetched, which is checked as it comes, and how long that is kept: for ``remote`` only."""
    for name in ("integrity", "cache"):
        if name in keys and keys[name].value is not False and "remote" not in keys:
            message = t("{key} is only used together with {kind}", key=name, kind="remote")
            reading.fail("misplaced-keyword", message, at=name)
    cache = keys.get("cache")
    if cache and not isinstance(cache.value, bool) and cache.duration() < _SHORTEST:
        cache.fail("out-of-range", t("{value} is shorter than {limit}", value=cache.value, limit="1 minute"))
    return _read_integrity(keys["integrity"]) if "integrity" in keys else ""


def _read_integrity(reading: Reading) -> str:
    """``sha256-`` and the digest of the file in base64."""
    text = reading.string()
    if text and not _INTEGRITY.fullmatch(text):
        message = t("{value} is not the digest of a file", value=text)
        reading.fail("invalid-integrity", message, t("write sha256- and the digest in base64"))
    return text


def need_one(reading: Reading, keys: Mapping[str, Reading], kinds: Sequence[str]) -> None:
    """A problem where a map has none of these keys, or several."""
    given = [kind for kind in kinds if kind in keys]
    if len(given) != 1 and isinstance(reading.value, dict):
        code = "exclusive-keys" if given else "missing-key"
        reading.fail(code, t("needs exactly one of: {kinds}", kinds=", ".join(kinds)))


def subkeys(start: str = "") -> tuple[Subkey, ...]:
    """The keys that say which file it is, as the table of keywords shows them after ``start``."""
    return (
        Subkey(f"{start}local"),
        Subkey(f"{start}project", Status.PARTIAL, MAPPED),
        Subkey(f"{start}file", Status.PARTIAL, MAPPED),
        Subkey(f"{start}ref", Status.PARTIAL, MAPPED),
        Subkey(f"{start}remote", Status.PARTIAL, NETWORK),
        Subkey(f"{start}integrity"),
        Subkey(f"{start}cache", Status.INERT, t("read and checked; a file is fetched once in a run")),
    )
