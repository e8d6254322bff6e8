"""Small histories, written by hand."""

from __future__ import annotations

from plumbline.model.history import RawBranch, RawCommit, RawHistory, RawTag


def sha(name: str) -> str:
    """A whole id that begins like the name."""
    return name.encode().hex().ljust(40, "0")


def commit(
    name: str, parents: str = "", at: int = 0, message: str = "", paths: str = "", author: str = "Ada"
) -> RawCommit:
    return RawCommit(sha(name), tuple(map(sha, parents.split())), author, at, at, message, tuple(paths.split()))


def history(*commits: RawCommit, head: str, tags: str = "", branches: str = "", shallow: bool = False) -> RawHistory:
    """``commits`` the oldest first; ``tags`` as ``name=commit@time``, ``branches`` as ``name=commit``."""
    found = [entry.replace("@", "=").split("=") for entry in tags.split()]
    return RawHistory(
        commits=tuple(reversed(commits)),
        tags=tuple(RawTag(name, sha(of), int(made)) for name, of, made in found),
        branches=tuple(RawBranch(name, sha(of)) for name, of in (entry.split("=") for entry in branches.split())),
        default_branch="main",
        head=sha(head),
        shallow=shallow,
        url="https://git.example/group/app",
    )
