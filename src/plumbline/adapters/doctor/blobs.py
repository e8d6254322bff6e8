"""Whether what is stored under a digest still is what the digest says."""

from __future__ import annotations

import os
from heapq import heappush, heappushpop
from typing import TYPE_CHECKING

from plumbline.kernel import PlumblineError, t
from plumbline.kernel.text import nt
from plumbline.model.health import Check, Health

if TYPE_CHECKING:
    from plumbline.model.ports.blobs import BlobStore

_NAME = "artifacts"
MOST = 200  # blobs that are read whole
_LARGEST = 64 << 20  # bytes of those


def check_blobs(blobs: BlobStore, folder: str) -> Check:
    """Read some of them, those that were stored last; and say what was found corrupt before. ``folder``: where they
    are on this disk."""
    aside = _corrupt(folder)
    try:
        count, size = 0, 0
        newest: list[tuple[int, str]] = []
        for one in blobs.all():
            count, size = count + 1, size + one.size
            if one.size <= _LARGEST:
                (heappush if len(newest) < MOST else heappushpop)(newest, (one.stored, one.digest))
        bad = [digest for _, digest in newest if not blobs.verify(digest)]
    except PlumblineError as error:
        return Check(name=_NAME, health=Health.PROBLEM, message=error.message, cure=error.hint)
    if bad or aside:
        first = [*bad, *aside][0]
        return Check(
            name=_NAME,
            health=Health.PROBLEM,
            message=nt(
                "{count} stored artifact has other bytes than its digest says, such as {digest}.",
                "{count} stored artifacts have other bytes than their digests say, such as {digest}.",
                len({*bad, *aside}),
                digest=first,
            ),
            cure=t("They are given out no more. Push or build them again, which heals them; then look at the disk."),
        )
    message = nt("{count} artifact and part of one is stored by digest, with {size} bytes.",
                 "{count} artifacts and parts of them are stored by digest, with {size} bytes.",
                 count, size=size)  # fmt: skip
    return Check(name=_NAME, health=Health.OK, message=message)


def _corrupt(folder: str) -> list[str]:
    """Digests of what was set aside and not stored again."""
    try:
        names = sorted(os.listdir(os.path.join(folder, "corrupt")))
    except OSError:
        return []
    return [name.replace("-", ":", 1) for name in names]
