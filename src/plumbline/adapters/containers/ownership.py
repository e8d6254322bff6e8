"""Whose the files of a job are: its container may run as anybody, and what it leaves must be ours again."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from plumbline.adapters.containers.engine import Engine
    from plumbline.model.pipeline import Image

_LOOK = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def close_to_others(scratch: str) -> None:
    """Only this user gets below the folder that working copy and scratch are in: a container is shown the two
    themselves, and everybody in it may read and write there."""
    os.chmod(os.path.dirname(scratch), 0o700)
    os.chmod(scratch, 0o777)  # noqa: S103 (in a folder that nobody else can enter)


def may_be_another(image: Image, config: Mapping[str, object]) -> bool:
    """Whether scripts may run as somebody else than root: the image says so, or what it begins with may change it."""
    user = image.user or str(config.get("User") or "")
    if user.partition(":")[0] not in ("", "0", "root"):
        return True
    return bool(config.get("Entrypoint")) and image.entrypoint is None


def open_to_all(folders: Iterable[str]) -> None:
    """Let everybody write to what is in these folders, links not followed."""
    for top in folders:
        for _, folders_in, names, place in os.fwalk(top):
            _add(place, ".", 0o777)
            for name in names:
                _add(place, name, 0o666)
            del folders_in


def _add(place: int, name: str, mode: int) -> None:
    try:
        info = os.lstat(name, dir_fd=place)
        if info.st_mode & mode == mode or not (stat.S_ISREG(info.st_mode) or stat.S_ISDIR(info.st_mode)):
            return
        handle = os.open(name, _LOOK, dir_fd=place)
    except OSError:
        return
    try:
        os.fchmod(handle, stat.S_IMODE(os.fstat(handle).st_mode) | mode)
    except OSError:  # another user's, since a rootless engine made it
        return
    finally:
        os.close(handle)


def take_back(engine: Engine, folders: Iterable[str]) -> bool:
    """Own what a container's users own: other ids of this machine, whose files nobody but root can remove. False where
    that did not work."""
    others = [folder for folder in folders if _holds_others(folder)] if os.geteuid() else []
    if others and engine.name == "podman" and engine.rootless:
        engine.ask("unshare", "chown", "-R", "-h", "0:0", "--", *others, timeout=60.0)
        others = [folder for folder in others if _holds_others(folder)]
    return not others


def _holds_others(top: str) -> bool:
    """Whether anything below is somebody else's, or cannot be looked at."""
    own = os.geteuid()
    waiting = [top]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.stat(follow_symlinks=False).st_uid != own:
                        return True
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except FileNotFoundError:
            continue
        except OSError:
            return True
    return False
