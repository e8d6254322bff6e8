"""``cache``."""

from __future__ import annotations

import re

from plumbline.kernel import t
from plumbline.model.job import When
from plumbline.model.pipeline import Cache, CacheKey
from plumbline.pipeline.keyword import Keyword, Place, Subkey
from plumbline.pipeline.reading import Reading

_MAX_CACHES = 4
_MAX_FILES = 10
_MAX_COMMIT_FILES = 2
_MAX_FALLBACKS = 5
_POLICIES = ("pull-push", "pull", "push")
_WHEN = ("on_success", "on_failure", "always")
_ENCODED = re.compile("%2[FfEe]")  # a slash or a dot, as it stands in an address
_VARIABLE = re.compile(r"\$\w{1,255}|\$\{\w{1,255}\}")


def read(reading: Reading) -> tuple[Cache, ...]:
    """One cache or up to four. An empty list or map: none."""
    if reading.value in ([], {}):
        return ()
    if not isinstance(reading.value, list):
        return (_read_cache(reading),)
    reading.check_size(len(reading.value), 0, _MAX_CACHES)
    return tuple(_read_cache(item) for item in reading.entries_of_list())


def _read_cache(reading: Reading) -> Cache:
    keys = reading.map()
    return Cache(
        key=_read_key(keys["key"]) if "key" in keys else CacheKey(),
        paths=keys["paths"].strings(single=False) if "paths" in keys else (),
        untracked=keys["untracked"].boolean() if "untracked" in keys else False,
        unprotect=keys["unprotect"].boolean() if "unprotect" in keys else False,
        when=When(keys["when"].one_of(_WHEN)) if "when" in keys else When.ON_SUCCESS,
        policy=_read_policy(keys["policy"]) if "policy" in keys else "pull-push",
        fallback_keys=_read_fallbacks(keys["fallback_keys"]) if "fallback_keys" in keys else (),
    )


def _read_key(reading: Reading) -> CacheKey:
    if isinstance(reading.value, str):
        return CacheKey(text=_check_text(reading))
    if not isinstance(reading.value, dict):
        reading.wrong_type(t("a text, or a map with files"))
        return CacheKey()
    keys = reading.map()
    if reading.names("files") and reading.names("files_commits"):
        reading.fail("exclusive-keys", t("files and files_commits exclude each other"), t("keep one of them"))
    if "files" not in keys and "files_commits" not in keys:
        reading.fail("missing-key", t("{key} is missing", key="files"), t("add {key}", key="files"))
    by_commit = "files_commits" in keys
    files: tuple[str, ...] = ()
    if by_commit:
        files = keys["files_commits"].strings(single=False, lowest=1, highest=_MAX_COMMIT_FILES)
    elif "files" in keys:
        files = keys["files"].strings(single=False, lowest=1, highest=_MAX_FILES)
    return CacheKey(
        files=files, by_commit=by_commit, prefix=_check_text(keys["prefix"], empty=True) if "prefix" in keys else ""
    )


def _check_text(reading: Reading, *, empty: bool = False) -> str:
    text = reading.string(empty=empty)
    plain = _ENCODED.sub(lambda found: "/" if found[0] in ("%2F", "%2f") else ".", text)
    if text and ("/" in plain or plain in (".", "..")):
        message = t("{key} cannot be the key of a cache", key=text)
        reading.fail("invalid-value", message, t("a key has no slash, and is neither . nor .."))
    return text


def _read_fallbacks(reading: Reading) -> tuple[str, ...]:
    return reading.strings(single=False, highest=_MAX_FALLBACKS)


def _read_policy(reading: Reading) -> str:
    if isinstance(reading.value, str) and _VARIABLE.fullmatch(reading.value):
        return reading.value
    return reading.one_of(_POLICIES) if reading.value != "" else _POLICIES[0]


PART = Keyword(
    name="cache",
    places=(Place.GLOBAL, Place.DEFAULT, Place.JOB),
    title=t("Files kept from one run of a job for the next"),
    read=read,
    reference="ci/yaml/#cache",
    subkeys=(
        Subkey("key"),
        Subkey("key:files"),
        Subkey("key:files_commits"),
        Subkey("key:prefix"),
        Subkey("paths"),
        Subkey("untracked"),
        Subkey("unprotect"),
        Subkey("when"),
        Subkey("policy"),
        Subkey("fallback_keys"),
    ),
    deprecated=t("at the top level: write it under default"),
    differs=(
        t("a policy must be one of the words or a variable: a word that only holds one of them is refused"),
        t("a key is not the empty text"),
        t("files may name up to ten files; GitLab takes two where its administrator has not allowed more"),
    ),
)
