"""The content-addressed store against hashing and copying the same bytes; artifacts of a job against tar and zstd."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import statistics
import subprocess
import time
from functools import partial
from typing import TYPE_CHECKING

from bench.measure import Figure, against_peer
from plumbline.adapters.artifacts import LocalArtifacts
from plumbline.adapters.blobs import DiskBlobs
from plumbline.model.pipeline import Artifacts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SIZE, BLOCK, ROUNDS = 100 << 20, 1 << 20, 5
SLOWER = 1.25  # times hashing and copying: 0.8 of its speed
FILES, MOST = 2_000, 1.5
_PEER = "sha256 + copy"


def put_and_get(scratch: Path) -> Iterator[Figure]:
    """Both are durable where bytes are stored: the copy is written to the disk too before it counts."""
    source, copy, blobs = scratch / "source", scratch / "copy", DiskBlobs(str(scratch / "oci"))
    source.write_bytes(random.Random(14).randbytes(SIZE))
    digest = f"sha256:{_sha256(source)}"

    def put() -> None:
        upload = blobs.begin()
        with source.open("rb") as file:
            blobs.write(upload, 0, iter(partial(file.read, BLOCK), b""))
        blobs.finish(upload, digest)

    def get() -> None:
        with copy.open("wb") as file:
            for block in blobs.read(digest):
                file.write(block)

    def hashed_copy(*, durable: bool) -> None:
        _sha256(source)
        shutil.copyfile(source, copy)
        if durable:
            with copy.open("rb") as file:
                os.fsync(file.fileno())

    note = "100 MiB"
    stored, durable = _in_turn(put, partial(hashed_copy, durable=True), partial(_clear, copy, blobs, digest))
    yield against_peer("put a blob", "ms", stored, durable, SLOWER, _PEER, f"{note}, on the disk before it counts")
    put()
    read, plain = _in_turn(get, partial(hashed_copy, durable=False), partial(_clear, copy))
    yield against_peer("get a blob", "ms", read, plain, SLOWER, _PEER, f"{note}, verified on the way")


def small_files(scratch: Path) -> Iterator[Figure]:
    """Chosen by a pattern, packed, digested and stored, against the same files through tar and zstd."""
    root, dice = scratch / "job", random.Random(3)
    words = (b"alpha ", b"beta ", b"gamma();\n", b"delta = 1\n", b"return x\n")
    for number in range(FILES):
        path = root / f"folder{number % 40}" / f"file{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(dice.choices(words, k=dice.randint(30, 1300))))
    blobs = DiskBlobs(str(scratch / "oci"))
    store = LocalArtifacts(lambda job: str(scratch / "kept" / str(job)), blobs=blobs)
    if shutil.which("tar") is None or shutil.which("zstd") is None:
        yield Figure("artifacts of a job", "ms", None, note="tar or zstd is not installed here")
        return
    packed = scratch / "peer.tar.zst"
    keep = partial(store.keep, 1, Artifacts(paths=("**/*",)), str(root), succeeded=True)
    command = f"tar -C {root} -c . | zstd -q -f -o {packed}"
    tar = partial(subprocess.run, command, shell=True, check=True)  # noqa: S604 - our own command
    ours, peer = _in_turn(keep, tar, lambda: None)
    yield against_peer("artifacts of a job", "ms", ours, peer, MOST, "tar | zstd", f"{FILES:,} small files")


def _in_turn(ours: Callable[[], object], peer: Callable[[], object], clear: Callable[[], None]) -> tuple[float, float]:
    """Milliseconds, the median of each."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for act, times in zip((ours, peer), taken, strict=True):
            clear()
            began = time.perf_counter()
            act()
            times.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken[0]), statistics.median(taken[1])


def _clear(copy: Path, blobs: DiskBlobs | None = None, digest: str = "") -> None:
    copy.unlink(missing_ok=True)
    if blobs is not None:
        blobs.remove(digest, unused_since=1 << 62)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
