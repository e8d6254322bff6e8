"""The whole history of a repository, read as git writes it: one ``git log`` and one ``git for-each-ref``."""

from __future__ import annotations

import fcntl
import os
import secrets
from contextlib import suppress
from tempfile import TemporaryFile
from threading import Thread
from typing import TYPE_CHECKING

from plumbline.adapters.git.change import ChangeReader
from plumbline.adapters.git.command import failure, limit_memory, start, too_large
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.history import RawBranch, RawCommit, RawHistory, RawTag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import IO

    from plumbline.adapters.git.checkout import LocalRepository

_CHUNK = 1 << 18  # bytes read at once
_AHEAD = 1 << 20  # bytes that git may write before they are read, so that it does not wait
_MOST = 64 << 20  # bytes of one commit: whoever pushes may name billions of files in it
_LOG = [
    "-c",
    "core.quotepath=off",
    "-c",
    "log.showSignature=false",
    "-c",
    "log.showRoot=true",
    "-c",
    "diff.orderFile=/dev/null",
    "-c",
    "mailmap.file=/dev/null",  # the one in the repository's HEAD alone, so that it tells the same everywhere
    "-c",
    "mailmap.blob=HEAD:.mailmap",
    "-c",
    "core.bare=true",  # a .mailmap that lies in the working copy is not read
    "log",
    "-z",
    "--name-only",
    "--no-renames",
    "--no-ext-diff",
    "--no-textconv",
    "--diff-merges=off",
    "--no-color",
    "--encoding=UTF-8",
]
_FIELDS = "%H%x00%P%x00%aN%x00%aE%x00%at%x00%ct%x00%B%x00"
_REFS = "%(refname)%00%(objectname)%00%(objecttype)%00%(*objectname)%00%(*objecttype)%00%(creatordate:unix)%00"
_REFS += "%(*committerdate:unix)%00%(taggername)%00%(symref)%00"
_REFS += "%(if)%(contents:signature)%(then)signed%(end)"


def read_history(
    home: LocalRepository,
    ref: str | None = None,
    *,
    mailmap: bool = True,
    each: Callable[[RawCommit], None] = lambda _: None,
) -> RawHistory:
    """Every commit of its branches, tags, remote branches and HEAD; ``ref``: what to look at (default: the default
    branch). ``mailmap``: name people as the repository's own file has them, which whoever may push can write. ``each``
    is called with every commit as it comes, while git looks for the next.

    Raises PlumblineError ``no-commits``, ``unknown-ref``, ``repository-unreadable``.
    """
    project = ChangeReader(home).project()
    branches, tags = _refs(home)
    head = home.need(ref)[1] if ref else _head(home, project.default_branch, branches)
    if not head:
        raise PlumblineError(
            "no-commits",
            t("{path} has no commits yet", path=home.title),
            t("commit something first; there is no history to observe"),
            kind=ErrorKind.CONFIGURATION,
        )
    starts = [head, *(["HEAD"] if home.head else [])]
    commits = []
    for commit in _commits(home, starts, _FIELDS if mailmap else _FIELDS.replace("%aN", "%an").replace("%aE", "%ae")):
        commits.append(commit)
        each(commit)
    return RawHistory(
        commits=tuple(commits),
        tags=tuple(tags),
        branches=tuple(branches),
        default_branch=project.default_branch,
        head=head,
        shallow=home.shallow,
        url=project.url,
    )


def signed_commits(home: LocalRepository, commits: Iterable[str]) -> set[str]:
    """Those of the commits (whole ids) that have a signature; whether it is good, nobody looks.

    Raises PlumblineError ``repository-unreadable``."""
    with TemporaryFile() as names:
        names.writelines(f"{sha}\n".encode() for sha in commits)
        names.seek(0)
        process = start(
            ["--no-replace-objects", "cat-file", "--batch"], home.folder, stdin=names.fileno(), title=home.title
        )
        limit_memory(process)
        output = process.stdout
        assert output is not None
        found = set()
        try:
            while head := output.readline():
                sha, _, size = head.partition(b" commit ")
                if not size:
                    raise failure(head.decode(errors="replace").strip(), home.folder, home.title)
                if b"\ngpgsig" in _header(output, int(size)):
                    found.add(sha.decode())
        finally:
            output.close()
            process.wait()
    return found


def _header(output: IO[bytes], size: int) -> bytes:
    """What stands before the message of a commit that comes with so many bytes and a line feed."""
    start_of = output.read(min(size, _CHUNK))
    left = size - len(start_of) + 1
    while left and (skipped := len(output.read(min(left, _CHUNK)))):
        left -= skipped
    return start_of.partition(b"\n\n")[0]


def _head(home: LocalRepository, default: str, branches: list[RawBranch]) -> str:
    """The end of the default branch; of what is checked out where there is none."""
    return next((branch.sha for branch in branches if branch.name == default), home.head)


def _refs(home: LocalRepository) -> tuple[list[RawBranch], list[RawTag]]:
    places = ["refs/heads", "refs/remotes", "refs/tags"]
    output = home.git(["for-each-ref", f"--format={_REFS}", *places])
    branches: dict[str, RawBranch] = {}
    tags: list[RawTag] = []
    for line in output.decode(errors="backslashreplace").split("\n"):
        if not line:
            continue
        name, sha, kind, peeled, peeled_kind, made, committed, tagger, symref, signed = line.split("\0")
        _, place, short = name.split("/", 2)
        if kind == "tag":
            sha, kind = peeled, peeled_kind
        if kind == "tag":  # a tag of a tag
            sha, kind = home.commit(name) or "", "commit"
        if kind != "commit" or not sha:
            continue
        if place == "tags":
            tags.append(RawTag(short, sha, int(made or committed or 0), tagger, bool(signed)))
        elif not symref:
            short = short.partition("/")[2] if place == "remotes" else short
            branches.setdefault(short, RawBranch(short, sha))  # the repository's own come first
    return sorted(branches.values(), key=lambda branch: branch.name), tags


def _commits(home: LocalRepository, starts: list[str], fields: str) -> Iterator[RawCommit]:
    """As git gives them. Raises PlumblineError ``repository-unreadable``."""
    mark = secrets.token_hex(12)  # nobody who wrote a message or a path knew it
    words = [*_LOG, f"--format={mark}{fields}", "--branches", "--tags", "--remotes", *starts, "--"]
    process = start(words, home.folder, title=home.title)
    limit_memory(process)
    assert process.stdout is not None
    assert process.stderr is not None
    with suppress(AttributeError, OSError):  # not on macOS; some systems allow less
        fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, _AHEAD)
    said: list[bytes] = []
    listener = Thread(target=_keep, args=(process.stderr, said), daemon=True)
    listener.start()
    try:
        yield from _parsed(process.stdout, mark.encode(), home.title)
    finally:
        process.stdout.close()  # git ends where its reader went away
        status = process.wait()
        listener.join()
        process.stderr.close()
    if status:
        raise failure(b"".join(said).decode(errors="replace").strip(), home.folder, home.title)


def _keep(pipe: IO[bytes], said: list[bytes]) -> None:
    for line in pipe:
        if len(said) < 20:
            said.append(line)


def _parsed(output: IO[bytes], mark: bytes, title: str) -> Iterator[RawCommit]:
    names: dict[bytes, str] = {}  # the same paths, people and parents come again and again
    buffer = bytearray()
    while chunk := output.read(_CHUNK):
        seen = max(0, len(buffer) - len(mark))
        buffer += chunk
        end = buffer.rfind(mark, seen)
        if end < 0:
            if len(buffer) > _MOST:
                raise too_large(title)
            continue
        records = bytes(buffer[:end]).split(mark)
        del buffer[: end + len(mark)]
        for record in records:
            if record:
                yield _commit(record, names)
    if buffer:
        yield _commit(bytes(buffer), names)


def _commit(record: bytes, names: dict[bytes, str]) -> RawCommit:
    sha, parents, author, mail, authored, committed, message, _, *paths = record.split(b"\0")
    if paths:
        paths[0] = paths[0][1:]  # a line feed
        paths.pop()
    found = []
    for path in paths:
        name = names.get(path)
        if name is None:
            name = names[path] = os.fsdecode(path)
        found.append(name)
    who, address = (names.get(one) for one in (author, mail))
    if who is None:
        who = names[author] = author.decode(errors="replace")
    if address is None:
        address = names[mail] = mail.decode(errors="replace")
    return RawCommit(
        sha.decode(),
        tuple(parents.decode().split()),
        who,
        int(authored or 0),
        int(committed or 0),
        message.decode(errors="replace"),
        tuple(found),
        address,
    )
