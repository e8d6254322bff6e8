"""What a commit has in its history that another one has not: commits with their messages, and the paths that differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.adapters.git.changed_lines import MOST, newest_tag_before
from plumbline.kernel import PlumblineError
from plumbline.model.history import Brought, RawCommit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.adapters.git.checkout import LocalRepository
    from plumbline.model.change import Change

MOST_COMMITS = 1000  # of one change that are read
# A .mailmap is the word of whoever may push; nothing that they set decides what is compared
_FIELDS = "--format=%H%x00%P%x00%an%x00%ae%x00%at%x00%ct%x00%B%x00"
_LOG = ("-c", "log.showSignature=false", "log", "--no-color", "--encoding=UTF-8", f"--max-count={MOST_COMMITS}")
_DIFF = ("diff", "-z", "--name-only", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames")
_PARTS = 7


def base_of(repository: LocalRepository, change: Change, tags: Sequence[str] = ()) -> str:
    """The commit that a change is held against: of a merge request where it left its target, else the newest tag
    before it; empty: there is none. ``tags``: patterns of those that count; none: all do. Raises PlumblineError."""
    request = change.merge_request
    if request is None:
        return newest_tag_before(repository, change.sha, tags)
    target = repository.commit(f"refs/heads/{request.target_branch}") or request.target_sha
    return repository.merge_base(target, change.sha) if target else request.diff_base_sha


def brought_since(repository: LocalRepository, base: str, commit: str) -> Brought | None:
    """``base`` and ``commit``: ids of commits. None where the copy does not have them, or the change is too large."""
    try:
        if not base or repository.commit(base) is None or repository.commit(commit) is None:
            return None
        wanted = [f"{base}..{commit}", "--"]
        log = repository.git_within([*_LOG, _FIELDS, *wanted], MOST)
        paths = repository.git_within([*_DIFF, base, commit, "--"], MOST)
        count = int(repository.git(["rev-list", "--count", *wanted]))
    except PlumblineError:
        return None
    commits = _commits(log.decode("utf-8", "replace"))
    names = paths.decode("utf-8", "surrogateescape").split("\0")
    return Brought(
        base=base, commits=commits, paths=tuple(sorted(filter(None, names))), more=max(0, count - len(commits))
    )


def _commits(text: str) -> tuple[RawCommit, ...]:
    words = text.split("\0")[:-1]
    rows = zip(*(words[place::_PARTS] for place in range(_PARTS)), strict=True)
    return tuple(
        RawCommit(
            sha.strip(), tuple(parents.split()), author, int(authored or 0), int(committed or 0), message, (), mail
        )
        for sha, parents, author, mail, authored, committed, message in rows
    )
