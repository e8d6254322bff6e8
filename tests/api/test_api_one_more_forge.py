"""One more kind of forge is one file: API, its document, webhook, mirror, events and the reference know it."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess

import pytest
from tests.one_more_forge import NAME, one_more_forge
from tools.forge_pages import forges_page

from plumbline.model.server import Outcome
from plumbline.model.tree import NodeKind


@pytest.fixture(autouse=True)
def added(tmp_path):
    with one_more_forge(tmp_path / "more"):
        yield


@pytest.fixture
def bare(tmp_path):
    """A repository with main and with a proposal that is on no branch; both commits."""
    home, bare = tmp_path / "home", tmp_path / "bare.git"
    home.mkdir()

    def git(*words, folder=home):
        identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
        done = subprocess.run(["git", *identity, *words], cwd=folder, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    git("init", "-q", "-b", "main")
    (home / ".gitlab-ci.yml").write_text("good: {script: [echo hello], rules: [when: always]}\n")
    git("add", ".")
    git("commit", "-q", "-m", "Begin")
    main = git("rev-parse", "HEAD")
    git("clone", "-q", "--bare", str(home), str(bare), folder=tmp_path)
    git("commit", "-q", "--allow-empty", "-m", "Propose")
    git("push", "-q", str(bare), "HEAD:refs/proposals/7/tip")
    return str(bare), main, git("rev-parse", "HEAD")


@pytest.fixture
def project(api):
    return api.node("core", NodeKind.PROJECT, parent=api.node("bank").id).id


@pytest.fixture
def send(api, admin, project, bare):
    body = {"kind": NAME, "url": bare[0]}
    bound = api.ask("PUT", f"/api/v1/projects/{project}/repository", token=admin, json=body).json()
    assert (bound["kind"], bound["hook"]) == (NAME, f"/hooks/{NAME}/{project}")

    def send(event, message, secret=bound["secret"]):
        content = json.dumps(message).encode()
        proof = hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
        return api.ask("POST", bound["hook"], content=content, headers={"X-Quay-Proof": proof, "X-Quay-Event": event})

    return send


def test_its_webhook_makes_a_pipeline_and_events_name_it(api, send, bare):
    assert send("pushed", {"branch": "refs/heads/main", "head": bare[1]}, secret="guessed").status_code == 401
    answer = send("pushed", {"branch": "main", "head": bare[1]})
    assert api.carried_out(answer).outcome is Outcome.PIPELINE
    for kind in ("delivery.accepted", "delivery.refused"):
        assert [one["subject"]["content"]["origin"] for one in api.events(kind)] == [NAME]


def test_the_mirror_fetches_its_merge_requests(api, admin, send, bare):
    made = api.carried_out(send("proposal", {"branch": "x", "head": bare[2], "number": 7, "into": "main"}))
    pipeline = api.get(f"/pipelines/{made.pipeline}", token=admin).json()
    assert (made.outcome, pipeline["pipeline"]["sha"]) == (Outcome.PIPELINE, bare[2])


def test_the_api_and_its_document_name_what_there_is(api, admin, project, bare):
    document = api.ask("GET", "/api/openapi.json").json()
    names = ["git", "gitea", "github", "gitlab", NAME]
    assert document["components"]["schemas"]["RepositoryWrite"]["properties"]["kind"] == {"enum": names}
    [address] = [each for each in document["paths"] if each.startswith("/hooks/") and each.endswith("}")]
    assert document["paths"][address]["post"]["parameters"][0]["schema"] == {"enum": names}
    body = {"kind": "nowhere", "url": bare[0]}
    refused = api.ask("PUT", f"/api/v1/projects/{project}/repository", token=admin, json=body)
    assert (refused.status_code, refused.json()["type"]) == (422, "unknown-forge")
    assert "git, gitea, github, gitlab, quay" in refused.json()["hint"]
    assert api.ask("POST", f"/hooks/nowhere/{project}", content=b"{}").status_code == 404


def test_the_reference_page_says_what_it_understands():
    page = forges_page("en")
    for said in (
        "## Quay of the bank",
        "`/hooks/quay/N`",
        "Moor the webhook",
        "`refs/proposals/N/tip`",
        "| `proposal` |",
    ):
        assert said in page
