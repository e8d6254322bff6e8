"""Checkpoints in a git repository: a commit for each, whose one file per ledger is the note.

No work tree is touched. Where the repository has a remote, what is there already stays, and the new commit is pushed.
"""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from plumbline.adapters.folders import storing
from plumbline.adapters.forges.logins import auths_of
from plumbline.adapters.git.command import git, start
from plumbline.adapters.outside.failing import not_delivered
from plumbline.kernel import PlumblineError, t, without_password
from plumbline.model.outside import OutsidePlace, PlaceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from plumbline.model.event import Checkpoint
    from plumbline.model.ports.ledger import Ledger
    from plumbline.model.repository_credential import RepositoryLogin

_TIMEOUT = 60.0  # seconds
_WHO = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Plumbline"), ("EMAIL", "plumbline@localhost"))
}
# What a repository says of itself must not start programs of ours, nor sign with anybody's key.
_PLAIN = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "protocol.ext.allow=never")


class GitCourier:
    """``folder``: the repository; made, without a work tree, where there is none. ``remote``: the address that is
    pushed to; empty: that of its remote ``origin``, where it has one. ``login``: what to prove oneself with there;
    None: by the means of this machine."""

    def __init__(
        self, folder: str, remote: str, branch: str, login: Callable[[str], RepositoryLogin | None], name: str = ""
    ) -> None:
        self.place = OutsidePlace(kind=PlaceKind.GIT, name=without_password(name or remote or folder))
        self._folder = folder
        self._remote = remote
        self._branch = f"refs/heads/{branch}"
        self._seen = f"refs/plumbline/{branch}"  # as it is at the remote
        self._login = login

    def deliver(self, checkpoint: Checkpoint, ledger: Ledger) -> Checkpoint:  # noqa: ARG002
        try:
            self._prepare()
            remote = self._remote or self._origin()
            if remote:
                self._look(remote)
            tip = self._commit(checkpoint)
            if remote and tip != self._sha(self._seen):
                self._ask(remote, ["push", "--quiet", "--no-verify", "--", remote, f"{tip}:{self._branch}"])
                self._git(["update-ref", self._seen, tip])
        except PlumblineError as error:
            if error.code == "checkpoint-not-delivered":
                raise
            raise not_delivered(self.place, error.message, error.hint) from error
        return checkpoint

    def _prepare(self) -> None:
        if os.path.isdir(self._folder) and os.listdir(self._folder):
            return
        with storing(self._folder):
            os.makedirs(self._folder, exist_ok=True)
        self._git(["init", "--bare", "--quiet"])

    def _commit(self, checkpoint: Checkpoint) -> str:
        """On top of both what is here and what is at the remote; none where the note stands there already."""
        parents = self._tips()
        name = f"{checkpoint.origin}.note"
        if parents and self._git(["cat-file", "blob", f"{parents[0]}:{name}"], fine=(0, 128)) == checkpoint.note:
            tip = parents[0] if len(parents) == 1 else self._written(checkpoint, name, parents)
        else:
            tip = self._written(checkpoint, name, parents)
        self._git(["update-ref", self._branch, tip])
        return tip

    def _tips(self) -> list[str]:
        """One where one leads to the other; what the remote has first."""
        here, there = self._sha(self._branch), self._sha(self._seen)
        if not here or not there or here == there:
            return [sha for sha in (here or there,) if sha]
        if self._leads(there, here):
            return [here]
        return [there] if self._leads(here, there) else [there, here]

    def _written(self, checkpoint: Checkpoint, name: str, parents: Sequence[str]) -> str:
        blob = self._git(["hash-object", "-w", "--stdin"], checkpoint.note).decode().strip()
        old = self._git(["ls-tree", "-z", parents[0]]) if parents else b""
        lines = [line for line in old.split(b"\0") if line and line.partition(b"\t")[2] != name.encode()]
        lines.append(f"100644 blob {blob}\t{name}".encode())
        tree = self._git(["mktree", "-z"], b"".join(line + b"\0" for line in lines)).decode().strip()
        message = f"Checkpoint of {checkpoint.origin}: {checkpoint.size} entries\n".encode()
        above = [word for parent in parents for word in ("-p", parent)]
        return self._git(["commit-tree", "--no-gpg-sign", *above, tree], message).decode().strip()

    def _origin(self) -> str:
        return self._git(["config", "--get", "remote.origin.url"], fine=(0, 1)).decode().strip()

    def _look(self, remote: str) -> None:
        """Fetch what is there, if there is anything."""
        there = self._ask(remote, ["ls-remote", "--", remote, self._branch])
        if there.strip():
            refs = f"+{self._branch}:{self._seen}"
            self._ask(remote, ["fetch", "--quiet", "--no-tags", "--no-auto-gc", "--force", "--", remote, refs])
        else:
            self._git(["update-ref", "-d", self._seen], fine=(0, 1, 128))

    def _sha(self, ref: str) -> str:
        return self._git(["rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}"], fine=(0, 1)).decode().strip()

    def _leads(self, from_: str, to: str) -> bool:
        return self._git(["rev-list", "--count", "--max-count=1", from_, f"^{to}"]).strip() == b"0"

    def _git(self, arguments: list[str], given: bytes | None = None, fine: tuple[int, ...] = (0,)) -> bytes:
        if given is None:
            return git([*_PLAIN, *arguments], self._folder, fine=fine)
        process = start([*_PLAIN, *arguments], self._folder, stdin=subprocess.PIPE, more=_WHO)
        output, _ = process.communicate(given)
        if process.returncode not in fine:
            raise not_delivered(self.place, t("git {command} failed", command=arguments[0]))
        return output

    def _ask(self, remote: str, arguments: list[str]) -> bytes:
        """Whatever reaches the remote, within a time."""
        with auths_of(self._login(remote)) as means:
            process = start([*_PLAIN, *means.options, *arguments], self._folder, more=means.environment)
            try:
                output, errors = process.communicate(timeout=_TIMEOUT)
                said = errors.decode(errors="replace").strip()
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                said = str(t("no answer within {seconds} seconds", seconds=int(_TIMEOUT)))
            if process.returncode:
                raise not_delivered(self.place, means.hide(said.replace(remote, self.place.name))[-500:])
        return output
