"""Caches of one project between its runs: one file a cache, replaced in one step."""

from __future__ import annotations

import hashlib
import os
import re
import time
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

import msgspec

from plumbline.adapters.caches.pack import CacheBrokenError, entries_of, pack, read_entries, unpack
from plumbline.adapters.file_selection import select
from plumbline.adapters.folders import private_folder
from plumbline.kernel import PlumblineError, Text, t
from plumbline.model.job import CacheUse

if TYPE_CHECKING:
    from plumbline.adapters.git import GitRepository
    from plumbline.model.pipeline import Cache, CacheKey


class LocalCaches:
    """Implements :class:`plumbline.model.CacheStore` in ``folder``. Keys made of files are made of the files of the
    repository, so that restoring and saving mean the same key whatever the job does.

    ``protected``: the ref is protected; its caches are apart from those of other refs. The caller adds
    ``CACHE_FALLBACK_KEY`` to the fallback keys, and decides on ``when``.
    """

    def __init__(self, folder: str, repository: GitRepository, *, protected: bool) -> None:
        self._folder = folder
        self._repository = repository
        self._protected = protected
        self._keys: dict[CacheKey, str] = {}
        self._lock = Lock()

    def restore(self, cache: Cache, root: str) -> CacheUse:
        start = time.perf_counter()
        key = self.key(cache.key)
        use = CacheUse(key=key)
        if cache.policy == "push":
            return use
        for candidate in (key, *cache.fallback_keys):
            if not candidate:
                continue
            try:
                files, size = unpack(self._path(candidate, cache), root)
                _touch(self._path(candidate, cache))
            except FileNotFoundError:
                continue
            except (CacheBrokenError, OSError) as error:
                message = t("the cache {key} could not be used: {reason}", key=candidate, reason=str(error))
                return msgspec.structs.replace(use, message=message, seconds=time.perf_counter() - start)
            seconds = time.perf_counter() - start
            return msgspec.structs.replace(use, hit=candidate, files=files, size=size, seconds=seconds)
        return msgspec.structs.replace(use, seconds=time.perf_counter() - start)

    def save(self, cache: Cache, root: str) -> CacheUse:
        start = time.perf_counter()
        key = self.key(cache.key)
        use = CacheUse(key=key, action="save")
        if cache.policy == "pull":
            return use
        path = self._path(key, cache)
        message: Text | None = None
        try:
            selected = select(root, cache.paths, tracked=self._repository.tracked if cache.untracked else None)
            if not selected.files:
                message = selected.warnings[0] if selected.warnings else t("No files to cache.")
                return msgspec.structs.replace(use, message=message, seconds=time.perf_counter() - start)
            entries = entries_of(selected.files)
            if read_entries(path) == entries:
                use = msgspec.structs.replace(use, action="unchanged")
                _touch(path)
                size = sum(entry.size for entry in entries)
            else:
                private_folder(self._folder)
                size = pack(root, entries, path)
            message = selected.warnings[0] if selected.warnings else None
        except (CacheBrokenError, OSError) as error:
            message = t("the cache {key} could not be saved: {reason}", key=key, reason=str(error))
            return msgspec.structs.replace(use, message=message, seconds=time.perf_counter() - start)
        seconds = time.perf_counter() - start
        return msgspec.structs.replace(use, files=len(entries), size=size, seconds=seconds, message=message)

    def key(self, key: CacheKey) -> str:
        """The text of a key; one made of files none of which exists is ``default``."""
        if not key.files:
            return key.text or "default"
        with self._lock:
            made = self._keys.get(key)
            if made is None:
                made = self._keys[key] = self._key_of_files(key)
        return made

    def _key_of_files(self, key: CacheKey) -> str:
        parts = []
        for path in key.files:
            try:
                if key.by_commit:
                    part = self._repository.last_commit(path).encode()
                else:
                    part = self._repository.read(path) or b""
            except PlumblineError:
                part = b""
            if part:
                parts.append(hashlib.sha1(part, usedforsecurity=False).hexdigest())
        joined = hashlib.sha1("".join(parts).encode(), usedforsecurity=False).hexdigest() if parts else "default"
        return f"{key.prefix}-{joined}" if key.prefix else joined

    def _path(self, key: str, cache: Cache) -> str:
        protected = self._protected and not cache.unprotect
        return f"{self._folder}/{file_name(key)}-{'protected' if protected else 'non_protected'}.cache"


def _touch(path: str) -> None:
    """The time of a cache says when it was used last: what nobody uses goes some day."""
    with suppress(OSError):
        os.utime(path)


def file_name(key: str) -> str:
    """A file name that stands for one key and no other: nothing in it is a path."""
    if re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}", key):
        return key
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", key)[:60]
    return f"{plain}~{hashlib.sha256(key.encode(errors='surrogateescape')).hexdigest()[:16]}"
