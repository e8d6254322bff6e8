"""Copies of the projects' repositories: bare, kept in the data folder, brought up to date by ``git fetch``."""

from __future__ import annotations

import fcntl
import os
import re
import selectors
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING

import msgspec

from plumbline.adapters.folders import private_folder, remove_tree, storing, temporary_name
from plumbline.adapters.forges.hosts import kept_to
from plumbline.adapters.forges.logins import auths_of
from plumbline.adapters.forges.unreachable import REF_VANISHED, unreachable
from plumbline.adapters.forges.webhooks import forges
from plumbline.adapters.git import LocalRepository, open_repository
from plumbline.adapters.git.command import git, start, words_of
from plumbline.adapters.git.objects import parse_commit, tag_message
from plumbline.kernel import ErrorKind, PlumblineError, t, without_password
from plumbline.model.change import Change, Event
from plumbline.model.server import Pushed, PushedCommit, RefPlace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from plumbline.adapters.git import Sources
    from plumbline.model.change import MergeRequest, Project
    from plumbline.model.repository_credential import RepositoryLogin
    from plumbline.model.server import Binding

TIMEOUT = 600.0  # seconds for one fetch,
SILENCE = 60.0  # and without a word meanwhile, be it of the server or of what git does
LOOK_TIMEOUT = 60.0  # seconds for a list of branches and tags
# A server that says nothing for so many seconds is given up, however long a fetch may take.
_STALLED = ("-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=60")
_PROGRESS = re.compile(rb"From |\x20[ +*=!t-]\x20|remote: ([A-Z][a-z]+ objects: |Total )|[A-Z][a-z ]+: +[0-9]+%")
_MOST_WORDS = 64 * 1024  # bytes of what git says that are kept
_TOLD = 1500  # characters of it that are told: why it failed stands at the end
_WAYS = {"GIT_ALLOW_PROTOCOL": "http:https:ssh:git:file"}  # no program that an address names
ZEROS = "0" * 40


class Mirrors:
    """Safe between threads, and between servers that share the folder; a copy is fetched by one at a time.

    Every look at a remote asks ``login`` what to prove itself with, and ``hosts`` which hosts are named; their
    PlumblineErrors pass through.
    """

    def __init__(
        self,
        folder: str,
        sources: Sources | None = None,
        login: Callable[[Binding], RepositoryLogin | None] = lambda _: None,
        hosts: Callable[[Binding], Sequence[str]] = lambda _: (),
    ) -> None:
        self._folder = folder
        self._login, self._hosts = login, hosts
        self._sources = sources
        self._open: dict[int, LocalRepository] = {}
        self._locks: dict[int, Lock] = {}
        self._lock = Lock()

    def path(self, project: int) -> str:
        return f"{self._folder}/{project}.git"

    def fetch(self, binding: Binding, *, merge_request: int = 0, heard: Callable[[], None] = lambda: None) -> None:
        """Bring the copy up to date; make it first where there is none. ``heard`` is called whenever there is something
        new of it. PlumblineErrors as :func:`unreachable`."""
        with self._lock:
            lock = self._locks.setdefault(binding.project, Lock())
        path = self.path(binding.project)
        with lock, _alone(f"{path}.lock"):
            request = []
            forge = forges().get(binding.kind)
            if merge_request and forge and forge.merge_request:
                ref = forge.merge_request.format(iid=merge_request)
                request = [f"+{ref}:refs/requests/{merge_request}"]
            try:
                self._bring(binding, request, path, heard)
            except PlumblineError as error:
                if error.code != REF_VANISHED:
                    raise
                self._bring(binding, [], path, heard)  # the forge has no such merge request any more; the rest is there

    def _bring(self, binding: Binding, request: list[str], path: str, heard: Callable[[], None]) -> None:
        wanted = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*", *request]
        words = ["fetch", "--progress", "--prune", "--no-tags", "--no-auto-gc", "--force", "--", binding.url, *wanted]
        if os.path.exists(path):
            self._remote(binding, words, path, heard=heard)
            with suppress(PlumblineError):  # what the remote calls its default branch may change; the rest is here
                self._learn_head(binding, path)
            git(["gc", "--auto", "--quiet"], path, fine=tuple(range(256)))  # goes on alone, and knows no secret
        else:
            self._make(binding, words, path, heard)

    def _make(self, binding: Binding, words: list[str], path: str, heard: Callable[[], None]) -> None:
        """A new copy appears whole or not at all."""
        new = temporary_name(path)
        with storing(new):
            private_folder(new)
            try:
                git(["init", "--bare", "--quiet"], new)
                self._remote(binding, words, new, heard=heard)
                self._learn_head(binding, new)
                os.rename(new, path)
            except OSError:
                if not os.path.exists(path):  # else another process was faster
                    raise
            finally:
                remove_tree(new)

    def repository(self, project: int, title: str = "") -> LocalRepository:
        """``title``: what messages call it, since where it lies is nobody's business. PlumblineError ``no-mirror``
        before the first fetch."""
        with self._lock:
            found = self._open.get(project)
            if found is None:
                if not os.path.exists(self.path(project)):
                    raise PlumblineError(
                        "no-mirror",
                        t("The repository of this project has not been fetched yet."),
                        t("Send a webhook, or start a pipeline by hand."),
                    )
                found = open_repository(self.path(project), self._sources, title or str(project))
                self._open[project] = found
            found.title = title or found.title
        return found

    def close(self) -> None:
        """End the processes that read the copies. One that is asked for again is opened anew."""
        with self._lock:
            opened, self._open = self._open, {}
        for repository in opened.values():
            repository.close()

    def heads(self, project: int) -> dict[str, str]:
        """Full names of branches and tags to commits."""
        form = "%(objectname) %(*objectname) %(refname)"
        lines = self.repository(project).git(["for-each-ref", f"--format={form}", "refs/heads", "refs/tags"])
        found = {}
        for line in lines.decode("utf-8", "surrogateescape").split("\n"):
            own, peeled, name = line.split(" ", 2) if line else ("", "", "")
            if name:
                found[name] = peeled or own
        return found

    def pushed(self, project: int, branch: str, before: str, after: str, most: int) -> Pushed:
        """What a push brought, as far as the copy has it; of a new branch what no other branch has."""
        repository = self.repository(project)
        head = repository.commit(after)
        if head is None:
            return Pushed()
        known = repository.commit(before) if before.strip("0") else None
        wanted = [head, "--not", *([known] if known else [f"--exclude={branch}", "--branches"]), "--"]
        count = int(repository.git(["rev-list", "--count", *wanted]))
        form = "--format=%H%x00%P%x00%an%x00%ae%x00%at%x00%ct"  # a .mailmap is the word of whoever may push
        lines = repository.git(["log", "-z", f"--max-count={most}", form, *wanted]).decode("utf-8", "replace")
        words = lines.removesuffix("\0").split("\0") if lines else []
        commits = tuple(
            PushedCommit(
                sha=sha,
                parents=tuple(parents.split()),
                author=author[:200],
                mail=mail[:200].casefold(),
                authored=_time(authored),
                committed=_time(committed),
            )
            for sha, parents, author, mail, authored, committed in zip(
                *(words[place::6] for place in range(6)), strict=True
            )
        )
        lost = known and int(repository.git(["rev-list", "--count", "--max-count=1", known, f"^{head}"]))
        return Pushed(commits=commits, more=count - len(commits), forced=bool(lost))

    def contains(self, project: int, older: str, newer: str) -> bool | None:
        """Whether the one commit is in the history of the other; None where the copy does not have both."""
        try:
            repository = self.repository(project)
            if repository.commit(older) is None or repository.commit(newer) is None:
                return None
            return repository.merge_base(older, newer) == older
        except PlumblineError:
            return None

    def place_of(
        self, project: int, ref: str, sha: str, merge_request: MergeRequest | None = None
    ) -> tuple[RefPlace, str]:
        """Where a commit stands in a ref, by its full name, or in a merge request; and its id, where ``sha`` is that of
        a tag."""
        repository = self.repository(project)
        commit = repository.commit(sha)
        names = [ref]
        if merge_request is not None:
            names = [f"refs/requests/{merge_request.iid}", f"refs/heads/{merge_request.source_branch}"]
        tips = [tip for name in names if (tip := repository.commit(name))]
        if commit is None or not tips:
            return RefPlace.MISSING, sha
        if commit in tips:
            return RefPlace.NEWEST, commit
        inside = any(not int(repository.git(_count_of(commit, tip))) for tip in tips)
        return RefPlace.INSIDE if inside else RefPlace.OUTSIDE, commit

    def keep(self, project: int, sha: str) -> None:
        """A ref of our own holds the commit, so that it stays when its branch is rewritten."""
        self.repository(project).git(["update-ref", f"refs/keep/{sha}", sha])

    def default_branch(self, project: int) -> str:
        """As the remote said when it was fetched last."""
        return self.repository(project).read_branch() or "main"

    def change(
        self,
        binding: Binding,
        project: Project,
        *,
        event: Event,
        ref: str = "",
        sha: str = "",
        before: str = "",
        merge_request: MergeRequest | None = None,
    ) -> Change:
        """What the copy knows of a commit. PlumblineError ``unknown-ref``, ``ref-is-a-commit``, ``unknown-commit``."""
        repository = self.repository(binding.project, project.path)
        if merge_request is not None:
            name, branch = f"refs/requests/{merge_request.iid}", merge_request.source_branch
            sha = sha or merge_request.source_sha
        else:
            name, found = repository.need(ref or project.default_branch)
            if not name.startswith(("refs/heads/", "refs/tags/")):
                raise _bare(repository, ref, found)
            sha, branch = sha or found, name.removeprefix("refs/heads/") if name.startswith("refs/heads/") else ""
        thing = repository.objects.read(f"{sha}^{{commit}}")
        if thing is None or thing.kind != "commit":
            raise PlumblineError(
                "unknown-commit",
                t("The repository has no commit {sha}.", sha=sha),
                t("It may have been removed by a forced push since."),
                kind=ErrorKind.REFUSED,
            )
        commit = parse_commit(thing)
        tag = name.removeprefix("refs/tags/") if name.startswith("refs/tags/") else ""
        message = repository.objects.read(name) if tag else None
        request = _completed(repository, merge_request, sha) if merge_request else None
        return Change(
            project=project,
            event=event,
            sha=thing.id,
            before_sha=_before(repository, before, request),
            branch="" if request else branch,
            tag=tag,
            tag_message=tag_message(message) if message and message.kind == "tag" else "",
            message=commit.message,
            author=commit.author,
            timestamp=datetime.fromtimestamp(commit.committed, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            merge_request=request,
        )

    def remote_heads(self, binding: Binding) -> dict[str, str]:
        """Branches and tags as they are at the remote now, without fetching. PlumblineErrors as :func:`unreachable`."""
        private_folder(self._folder)
        words = ["ls-remote", "--heads", "--tags", "--", binding.url]
        lines = self._remote(binding, words, self._folder, LOOK_TIMEOUT)
        found: dict[str, str] = {}
        for line in lines.decode("utf-8", "surrogateescape").split("\n"):
            sha, _, name = line.partition("\t")
            if name:
                found[name.removesuffix("^{}")] = sha  # a peeled tag follows the tag itself
        return found

    def _learn_head(self, binding: Binding, path: str) -> None:
        lines = self._remote(binding, ["ls-remote", "--symref", "--", binding.url, "HEAD"], path)
        for line in lines.decode("utf-8", "surrogateescape").split("\n"):
            if line.startswith("ref: refs/heads/"):
                git(["symbolic-ref", "HEAD", line[5:].partition("\t")[0]], path)

    def _remote(
        self,
        binding: Binding,
        arguments: list[str],
        folder: str,
        limit: float = TIMEOUT,
        heard: Callable[[], None] = lambda: None,
    ) -> bytes:
        login = self._login(binding)
        shown = without_password(binding.url)
        try:
            kept = kept_to(binding.url, self._hosts(binding), folder)
        except OSError as error:
            raise unreachable(shown, error.strerror or str(error), login) from error
        with auths_of(login, kept.address) as means:
            words = [*_STALLED, *means.options, *kept.options, *arguments]
            process = start(words, folder, more={**_WAYS, **means.environment}, apart=True)
            try:
                output, errors = _listen(process, limit, heard)
                said = words_of(process, errors)
            except subprocess.TimeoutExpired as late:
                with suppress(ProcessLookupError):  # what git started holds its output too
                    os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
                said = str(t("no answer within {seconds} seconds", seconds=int(late.timeout)))
        if process.returncode == 0:
            return output
        said = means.hide(said.replace(f"{folder}/", "").replace(binding.url, shown))
        raise unreachable(shown, said if len(said) <= _TOLD else f"… {said[-_TOLD:]}", login)


def _listen(process: subprocess.Popen[bytes], limit: float, heard: Callable[[], None]) -> tuple[bytes, bytes]:
    """What an ending git wrote, and what it said beside its progress. Raises TimeoutExpired where it takes longer than
    ``limit``, or nothing is heard of it for :data:`SILENCE` seconds."""
    output, errors = bytearray(), bytearray()
    begun = last = time.monotonic()
    with selectors.DefaultSelector() as both:
        for pipe, kept in ((process.stdout, output), (process.stderr, errors)):
            assert pipe is not None
            both.register(pipe, selectors.EVENT_READ, kept)
        while both.get_map():
            now = time.monotonic()
            for over, seconds in ((begun + limit - now, limit), (last + SILENCE - now, SILENCE)):
                if over <= 0:
                    raise subprocess.TimeoutExpired(process.args, seconds)
            for key, _ in both.select(min(begun + limit, last + SILENCE) - now):
                data = os.read(key.fd, 65536)
                if not data:
                    both.unregister(key.fileobj)
                    continue
                key.data.extend(data)
                del errors[:-_MOST_WORDS]
                last = time.monotonic()
                heard()
    process.communicate()
    return bytes(output), b"\n".join(line for line in errors.splitlines() if not _PROGRESS.match(line))


@contextmanager
def _alone(path: str) -> Iterator[None]:
    """Among the processes that share the folder. Such a lock ends with its process, and no child inherits it."""
    with storing(path):
        private_folder(os.path.dirname(path))
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        with storing(path):
            fcntl.lockf(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _bare(repository: LocalRepository, ref: str, commit: str) -> PlumblineError:
    """The refusal of a commit where a branch or a tag has to be named."""
    words = [
        "for-each-ref",
        "--count=5",
        f"--points-at={commit}",
        "--format=%(refname:short)",
        "refs/heads",
        "refs/tags",
    ]
    names = repository.git(words).decode(errors="replace").split("\n")[:-1]
    return PlumblineError(
        "ref-is-a-commit",
        t("{ref} is a commit, and a pipeline is started for a branch or a tag.", ref=ref),
        t("At this commit are: {names}.", names=", ".join(names))
        if names
        else t("Make a branch or a tag there, and start the pipeline for that."),
        kind=ErrorKind.CONFIGURATION,
    )


def _count_of(commit: str, tip: str) -> list[str]:
    """Whether there is a commit that another one does not contain: 0 or 1."""
    return ["rev-list", "--count", "--max-count=1", commit, "--not", tip, "--"]


def _time(text: str) -> int:
    """Seconds that every calendar knows: people may write anything into a commit."""
    return min(int(text), 253_402_300_799) if text.isascii() and text.isdecimal() else 0


def _before(repository: LocalRepository, before: str, request: MergeRequest | None) -> str:
    """The commit to compare with, if the copy has it."""
    if request is not None:
        return ZEROS
    return before if before and repository.commit(before) else ZEROS


def _completed(repository: LocalRepository, request: MergeRequest, sha: str) -> MergeRequest:
    """With what only the repository knows: the target's commit and the merge base."""
    found = repository.resolve(f"refs/heads/{request.target_branch}")
    target = found[1] if found else request.target_sha
    base = repository.merge_base(target, sha) if target and repository.commit(target) else ""
    return msgspec.structs.replace(request, source_sha=sha, target_sha=target, diff_base_sha=base)
