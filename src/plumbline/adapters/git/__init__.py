"""Git repositories on this machine, through the git command line."""

from plumbline.adapters.git.brought import base_of, brought_since
from plumbline.adapters.git.change import read_change
from plumbline.adapters.git.changed_lines import changed_since, newest_tag_before
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
    "base_of",
    "brought_since",
    "changed_since",
    "files_at",
    "newest_tag_before",
    "open_repository",
    "read_change",
]
