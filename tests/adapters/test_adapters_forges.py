"""Forges: what proves itself is read, everything else is refused; mirrors follow their repositories."""

from __future__ import annotations

import hashlib
import hmac
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from local_repositories import commit, make_repository, run_git

from plumbline.adapters.forges import MAX_BODY, Mirrors, install_hook, read_webhook, sign_notification
from plumbline.adapters.git import command, files_at
from plumbline.adapters.git.command import git
from plumbline.kernel import PlumblineError
from plumbline.model.change import Event, MergeRequest, Project
from plumbline.model.server import Binding, Webhook, WebhookKind

SECRET = b"hush"
ONE, TWO, NONE = "1" * 40, "2" * 40, "0" * 40

PUSH = {"ref": "refs/heads/feature/x", "before": ONE, "after": TWO, "future": {"field": 1}}
GITLAB_MERGE = {
    "user": {"username": "mei", "name": "Mei", "email": "mei@bank.example"},
    "labels": [{"title": "risk"}],
    "object_attributes": {
        "iid": 7,
        "title": "Add",
        "source_branch": "x",
        "target_branch": "main",
        "action": "update",
        "oldrev": ONE,
        "last_commit": {"id": TWO},
        "source": {"path_with_namespace": "fork/core"},
        "target": {"path_with_namespace": "bank/core"},
    },
}
GITHUB_MERGE = {
    "action": "synchronize",
    "number": 7,
    "sender": {"login": "mei"},
    "pull_request": {
        "title": "Add",
        "body": None,
        "draft": True,
        "labels": [{"name": "risk"}],
        "head": {"ref": "x", "sha": TWO, "repo": {"full_name": "fork/core"}},
        "base": {"ref": "main", "sha": ONE, "repo": {"full_name": "bank/core"}},
    },
}


def send(forge: str, event: str, message: Any, *, secret: bytes = SECRET, **headers: str) -> Webhook:
    body = message if isinstance(message, bytes) else msgspec.json.encode(message)
    digest = hmac.new(secret, body, hashlib.sha256).hexdigest()
    proof = {
        "gitlab": {"x-gitlab-token": secret.decode(), "x-gitlab-event": event, "x-gitlab-event-uuid": "d-1"},
        "github": {"x-hub-signature-256": f"sha256={digest}", "x-github-event": event, "x-github-delivery": "d-1"},
        "gitea": {"x-gitea-signature": digest, "x-gitea-event": event, "x-gitea-delivery": "d-1"},
        "git": {"x-plumbline-signature": sign_notification(body, secret), "x-plumbline-delivery": "d-1"},
    }[forge]
    return read_webhook(forge, {**proof, **headers}, body, SECRET)


DELIVERY_HEADERS = [
    "idempotency-key",
    "webhook-id",
    "x-forgejo-delivery",
    "x-gitea-delivery",
    "x-github-delivery",
    "x-gitlab-event-uuid",
    "x-plumbline-delivery",
]
EVENTS = [("gitlab", "Push Hook"), ("github", "push"), ("gitea", "push"), ("git", "")]


@pytest.mark.parametrize(("forge", "event"), EVENTS)
def test_a_push_is_read(forge: str, event: str) -> None:
    told = send(forge, event, PUSH)
    expected = (forge, WebhookKind.PUSH, "feature/x", ONE, TWO)
    assert (told.forge, told.kind, told.ref, told.before, told.after) == expected


@pytest.mark.parametrize(("forge", "event"), [("gitlab", "Tag Push Hook"), *EVENTS[1:]])
def test_a_tag_is_read(forge: str, event: str) -> None:
    told = send(forge, event, {"ref": "refs/tags/v1", "before": NONE, "after": TWO})
    assert (told.kind, told.ref, told.before, told.after) == (WebhookKind.TAG, "v1", "", TWO)


@pytest.mark.parametrize(("forge", "event"), EVENTS[1:])
@pytest.mark.parametrize("ref", ["refs/notes/commits", "refs/changes/01/1/1", "refs/x"])
def test_what_is_neither_a_branch_nor_a_tag_is_no_push(forge: str, event: str, ref: str) -> None:
    told = send(forge, event, {"ref": ref, "before": NONE, "after": TWO})
    assert (told.kind, told.ref) == (WebhookKind.OTHER, ref)


@pytest.mark.parametrize(("forge", "event"), EVENTS)
def test_a_removed_branch_has_no_commit(forge: str, event: str) -> None:
    assert send(forge, event, {"ref": "refs/heads/x", "before": ONE, "after": NONE}).after == ""


@pytest.mark.parametrize(
    ("forge", "event", "message", "action"),
    [
        ("gitlab", "Merge Request Hook", GITLAB_MERGE, "update"),
        ("github", "pull_request", GITHUB_MERGE, "synchronize"),
        ("gitea", "pull_request", GITHUB_MERGE, "synchronize"),
    ],
)
def test_a_merge_request_is_read(forge: str, event: str, message: Any, action: str) -> None:
    told = send(forge, event, message)
    assert (told.kind, told.action, told.ref, told.after) == (WebhookKind.MERGE_REQUEST, action, "x", TWO)
    request = told.merge_request
    assert request is not None
    assert (request.iid, request.source_branch, request.target_branch, request.labels) == (7, "x", "main", ("risk",))
    assert (request.fork, told.user) == ("fork/core", "mei")


def test_words_of_a_merge_request_are_not_its_commits() -> None:
    message = {**GITLAB_MERGE, "object_attributes": {**GITLAB_MERGE["object_attributes"], "oldrev": None}}  # type: ignore[dict-item]
    assert send("gitlab", "Merge Request Hook", message).action == "edit"


def test_push_options_of_gitlab() -> None:
    told = send("gitlab", "Push Hook", {**PUSH, "push_options": {"ci": {"skip": True}}})
    assert told.push_options == ("ci.skip",)


@pytest.mark.parametrize(("forge", "event"), EVENTS)
def test_what_proves_nothing_is_forged(forge: str, event: str) -> None:
    for given in (b"other", b"", "密".encode()):
        with pytest.raises(PlumblineError) as caught:
            send(forge, event, PUSH, secret=given)
        assert caught.value.code == "webhook-forged"


@pytest.mark.parametrize(("forge", "event"), EVENTS)
def test_without_a_secret_everything_is_forged(forge: str, event: str) -> None:
    with pytest.raises(PlumblineError) as caught:
        read_webhook(forge, {"x-gitlab-token": ""}, b"{}", b"")
    assert caught.value.code == "webhook-forged"


# Computed without our code: the body was piped into
# printf '%s.%s.%s' "$ID" "$AT" "$BODY" | openssl dgst -sha256 -mac HMAC -macopt hexkey:000102...1f -binary | base64
SIGNING_TOKEN = b"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
SIGNED_AT = 1_800_000_000
SIGNED_BODY = f'{{"ref":"refs/heads/main","before":"{ONE}","after":"{TWO}"}}'.encode()
SIGNATURE = "v1,FFFiUT99L9uv7zaYmdYDx0PQ6qvboAup1Zba6qojjrA="
SIGNED = {
    "x-gitlab-event": "Push Hook",
    "x-gitlab-event-uuid": "another",
    "idempotency-key": "another",
    "webhook-id": "f5e5f430-f57b-4e6e-9fac-d9128cd7232f",
    "webhook-timestamp": str(SIGNED_AT),
    "webhook-signature": SIGNATURE,
}


def send_signed(
    *, body: bytes = SIGNED_BODY, secret: bytes = SIGNING_TOKEN, now: float = SIGNED_AT, **changes: str
) -> Webhook:
    headers = {**SIGNED, **{name.replace("_", "-"): value for name, value in changes.items()}}
    return read_webhook("gitlab", headers, body, secret, clock=lambda: now)


@pytest.mark.parametrize(
    "signature",
    [SIGNATURE, f"v1,AAAA {SIGNATURE}", f"{SIGNATURE} v1,{'x' * 44}", f"v1a,AAAA v2,AAAA  {SIGNATURE} nothing"],
)
def test_gitlab_signs_with_one_of_several_signatures(signature: str) -> None:
    told = send_signed(webhook_signature=signature)
    assert (told.kind, told.ref, told.after) == (WebhookKind.PUSH, "main", TWO)
    assert told.delivery == SIGNED["webhook-id"]  # which is signed; the other names are not


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook_signature": "v1,AAAA"},
        {"webhook_signature": SIGNATURE.removeprefix("v1,")},
        {"webhook_signature": SIGNATURE.replace("v1,", "v2,")},
        {"webhook_signature": "v1,密"},
        {"webhook_signature": ""},
        {"webhook_id": "another"},
        {"webhook_id": ""},
        {"webhook_timestamp": str(SIGNED_AT + 1)},
        {"webhook_timestamp": ""},
        {"webhook_timestamp": "٣"},
        {"webhook_timestamp": "-1"},
        {"webhook_timestamp": "9" * 5000},
    ],
)
def test_a_wrong_signature_is_forged_even_with_the_right_token(changes: dict[str, str]) -> None:
    for body in (SIGNED_BODY, SIGNED_BODY + b" "):
        with pytest.raises(PlumblineError) as caught:
            send_signed(body=body, x_gitlab_token=SIGNING_TOKEN.decode(), **changes)
        assert caught.value.code == "webhook-forged"


def test_another_body_or_another_key_is_forged() -> None:
    for changed in (
        {"body": SIGNED_BODY.replace(b"main", b"Main")},
        {"secret": b"whsec_" + b"A" * 43 + b"="},
        {"secret": b"whsec_not base 64"},
        {"secret": b"whsec_"},
    ):
        with pytest.raises(PlumblineError) as caught:
            send_signed(**changed)  # type: ignore[arg-type]
        assert caught.value.code == "webhook-forged"


@pytest.mark.parametrize("seconds", [-301, 301, 10**8])
def test_a_right_signature_of_another_time_is_refused(seconds: int) -> None:
    with pytest.raises(PlumblineError) as caught:
        send_signed(now=SIGNED_AT + seconds)
    assert caught.value.code == "webhook-outdated"
    assert str(abs(seconds)) in str(caught.value.message)
    assert "clocks" in str(caught.value.hint)


@pytest.mark.parametrize("seconds", [-299, 299])
def test_clocks_may_differ_a_little(seconds: int) -> None:
    assert send_signed(now=SIGNED_AT + seconds).after == TWO


def test_who_signs_has_to_sign_everything() -> None:
    """The token alone is no proof any more where the project has a signing token."""
    headers = {"x-gitlab-event": "Push Hook", "x-gitlab-token": SIGNING_TOKEN.decode()}
    with pytest.raises(PlumblineError) as caught:
        read_webhook("gitlab", headers, SIGNED_BODY, SIGNING_TOKEN)
    assert caught.value.code == "webhook-forged"


def test_a_signature_that_cannot_be_verified_is_refused_with_the_right_token_and_says_what_to_do() -> None:
    with pytest.raises(PlumblineError) as caught:
        send_signed(secret=SECRET, x_gitlab_token=SECRET.decode())
    assert caught.value.code == "webhook-forged"
    assert "signing token" in str(caught.value.message)
    assert "repository settings" in str(caught.value.hint)


@pytest.mark.parametrize(("forge", "event"), EVENTS)
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"ref": 1}', b'{"ref": "refs/heads/x", "after": "--x"}'])
def test_what_cannot_be_read_is_refused(forge: str, event: str, body: bytes) -> None:
    with pytest.raises(PlumblineError) as caught:
        send(forge, event, body)
    assert caught.value.code == "webhook-unreadable"


def test_what_is_too_large_is_refused() -> None:
    with pytest.raises(PlumblineError) as caught:
        send("github", "push", b" " * (MAX_BODY + 1))
    assert caught.value.code == "webhook-too-large"


def test_another_event_is_let_be() -> None:
    assert send("github", "ping", {}).kind is WebhookKind.PING
    assert send("gitlab", "Note Hook", {}).kind is WebhookKind.OTHER


@pytest.mark.parametrize(("forge", "event"), EVENTS)
def test_a_delivery_keeps_its_name_whatever_the_headers_say_that_nothing_proves(forge: str, event: str) -> None:
    """A token beside the body vouches for all headers; a signature over the body alone for none."""
    changed = dict.fromkeys(DELIVERY_HEADERS, "d-2")
    first, again = (send(forge, event, PUSH, **headers).delivery for headers in ({}, changed))
    if forge == "gitlab":
        assert (first, again) == ("d-1", "d-2")
    else:
        assert first == again == f"sha256:{hashlib.sha256(msgspec.json.encode(PUSH)).hexdigest()}"


def test_a_delivery_without_a_name_is_named_by_what_it_says() -> None:
    body = msgspec.json.encode(PUSH)
    headers = {"x-gitlab-token": "hush", "x-gitlab-event": "Push Hook"}
    assert read_webhook("gitlab", headers, body, SECRET).delivery == f"sha256:{hashlib.sha256(body).hexdigest()}"


PROJECT = Project(path="bank/core", default_branch="main")


def test_a_mirror_follows_its_repository(tmp_path: Path) -> None:
    home = make_repository(tmp_path / "home", {"a": "1"})
    mirrors, binding = Mirrors(str(tmp_path / "mirrors")), Binding(project=3, kind="git", url=str(home))
    mirrors.fetch(binding)
    first = mirrors.change(binding, PROJECT, event=Event.PUSH)
    second = commit(home, {"a": "2"}, "Second")
    run_git(home, "tag", "-a", "v1", "-m", "One")
    mirrors.fetch(binding)
    after = mirrors.change(binding, PROJECT, event=Event.PUSH, ref="main", before=first.sha)
    assert (after.sha, after.before_sha, after.branch, after.message) == (second, first.sha, "main", "Second\n")
    tag = mirrors.change(binding, PROJECT, event=Event.PUSH, ref="refs/tags/v1")
    assert (tag.sha, tag.tag, tag.tag_message) == (second, "v1", "One")
    assert mirrors.heads(3) == {"refs/heads/main": second, "refs/tags/v1": second}
    assert mirrors.remote_heads(binding) == mirrors.heads(3)


@pytest.mark.parametrize("gone", [False, True])
def test_what_the_remote_calls_its_default_branch_is_learnt_again(tmp_path: Path, gone: bool) -> None:
    home = make_repository(tmp_path / "home", {"a": "1"})
    mirrors, binding = Mirrors(str(tmp_path / "mirrors")), Binding(project=3, kind="git", url=str(home))
    mirrors.fetch(binding)
    assert mirrors.default_branch(3) == "main"
    run_git(home, *(["branch", "-m", "main", "trunk"] if gone else ["checkout", "-q", "-b", "trunk"]))
    mirrors.fetch(binding)
    assert mirrors.default_branch(3) == "trunk"


def test_of_what_git_said_the_end_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "remote: a word of the day\n" * 200 + "fatal: the disk is full"
    monkeypatch.setattr("plumbline.adapters.forges.mirrors.words_of", lambda *_: said)
    mirrors = Mirrors(str(tmp_path / "mirrors"))
    with pytest.raises(PlumblineError) as caught:
        mirrors.fetch(Binding(project=3, kind="git", url=str(tmp_path / "nowhere")))
    told = str(caught.value.message)
    assert told.endswith("fatal: the disk is full")
    assert len(told) < 2000  # as much as a delivery keeps


def test_null_in_what_is_not_needed_loses_nothing() -> None:
    told = send("git", "", {"ref": "refs/heads/main", "before": None, "after": TWO, "user": None, "push_options": None})
    assert (told.ref, told.before, told.after, told.user, told.push_options) == ("main", "", TWO, "", ())
    for wrong in ({"ref": None, "after": TWO}, {"ref": "refs/heads/main", "before": ONE}):
        with pytest.raises(PlumblineError) as caught:
            send("git", "", wrong)
        assert caught.value.code == "webhook-unreadable"


def test_a_commit_is_no_branch_to_start_a_pipeline_for(tmp_path: Path) -> None:
    home = make_repository(tmp_path / "home", {"a": "1"})
    first, second = run_git(home, "rev-parse", "HEAD"), commit(home, {"a": "2"})
    mirrors, binding = Mirrors(str(tmp_path / "mirrors")), Binding(project=3, kind="git", url=str(home))
    mirrors.fetch(binding)
    mirrors.keep(3, first)
    told = []
    for ref in (second, first, first[:9], f"refs/keep/{first}"):
        with pytest.raises(PlumblineError) as caught:
            mirrors.change(binding, PROJECT, event=Event.WEB, ref=ref)
        told.append((caught.value.code, ref in str(caught.value.message), "main" in str(caught.value.hint)))
    assert told == [("ref-is-a-commit", True, True), *[("ref-is-a-commit", True, False)] * 3]


def test_an_unknown_ref_is_told_without_the_place_of_the_mirror(tmp_path: Path) -> None:
    home = make_repository(tmp_path / "home", {"a": "1"})
    mirrors, binding = Mirrors(str(tmp_path / "mirrors")), Binding(project=3, kind="git", url=str(home))
    mirrors.fetch(binding)
    change = mirrors.change(binding, PROJECT, event=Event.PUSH)
    files = files_at(mirrors.repository(3), change, committed=True)
    for ask in (
        lambda: mirrors.change(binding, PROJECT, event=Event.PUSH, ref="absent"),
        lambda: files.changed("absent"),
        lambda: files.project("bank/core", "absent"),
    ):
        with pytest.raises(PlumblineError) as caught:
            ask()
        assert caught.value.code == "unknown-ref"
        assert "absent in bank/core" in str(caught.value.message)
        assert str(tmp_path) not in f"{caught.value.message} {caught.value.hint}"


def test_a_commit_that_is_kept_outlives_its_branch(tmp_path: Path) -> None:
    home = make_repository(tmp_path / "home", {"a": "1"})
    mirrors, binding = Mirrors(str(tmp_path / "mirrors")), Binding(project=3, kind="git", url=str(home))
    lost = commit(home, {"a": "2"})
    mirrors.fetch(binding)
    mirrors.keep(3, lost)
    run_git(home, "reset", "-q", "--hard", "HEAD~1")
    mirrors.fetch(binding)
    subprocess.run(["git", "gc", "-q", "--prune=now"], cwd=mirrors.path(3), check=True)
    assert mirrors.change(binding, PROJECT, event=Event.PUSH, ref="main", sha=lost).sha == lost
    with pytest.raises(PlumblineError) as caught:
        mirrors.change(binding, PROJECT, event=Event.PUSH, ref="main", sha=ONE)
    assert caught.value.code == "unknown-commit"


def test_a_merge_request_is_fetched_and_compared(tmp_path: Path) -> None:
    home = make_repository(tmp_path / "home", {"a": "1"})
    base = run_git(home, "rev-parse", "HEAD")
    run_git(home, "checkout", "-q", "-b", "x")
    head = commit(home, {"b": "1"})
    run_git(home, "update-ref", "refs/merge-requests/7/head", head)
    run_git(home, "checkout", "-q", "main")
    run_git(home, "branch", "-D", "x")
    mirrors, binding = Mirrors(str(tmp_path / "mirrors")), Binding(project=3, kind="gitlab", url=str(home))
    mirrors.fetch(binding, merge_request=7)
    request = MergeRequest(iid=7, source_branch="x", target_branch="main", source_sha=head)
    change = mirrors.change(binding, PROJECT, event=Event.MERGE_REQUEST, merge_request=request)
    assert change.merge_request is not None
    assert (change.sha, change.branch, change.ref, change.merge_request.diff_base_sha) == (head, "", "x", base)


def test_of_a_git_that_is_killed_the_signal_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It had no time to say why, and "vanished" would send people to a repository where all is well."""
    killed = tmp_path / "bin" / "git"
    killed.parent.mkdir()
    killed.write_text("#!/bin/sh\necho 'remote: Counting objects' >&2\nkill -9 $$\n")
    killed.chmod(0o755)
    monkeypatch.setattr(command, "_environment", lambda: {"PATH": f"{killed.parent}:{os.environ['PATH']}"})
    mirrors = Mirrors(str(tmp_path / "mirrors"), hosts=lambda _: ("127.0.0.1",))
    with pytest.raises(PlumblineError) as caught:
        mirrors.remote_heads(Binding(project=1, kind="git", url="https://127.0.0.1/x.git"))
    assert "remote: Counting objects; git was ended by the signal SIGKILL" in str(caught.value.message)
    with pytest.raises(PlumblineError) as caught:
        git(["log"], str(tmp_path))
    assert "SIGKILL" in str(caught.value.message)


def test_a_repository_that_vanished_is_told_without_its_password(tmp_path: Path) -> None:
    for hosts, code in (("127.0.0.1:1",), "repository-vanished"), ((), "repository-host-refused"):
        mirrors = Mirrors(str(tmp_path / "mirrors"), hosts=lambda _, named=hosts: named)
        with pytest.raises(PlumblineError) as caught:
            mirrors.fetch(Binding(project=3, kind="git", url="http://me:geheim@127.0.0.1:1/x.git"))
        assert caught.value.code == code
        assert "geheim" not in str(caught.value)
    assert not (tmp_path / "mirrors" / "3.git").exists()


def test_a_damaged_copy_is_told_by_the_name_of_the_project_not_by_where_it_lies(tmp_path: Path) -> None:
    home = make_repository(tmp_path / "home", {"a": "1"})
    mirrors, binding = Mirrors(str(tmp_path / "mirrors")), Binding(project=3, kind="git", url=str(home))
    mirrors.fetch(binding)
    mirrors.repository(3, "bank/core")
    (tmp_path / "mirrors" / "3.git" / "HEAD").unlink()
    for mirror in (mirrors, Mirrors(str(tmp_path / "mirrors"))):
        with pytest.raises(PlumblineError) as caught:
            mirror.repository(3, "bank/core").resolve("main") or mirror.heads(3)
        assert caught.value.code == "repository-unreadable"
        assert "bank/core" in str(caught.value)
        assert str(tmp_path) not in str(caught.value)


def test_the_hook_is_one_line_and_never_stops_a_push(tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "init", "-q", "--bare", str(bare)], check=True)
    told = tmp_path / "told"
    install_hook(
        str(bare), [sys.executable, "-c", f"import sys; open({str(told)!r}, 'w').write(sys.stdin.read()); 1/0"]
    )
    install_hook(
        str(bare), [sys.executable, "-c", f"import sys; open({str(told)!r}, 'w').write(sys.stdin.read()); 1/0"]
    )
    home = make_repository(tmp_path / "home", {"a": "1"})
    run_git(home, "push", "-q", str(bare), "main")
    assert told.read_text().split() == [NONE, run_git(home, "rev-parse", "HEAD"), "refs/heads/main"]
    (bare / "hooks" / "post-receive").write_text("#!/bin/sh\necho mine\n")
    with pytest.raises(PlumblineError) as caught:
        install_hook(str(bare), ["plumb", "notify"])
    assert caught.value.code == "hook-exists"


@pytest.mark.parametrize(("forge", "event"), EVENTS)
def test_a_message_of_any_depth_is_refused_or_read(forge: str, event: str) -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    with pytest.raises(PlumblineError) as caught:
        send(forge, event, b'{"ref": "refs/heads/x", "unknown": ' + deep + b"}")
    assert caught.value.code == "webhook-unreadable"
