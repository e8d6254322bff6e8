"""Propose a pipeline for the files of a repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import PlumblineError
from plumbline.starters import propose

if TYPE_CHECKING:
    from plumbline.model.ports.jobs import Repository
    from plumbline.starters import Proposal


def propose_for(repository: Repository) -> Proposal:
    """What the files are, and the pipeline that would build and test them. PlumblineErrors of a repository that cannot
    be read."""

    def read(path: str) -> bytes | None:
        """None as well for a link that leads elsewhere, and for a file that is too large to be read."""
        try:
            return repository.read(path)
        except PlumblineError as error:
            if error.code not in ("path-outside-repository", "object-too-large"):
                raise
            return None

    return propose(repository.files(), read)
