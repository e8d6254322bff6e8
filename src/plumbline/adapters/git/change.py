"""The change that a run is for, read from a repository."""

from __future__ import annotations

import os
import pwd
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from plumbline.adapters.git.command import git
from plumbline.adapters.git.objects import Commit, parse_commit, tag_message
from plumbline.adapters.git.origin import read_origin
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.change import Change, Event, MergeRequest, Project

if TYPE_CHECKING:
    from plumbline.adapters.git.checkout import LocalRepository

ZEROS = "0" * 40


def read_change(
    home: LocalRepository, event: Event, ref: str | None = None, target: str | None = None, *, tag: bool = False
) -> Change:
    """What a run of this event is for.

    ``ref`` names a branch or a tag (default: what is checked out); ``tag``: the run is for a tag, the one at the
    checked-out commit where ``ref`` is not given; ``target``: the branch a merge request goes to (default: the
    default branch). Raises PlumblineError ``unknown-ref`` or ``no-tag``.
    """
    return ChangeReader(home).read(event, ref, target, tag=tag)


class ChangeReader:
    """Asks one repository; see :func:`read_change` for the meaning of the arguments."""

    def __init__(self, repository: LocalRepository) -> None:
        self._repository = repository

    def read(self, event: Event, ref: str | None, target: str | None, *, tag: bool) -> Change:
        name, sha = self._wanted(ref, tag=tag)
        commit = self._commit(sha)
        project = self.project()
        branch = name.removeprefix("refs/heads/") if name.startswith("refs/heads/") else ""
        tagged = name.removeprefix("refs/tags/") if name.startswith("refs/tags/") else ""
        request = event is Event.MERGE_REQUEST
        config = self._repository.config
        return Change(
            project=project,
            event=event,
            sha=sha,
            before_sha=self._before(event, branch, commit),
            branch="" if request else branch,
            tag=tagged,
            tag_message=self._tag_message(tagged),
            message=commit.message if commit else "",
            author=commit.author if commit else "",
            timestamp=_iso(commit.committed) if commit else "",
            protected=bool(branch) and branch == project.default_branch,
            merge_request=self._merge_request(branch, commit, target or project.default_branch, sure=bool(target))
            if request
            else None,
            user_id=str(os.getuid()),
            user_login=os.environ.get("USER", "") or os.environ.get("LOGNAME", "") or _account(),
            user_name=config.get("user.name", ""),
            user_email=config.get("user.email", ""),
        )

    def project(self) -> Project:
        """The repository's home as its remote ``origin`` tells."""
        repository = self._repository
        origin = read_origin(repository.config.get("remote.origin.url", ""), repository.top or repository.common_dir)
        return Project(
            path=origin.path,
            url=origin.url,
            server_url=origin.server_url,
            ssh_port=origin.ssh_port,
            default_branch=self._default_branch(),
        )

    def _wanted(self, ref: str | None, *, tag: bool) -> tuple[str, str]:
        """The full name of the ref a run is for and its commit."""
        repository = self._repository
        if tag:
            return self._wanted_tag(ref)
        if ref is None:
            return f"refs/heads/{repository.branch}" if repository.branch else "", repository.head
        short = ref.removeprefix("refs/heads/")
        if short == repository.branch:
            return f"refs/heads/{short}", repository.head
        found = repository.resolve(ref)
        if found is not None:
            return found[0].replace("refs/remotes/origin/", "refs/heads/"), found[1]
        if repository.branch or ref.startswith("refs/tags/"):
            repository.need(ref)
        return f"refs/heads/{short}", repository.head  # a detached head that is to pass for a branch

    def _wanted_tag(self, ref: str | None) -> tuple[str, str]:
        repository = self._repository
        if ref is not None:
            return repository.need(f"refs/tags/{ref.removeprefix('refs/tags/')}")
        words = ["for-each-ref", "--points-at=HEAD", "--sort=-creatordate", "--format=%(refname)", "refs/tags"]
        found = git(words, repository.folder, fine=(0, 128, 129)).decode(errors="surrogateescape").split("\n")[0]
        if not found:
            raise PlumblineError(
                "no-tag",
                t("no tag names the commit that is checked out"),
                t("name one with --ref TAG"),
                kind=ErrorKind.CONFIGURATION,
            )
        return found, repository.head

    def _commit(self, sha: str) -> Commit | None:
        thing = self._repository.objects.read(sha) if sha else None
        return parse_commit(thing) if thing else None

    def _tag_message(self, tag: str) -> str:
        thing = self._repository.objects.read(f"refs/tags/{tag}") if tag else None
        return tag_message(thing) if thing and thing.kind == "tag" else ""

    def _before(self, event: Event, branch: str, commit: Commit | None) -> str:
        """The branch's previous head: what its upstream has, where that differs, else the first parent."""
        if event is not Event.PUSH or not branch or commit is None:
            return ZEROS
        upstream = self._upstream(branch)
        if upstream and upstream != commit.id:
            return upstream
        if commit.parents and self._repository.objects.read(commit.parents[0]):
            return commit.parents[0]
        return ZEROS

    def _upstream(self, branch: str) -> str | None:
        """The commit of the branch that this one follows, as far as it is known here."""
        config = self._repository.config
        remote, merge = config.get(f"branch.{branch}.remote", ""), config.get(f"branch.{branch}.merge", "")
        if not remote or not merge:
            return None
        name = merge if remote == "." else f"refs/remotes/{remote}/{merge.removeprefix('refs/heads/')}"
        return self._repository.commit(name)

    def _default_branch(self) -> str:
        repository = self._repository
        try:
            path = os.path.join(repository.common_dir, "refs/remotes/origin/HEAD")
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                return file.read().strip().removeprefix("ref: refs/remotes/origin/")
        except OSError:
            pass
        bare = repository.config.get("core.bare", str(os.path.basename(repository.common_dir) != ".git").lower())
        if bare == "true" and not repository.top and repository.branch and repository.head:
            return repository.branch  # nothing is checked out there: it is what a clone begins with
        configured = repository.config.get("init.defaultbranch", "")
        for name in (configured, "main", "master"):
            if name and (repository.commit(f"refs/heads/{name}") or repository.commit(f"refs/remotes/origin/{name}")):
                return name
        return repository.branch or configured or "main"

    def _merge_request(self, branch: str, commit: Commit | None, target: str, *, sure: bool) -> MergeRequest:
        repository = self._repository
        found = repository.need(target) if sure else repository.resolve(target)
        target_sha = found[1] if found else ""
        sha = commit.id if commit else ""
        title, _, description = (commit.message if commit else "").partition("\n")
        return MergeRequest(
            title=title,
            description=description.strip(),
            source_branch=branch,
            target_branch=target.removeprefix("refs/heads/"),
            source_sha=sha,
            target_sha=target_sha,
            diff_base_sha=repository.merge_base(target_sha, sha) if target_sha and sha else "",
        )


def _account() -> str:
    """The name of the account that this process has; empty where it has none, as in some containers."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return ""


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
