"""One working copy for one job."""

from __future__ import annotations

import os
import statistics
from functools import partial
from typing import TYPE_CHECKING

from bench.measure import CommandError, Figure, against_peer, command, seconds
from bench.repositories import many_files, repository
from plumbline.adapters.git import files_at, open_repository, read_change
from plumbline.adapters.workspaces import LocalWorkspaces
from plumbline.model.change import Event
from plumbline.model.job import JobOrder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from plumbline.adapters.git import GitRepository

FILES, COPIES = 607, 15


def copies(scratch: Path) -> Iterator[Figure]:
    """A repository of 607 files, against ``git worktree add``."""
    folder = repository(scratch / "files607", many_files(FILES))
    workspaces = LocalWorkspaces(_opened(folder), str(scratch / "work"))
    first = seconds(workspaces.prepare)
    ours, peer = [], []
    for number in range(COPIES):
        add = ["git", "worktree", "add", "--detach", "-q", str(scratch / f"tree{number}")]
        peer.append(seconds(command(add, str(folder))))
        order = JobOrder(id=number + 1, name=f"job{number}", stage="build")
        ours.append(seconds(partial(workspaces.open, order)))
        found = sum(len(names) for top, _, names in os.walk(scratch / "work" / str(order.id)) if "/.git" not in top)
        if found != FILES:
            raise CommandError(f"a working copy has {found} of {FILES} files")
    workspaces.close()
    note = f"median of {COPIES} in turn, the start of git included; a run's template, made once: {first * 1e3:.0f} ms"
    ours_ms, peer_ms = statistics.median(ours) * 1e3, statistics.median(peer) * 1e3
    yield against_peer("working copy of 607 files", "ms", ours_ms, peer_ms, 1.5, "git worktree add", note)


def _opened(folder: Path) -> GitRepository:
    local = open_repository(str(folder))
    return files_at(local, read_change(local, Event.PUSH))
