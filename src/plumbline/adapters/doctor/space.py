"""What takes the space in the data folder."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from plumbline.adapters.data_folder import ARTIFACTS, BLOBS, CACHES, LOGS, MIRRORS, WORK
from plumbline.kernel import Text, t
from plumbline.model.health import Check, Health

if TYPE_CHECKING:
    from plumbline.adapters.store import Store

MOST = 50_000  # files and folders of each kind that are looked at
_DATABASE, _BACKUPS = "plumbline.db", "backups"
_TITLES = {
    BLOBS: t("artifacts and packages by digest"),
    ARTIFACTS: t("artifacts"),
    LOGS: t("logs"),
    CACHES: t("caches"),
    MIRRORS: t("copies of repositories"),
    WORK: t("working copies"),
    _BACKUPS: t("backups before upgrades"),
    _DATABASE: t("the database"),
}


def check_space(folder: str) -> Check:
    """How much each kind of files takes; of very many files a part is counted, so that it takes no long."""
    name = "space"
    link = next((path for kind in _TITLES if os.path.islink(path := f"{folder}/{kind}")), None)
    if link is not None:
        return Check(
            name=name,
            health=Health.WARNING,
            message=t("{path} is a link: what is below it is never removed.", path=link),
            cure=t("Move the whole data folder to the other disk, or mount that disk there."),
        )
    sizes = {kind: _size_of(folder, kind) for kind in _TITLES}
    told = [
        t("{kind} {size}, or more", kind=_TITLES[kind], size=_spoken(size)) if cut
        else t("{kind} {size}", kind=_TITLES[kind], size=_spoken(size))
        for kind, (size, cut) in sorted(sizes.items(), key=lambda item: -item[1][0])
        if size
    ]  # fmt: skip
    message = t("Space is taken by: {kinds}.", kinds=_joined(told)) if told else t("Nothing takes space yet.")
    return Check(name=name, health=Health.OK, message=message)


def check_database_space(store: Store) -> Check:
    """How much a PostgreSQL database takes; it is on a disk of its own server, which nobody here can look at."""
    with store.reading() as connection:
        size = connection.exec_driver_sql("select pg_database_size(current_database())").scalar_one()
    message = t("The database takes {size} on the disk of its server, which is not looked at from here.",
                size=_spoken(int(size)))  # fmt: skip
    return Check(name="dbspace", health=Health.OK, message=message)


def _size_of(folder: str, kind: str) -> tuple[int, bool]:
    if kind != _DATABASE:
        return _walk(f"{folder}/{kind}")
    size = 0
    for ending in ("", "-wal"):
        with suppress(OSError):
            size += os.lstat(f"{folder}/{kind}{ending}").st_size
    return size, False


def _walk(top: str) -> tuple[int, bool]:
    """The bytes on the disk, and whether there was more than was looked at."""
    size, seen, pending = 0, 0, [top]
    while pending:
        with suppress(OSError), os.scandir(pending.pop()) as entries:
            for entry in entries:
                seen += 1
                if seen > MOST:
                    return size, True
                with suppress(OSError):
                    size += entry.stat(follow_symlinks=False).st_blocks * 512
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
    return size, False


def _joined(told: list[Text]) -> Text:
    first, *rest = told
    return t("{first}, {rest}", first=first, rest=_joined(rest)) if rest else first


def _spoken(size: int) -> str:
    return f"{size / (1 << 30):.1f} GiB" if size >= 1 << 30 else f"{size / (1 << 20):.1f} MiB"
