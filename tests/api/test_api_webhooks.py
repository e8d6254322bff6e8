"""Webhooks from whoever can reach the server: forged, sent again, and with what no forge ever sends in them."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess

import pytest

from plumbline.cli.commands.notify import notifications
from plumbline.model.tree import NodeKind

ZEROS = "0" * 40


@pytest.fixture
def bare(tmp_path):
    """A bare repository with one commit on main, and the id of that."""
    home = tmp_path / "home"
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]

    def git(*words, folder=home):
        done = subprocess.run(["git", *identity, *words], cwd=folder, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    home.mkdir()
    git("init", "-q", "-b", "main")
    (home / ".gitlab-ci.yml").write_text("good: {script: [echo hello]}\n")
    git("add", ".")
    git("commit", "-q", "-m", "Begin")
    git("clone", "-q", "--bare", str(home), str(tmp_path / "bare.git"), folder=tmp_path)
    return str(tmp_path / "bare.git"), git("rev-parse", "HEAD")


@pytest.fixture
def hook(api, admin, bare):
    """Sends a message to a project whose repository is at a kind of forge."""
    bank = api.node("bank").id

    def bind(kind):
        project = api.node(kind, NodeKind.PROJECT, parent=bank).id
        body = {"kind": kind, "url": bare[0]}
        answer = api.ask("PUT", f"/api/v1/projects/{project}/repository", token=admin, json=body)
        secret = answer.json()["secret"]

        def send(message, delivery, secret=secret):
            content = json.dumps(message).encode()
            signature = hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
            headers = {
                "gitlab": {"X-Gitlab-Token": secret, "X-Gitlab-Event": "Push Hook", "Idempotency-Key": delivery},
                "github": {
                    "X-Hub-Signature-256": f"sha256={signature}",
                    "X-GitHub-Event": "push",
                    "X-GitHub-Delivery": delivery,
                },
                "gitea": {"X-Gitea-Signature": signature, "X-Gitea-Event": "push", "X-Gitea-Delivery": delivery},
                "git": {"X-Plumbline-Signature": signature, "X-Plumbline-Delivery": delivery},
            }[kind]
            return api.ask("POST", f"/hooks/{kind}/{project}", content=content, headers=headers)

        return send

    return bind


def push(sha, **more):
    return {"ref": "refs/heads/main", "before": ZEROS, "after": sha, **more}


def test_forged_messages_are_recorded_and_many_are_counted(api, bare, hook):
    send = hook("gitlab")
    answers = [send(push(bare[1]), f"d{number}", secret="guessed") for number in range(25)]
    assert {answer.status_code for answer in answers} == {401}
    refused = api.events("delivery.refused")
    assert [one["subject"]["content"]["reason"] for one in refused] == ["webhook-forged"] * 10


@pytest.mark.parametrize("kind", ["github", "gitea", "git"])
def test_a_signed_message_is_not_heard_again_under_another_name(bare, hook, kind):
    send = hook(kind)
    assert send(push(bare[1]), "one").json()["outcome"] == "pipeline"
    again = send(push(bare[1]), "another")
    assert (again.status_code, again.json()["type"]) == (409, "delivery-replayed")


@pytest.mark.parametrize("kind", ["github", "git"])
def test_notes_that_are_pushed_are_nothing_to_do(api, bare, hook, kind):
    answer = hook(kind)(push(bare[1]) | {"ref": "refs/notes/commits"}, "d1")
    assert (answer.status_code, answer.json()["outcome"]) == (200, "nothing")
    assert not api.events("delivery.refused")


@pytest.mark.parametrize("ref", ["refs/heads/ma\0in", "refs/heads/main\n--x", "refs/heads/" + "x" * 5000])
def test_a_branch_that_cannot_be_is_refused_and_recorded(api, bare, hook, ref):
    answer = hook("gitlab")(push(bare[1]) | {"ref": ref}, "d1")
    assert (answer.status_code, answer.json()["type"]) == (422, "webhook-unreadable")
    assert [one["subject"]["content"]["reason"] for one in api.events("delivery.refused")] == ["webhook-unreadable"]


def test_names_of_people_are_kept_as_long_as_names_are(api, admin, bare, hook):
    answer = hook("gitlab")(push(bare[1], user_username="kim\n\0" + "k" * 2_000_000, user_name="x" * 2_000_000), "d1")
    assert answer.json()["outcome"] == "pipeline"
    [queued] = api.events("pipelinerun.queued")
    person = queued["customData"]["person"]
    assert person.startswith("kim  kkk")
    assert len(person) == 255


def test_the_same_push_later_is_another_message():
    lines = [f"{ZEROS} {'a' * 40} refs/heads/main\n"]
    [one], [again], [later] = (notifications(lines, {}, at) for at in (1, 1, 2))
    assert one == again
    assert one[1] != later[1]


def test_who_proves_nothing_learns_nothing_of_what_there_is(api, admin, bare, hook):
    """One answer for a project that is bound, one at another forge, one without a repository, and none at all."""
    send, gitea = hook("gitlab"), hook("gitea")
    assert send(push(bare[1]), "d1").status_code == 200
    assert gitea(push(bare[1]), "d1").status_code == 200
    with api.tools.units.store.view() as tx:
        number = {node.name: node.id for node in tx.tree.all()}
    asked = {f"/hooks/{forge}/{project}" for forge in ("gitlab", "github", "gitea", "git")
             for project in (number["gitlab"], number["gitea"], number["bank"], 4711)}  # fmt: skip
    proofs = [{}, {"X-Gitlab-Token": "guessed"}, {"Webhook-Signature": "v1,x", "Webhook-Id": "1"},
              {"X-Hub-Signature-256": "sha256=00"}, {"X-Plumbline-Signature": "\xff"}]  # fmt: skip
    told = set()
    for path in asked:
        for proof in proofs:
            for body in (b"", b"{}", b"not json", json.dumps(push(bare[1])).encode()):
                headers = {name: value.encode("latin-1") for name, value in proof.items()}
                answer = api.ask("POST", path, content=body, headers=headers)
                told.add((answer.status_code, *(answer.json()[name] for name in ("type", "title", "detail", "hint"))))
    assert len(told) == 1
    assert next(iter(told))[:2] == (401, "webhook-forged")
    kinds = {name: len(api.events(name)) for name in ("delivery.refused", "access.refused")}
    assert kinds == {"delivery.refused": 40, "access.refused": 0}  # ten of each kind of forge; the rest is counted
