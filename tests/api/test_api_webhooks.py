"""Webhooks from whoever can reach the server: forged, sent again, and with what no forge ever sends in them."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import subprocess
from base64 import b64encode

import httpx
import pytest

from plumbline.api import dispatch
from plumbline.cli.commands.notify import notifications
from plumbline.model.server import Outcome
from plumbline.model.tree import NodeKind

pytestmark = pytest.mark.slow

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
        body = {"kind": kind, "url": bare[0] + ("/" if kind == "gitea" else "")}
        answer = api.ask("PUT", f"/api/v1/projects/{project}/repository", token=admin, json=body)
        secret = answer.json()["secret"]

        def send(message, delivery, secret=secret, content=None):
            content = json.dumps(message).encode() if content is None else content
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
def test_a_signed_message_is_not_heard_again_under_another_name(api, bare, hook, kind):
    send = hook(kind)
    first = send(push(bare[1]), "one")
    made = api.carried_out(first)
    assert made.outcome is Outcome.PIPELINE
    again = send(push(bare[1]), "another")
    earlier = {"outcome": "pipeline", "pipeline": made.pipeline, "delivery": made.id, "reason": ""}
    assert (again.status_code, again.json()) == (200, earlier)
    assert not api.events("delivery.refused")


@pytest.mark.parametrize("kind", ["github", "git"])
def test_notes_that_are_pushed_are_nothing_to_do(api, bare, hook, kind):
    answer = hook(kind)(push(bare[1]) | {"ref": "refs/notes/commits"}, "d1")
    assert (answer.status_code, answer.json()["outcome"]) == (200, "nothing")
    assert not api.events("delivery.refused")


@pytest.mark.parametrize("ref", ["refs/heads/ma\0in", "refs/heads/main\n--x", "refs/heads/" + "x" * 5000])
def test_a_branch_that_cannot_be_is_refused_and_recorded(api, bare, hook, ref):
    answer = hook("gitlab")(push(bare[1]) | {"ref": ref}, "d1")
    assert (answer.status_code, answer.json()["outcome"], answer.json()["reason"]) == (
        200,
        "refused",
        "webhook-unreadable",
    )
    assert [one["subject"]["content"]["reason"] for one in api.events("delivery.refused")] == ["webhook-unreadable"]


def test_names_of_people_are_kept_as_long_as_names_are(api, admin, bare, hook):
    answer = hook("gitlab")(push(bare[1], user_username="kim\n\0" + "k" * 2_000_000, user_name="x" * 2_000_000), "d1")
    assert api.carried_out(answer).outcome is Outcome.PIPELINE
    [queued] = api.events("pipelinerun.queued")
    person = queued["customData"]["person"]
    assert person.startswith("kim  kkk")
    assert len(person) == 255


def test_the_same_push_later_is_another_message():
    lines = [f"{ZEROS} {'a' * 40} refs/heads/main\n"]
    [one], [again], [later] = (notifications(lines, {}, at) for at in (1, 1, 2))
    assert one == again
    assert one.delivery != later.delivery


def test_who_proves_nothing_learns_nothing_of_what_there_is(api, admin, bare, hook):
    """One answer for a project that is bound, one at another forge, one without a repository, and none at all."""
    send, gitea = hook("gitlab"), hook("gitea")
    assert send(push(bare[1]), "d1").status_code == 202
    assert gitea(push(bare[1]), "d1").status_code == 202
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


@pytest.mark.parametrize("proof", [
    {"X-Gitlab-Token": "guessed"},
    {"Webhook-Signature": "v1,x", "Webhook-Id": "1", "Webhook-Timestamp": "1800000000"},
    {},
])  # fmt: skip
def test_the_time_of_the_answer_does_not_tell_either(api, admin, bare, hook, monkeypatch, proof):
    """As much is opened and hashed for a project that is bound as for one that is not."""
    hook("gitlab")
    with api.tools.units.store.view() as tx:
        number = {node.name: node.id for node in tx.tree.all()}
    body = b"x" * 10_000
    work = []
    new, vault = hmac.new, api.tools.pipelines.vault

    def counted(key, told=b"", kind=None):
        work.append(("hashed", len(told)))
        return new(key, told, kind)

    monkeypatch.setattr(hmac, "new", counted)
    for name in ("seal", "open"):
        monkeypatch.setattr(type(vault), name, _noted(getattr(type(vault), name), name, work))
    told = []
    for token in ("", f"whsec_{b64encode(b'k' * 32).decode()}"):
        if token:
            url = "https://gitlab.bank.example/pay/core.git"
            bound = {"kind": "gitlab", "url": url, "signing_token": token}
            answer = api.ask("PUT", f"/api/v1/projects/{number['gitlab']}/repository", token=admin, json=bound)
            assert answer.status_code == 200, answer.text
        for project in (number["gitlab"], number["bank"], 4711):
            work.clear()
            answer = api.ask("POST", f"/hooks/gitlab/{project}", content=body, headers=proof)
            assert answer.status_code == 401
            told.append([one for one in work if one[0] != "hashed" or one[1] >= len(body)])
    assert told == [told[0]] * 6
    assert [one[0] for one in told[0] if one[0] != "hashed"] == ["seal", "open"]


def _noted(function, name, work):
    def noting(*given):
        work.append((name,))
        return function(*given)

    return noting


def test_the_answer_waits_for_no_repository(api, admin, bare, hook):
    answer = hook("git")(push(bare[1]), "d1")
    assert (answer.status_code, answer.json()["outcome"], answer.json()["pipeline"]) == (202, "queued", 0)
    assert not api.events("pipelinerun.queued")
    again = hook_again(api, admin, answer)
    assert again["outcome"] == "queued"
    made = api.carried_out(answer)
    assert hook_again(api, admin, answer)["pipeline"] == made.pipeline


def hook_again(api, admin, answer):
    """The delivery as the project lists it."""
    with api.tools.units.store.view() as tx:
        project = tx.deliveries.get(answer.json()["delivery"]).project
    [one] = api.get(f"/projects/{project}/deliveries", token=admin).json()["deliveries"]
    assert one["number"] == answer.json()["delivery"]
    return one


def test_two_pushes_with_one_id_are_two(api, bare, hook):
    send = hook("gitlab")
    ones = [send(push(bare[1], user_username=name), "uuid") for name in ("ann", "ben")]
    assert ones[0].json()["delivery"] != ones[1].json()["delivery"]
    first = api.carried_out(ones[0])
    again = send(push(bare[1], user_username="ben"), "uuid")
    assert (again.status_code, again.json()["pipeline"], again.json()["reason"]) == (200, first.pipeline, "told-before")


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"ref": 5}', b'{"ref": "refs/heads/main", "after": "x"}'])
def test_what_proves_itself_and_cannot_be_read_is_taken(api, admin, bare, hook, body):
    """Forges switch off webhooks that are refused."""
    send = hook("github")
    answer = send(None, "d1", content=body)
    assert (answer.status_code, answer.json()["outcome"], answer.json()["reason"]) == (
        200,
        "refused",
        "webhook-unreadable",
    )
    assert send(None, "d1", content=body).json() == answer.json()
    assert [one["subject"]["content"]["reason"] for one in api.events("delivery.refused")] == ["webhook-unreadable"]


def test_a_message_as_large_as_forges_send_them(api, bare, hook):
    commits = [{"id": "f" * 40, "message": "x" * 1000, "added": ["y" * 100] * 20} for _ in range(8000)]
    answer = hook("github")(push(bare[1], commits=commits), "d1")
    assert len(json.dumps(commits)) > 24_000_000
    assert api.carried_out(answer).outcome is Outcome.PIPELINE


def test_what_is_larger_is_refused(api, bare, hook):
    answer = hook("github")(push(bare[1], more="x" * (27 << 20)), "d1")
    assert (answer.status_code, answer.json()["type"]) == (413, "body-too-large")


def test_few_large_messages_are_looked_at_at_once(api, monkeypatch):
    """Whoever can reach the server may send them, and no proof is known before the end."""
    answer, now, most = dispatch.Dispatcher._answer, [0], [0]

    def counted(self, route, request, data):
        now[0] += 1
        most[0] = max(most[0], now[0])
        try:
            return answer(self, route, request, data)
        finally:
            now[0] -= 1

    monkeypatch.setattr(dispatch.Dispatcher, "_answer", counted)

    async def all_at_once():
        transport = httpx.ASGITransport(app=api.app, client=("127.0.0.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://plumb.test") as client:
            sent = [client.post("/hooks/git/9", content=b"x" * (2 << 20)) for _ in range(8)]
            return await asyncio.gather(*sent)

    assert {answer.status_code for answer in asyncio.run(all_at_once())} == {401}
    assert 1 <= most[0] <= dispatch.LARGE_AT_ONCE
