"""Git repositories on this machine, through the git command line."""

from plumbline.adapters.git.change import read_change
from plumbline.adapters.git.checkout import LocalRepository, open_repository
from plumbline.adapters.git.projects import files_at
from plumbline.adapters.git.repository import Entry, GitRepository
from plumbline.adapters.git.sources import TEMPLATES, Sources

__all__ = [
    "TEMPLATES",
    "Entry",
    "GitRepository",
    "LocalRepository",
    "Sources",
    "files_at",
    "open_repository",
    "read_change",
]
