"""Whether the story of the demo really happened: asked of the server and of its ledger, not of those who told it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from plumbline.cli.demo.grading import graded, replayed, reported, reviewed
from plumbline.cli.demo.guarding import LINE, closed, outcomes, verified_elsewhere
from plumbline.cli.demo.story import ENDED, STATEMENT, interfaces, newest
from plumbline.kernel import Text, t

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from plumbline.cli.demo.client import Client
    from plumbline.cli.demo.story import Story

_TESTS = ("unit", "component", "api: [half-even]", "api: [half-up]", "user")
_DIGEST = re.compile(r"\b([0-9a-f]{64})  \S+\.pyz\b")
_SAID = {
    "https://slsa.dev/provenance/v1",
    "https://in-toto.io/attestation/test-result/v0.1",
    "https://cyclonedx.org/bom",
}
_OWN_PATIENCE = 30.0  # seconds for the first job of this project's own pipeline
# What the ledger must tell of every pipeline, of every job that ran, and of everything else, at least so often.
_OF_PIPELINES = ("pipelinerun.queued", "pipelinerun.started", "pipelinerun.finished")
_OF_JOBS = ("taskrun.started", "taskrun.finished")
_OF_THE_REST = {
    "person.created": 9, "person.signedIn": 18, "role.granted": 9, "node.created": 5, "variable.written": 1,
    "delivery.accepted": 2, "delivery.refused": 1, "access.refused": 1, "deployment.started": 1,
    "deployment.finished": 1, "commit.observed": 2, "tree.inspected": 1, "statement.attested": 1,
    "statement.reviewed": 1, "change.reviewed": 5, "change.merged": 5, "identity.linked": 4, "assessment.finished": 1,
    "ruleSet.saved": 2, "collection.opened": 2, "collection.closed": 2, "gate.evaluated": 3, "waiver.asked": 1,
    "waiver.decided": 1, "runStatement.signed": 2,
}  # fmt: skip


class Finding(NamedTuple):
    """One step; ``wrong`` empty: it happened."""

    step: Text
    wrong: str


def examine(story: Story, data: Path, own: Path) -> Iterator[Finding]:
    """Ask the running server about every step."""
    auditor = story.staff.clients["auditor"]
    yield Finding(t("every person signs in with the password that is shown"), _sign_in_again(story))
    yield Finding(t("the pushed mistake fails in its test, twice, and nothing is deployed of it"), _red(story, auditor))
    yield Finding(t("the mended sum passes, its child pipeline too"), _green(story, auditor))
    yield Finding(
        t("tests of four layers are on record, each operation of the interface was counted"), _tested(story, auditor)
    )
    yield Finding(t("the same commit was built twice into the same bytes"), _built_again(story, auditor))
    yield Finding(
        t("it is published under its digest, with provenance, test result and bill of materials"),
        _published(story, auditor),
    )
    yield Finding(t("the operator, and nobody else, deployed it"), _deployed(story, auditor))
    yield Finding(t("the masked variable was used, and is in no log"), _masked(story, auditor, data))
    if "own" in story.pipelines:
        yield Finding(t("Plumbline's own pipeline ran"), _own(story, auditor))
    yield Finding(t("the wrong role and the forged webhook were refused"), _refused(story))
    yield Finding(t("the deleted scan was missed, by its contract"), _missed(story, auditor))
    yield Finding(t("a gate refused what the scan found, and two persons let it through"), _let_through(story, auditor))
    yield Finding(
        t("`plumb evidence verify` believes the statement about the run, and not a changed one"),
        verified_elsewhere(data, own / STATEMENT),
    )
    yield Finding(t("the grade opens down to events of the ledger"), graded(auditor, story.grade))
    yield Finding(
        t("the reviews that a forge told are on record, and not judged by their first day"),
        reviewed(auditor, story.grade),
    )
    yield Finding(t("the report is there, as PDF and as HTML"), reported(own))
    yield Finding(t("the ledger tells of all of it"), _told(story, auditor))


def verify(data: Path, size: int) -> Finding:
    """Let ``plumb ledger verify`` look at everything, after the server has ended."""
    command = [sys.executable, "-m", "plumbline", "ledger", "verify", "--json", "--data", str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    step = t("`plumb ledger verify` finds every entry as it was, and signed")
    if done.returncode != 0:
        return Finding(step, done.stdout.strip() or done.stderr.strip())
    report = json.loads(done.stdout)
    whole = report["first"] == 1 and report["last"] >= size > 0 and report["signed"] >= size
    return Finding(step, "" if whole else done.stdout.strip())


def compute_again(story: Story, data: Path, own: Path) -> Finding:
    """Let `plumb assess replay` compute the grade from its file, after the server has ended."""
    step = t("`plumb assess replay` computes the same grade from its file and the public key")
    return Finding(step, replayed(data, own, story.grade))


def stop_ourselves(story: Story) -> None:
    """Let this project's own pipeline do its first job, and cancel what would take minutes."""
    admin, pipeline = story.staff.clients["admin"], story.pipelines.get("own")
    if pipeline is None:
        return
    patience = _OWN_PATIENCE if story.prepared else _OWN_PATIENCE / 3
    end = time.monotonic() + patience
    while newest(admin, pipeline, "setup")["state"] not in ENDED and time.monotonic() < end:
        time.sleep(0.2)
    end = time.monotonic() + _OWN_PATIENCE
    while admin.get(f"/api/v1/pipelines/{pipeline}")["pipeline"]["state"] not in ENDED and time.monotonic() < end:
        admin.send("POST", f"/api/v1/pipelines/{pipeline}/cancel")  # refused where it ended just now
        time.sleep(0.2)


def _sign_in_again(story: Story) -> str:
    from plumbline.cli.demo.client import Client

    for name, password in story.staff.passwords.items():
        again = Client(story.staff.clients[name].url)
        again.enter("/api/v1/session", {"name": name, "password": password})
        if again.get("/api/v1/me")["person"]["name"] != name:
            return name
        again.ask("DELETE", "/api/v1/session")
    return ""


def _red(story: Story, auditor: Client) -> str:
    told = auditor.get(f"/api/v1/pipelines/{story.pipelines['red']}")
    jobs = told["jobs"]
    attempts = [job for job in jobs if job["name"] == "unit"]
    log = auditor.log(story.jobs["first"])
    return _first_wrong(
        sha=told["pipeline"]["sha"] == story.commits["red"],
        event=told["pipeline"]["event"] == "push",
        state=told["pipeline"]["state"] == "failed",
        attempts=[job["attempt"] for job in attempts] == [1, 2],
        failures=all(job["state"] == "failed" and job["exit_code"] == 1 for job in attempts),
        deploy=all(job["state"] in ("skipped", "created") for job in jobs if job["name"] in ("deploy", "package")),
        log="FAIL: test_an_annuity" in log and "860.66" in log,
        second_log="FAIL: test_an_annuity" in auditor.log(story.jobs["again"]),
    )


def _green(story: Story, auditor: Client) -> str:
    told = auditor.get(f"/api/v1/pipelines/{story.pipelines['green']}")
    passed = {job["name"] for job in told["jobs"] if job["state"] == "success"}
    style = newest(auditor, story.pipelines["green"], "style")
    trigger = newest(auditor, story.pipelines["green"], "package")["id"]
    below = [one for one in _pipelines_of_quotes(story, auditor) if one["upstream"] == trigger]
    return _first_wrong(
        sha=told["pipeline"]["sha"] == story.commits["green"],
        state=told["pipeline"]["state"] == "success",
        jobs={"build", "web:build", *_TESTS, "schema", "package", "publish"} <= passed,
        style=style["state"] == "failed" and style["allow_failure"],
        child=[one["state"] for one in below] == ["success"],
    )


def _tested(story: Story, auditor: Client) -> str:
    """By hand: openapi.json declares three operations, and the mistake came with a test less."""
    counted = []
    for pipeline in (story.pipelines["red"], story.pipelines["green"]):
        [contract] = interfaces(auditor, pipeline)
        missing = [f"{one['verb']} {one['name']}" for one in contract["operations"] if one["standing"] != "covered"]
        counted.append((contract["covered"], contract["declared"], missing, contract["drift"]))
    suites = [body["customData"]["types"] for body in _events(auditor, "testsuiterun.finished")]
    ran = {kind for suite in suites for kind, count in suite.items() if count}
    return _first_wrong(
        red=counted[0] == (2, 3, ["GET /limits"], []),
        green=counted[1] == (3, 3, [], []),
        suites=len(suites) >= 2 * len(_TESTS),
        layers={"unit", "integration", "e2e"} <= ran,
    )


def _built_again(story: Story, auditor: Client) -> str:
    """By the job that builds, and by the child pipeline that packs it for delivery."""
    build = newest(auditor, story.pipelines["green"], "build")["id"]
    trigger = newest(auditor, story.pipelines["green"], "package")["id"]
    [child] = [one["id"] for one in _pipelines_of_quotes(story, auditor) if one["upstream"] == trigger]
    logs = auditor.log(build), auditor.log(newest(auditor, child, "archive")["id"])
    digests = [set(_DIGEST.findall(log)) for log in logs]
    return _first_wrong(made=len(digests[0]) == 1, same=digests[0] == digests[1])


def _published(story: Story, auditor: Client) -> str:
    """The server says by itself how it was built, as soon as the job has ended."""
    build = newest(auditor, story.pipelines["green"], "build")["id"]
    digests = [f"sha256:{digest}" for digest in _DIGEST.findall(auditor.log(build))]
    told = [body["customData"]["digest"] for body in _events(auditor, "artifact.published")]
    end = time.monotonic() + _OWN_PATIENCE
    while True:
        attested = [body["subject"]["content"] for body in _events(auditor, "attestation.recorded")]
        predicates = {one["predicate"] for one in attested if one["subjects"] == digests}
        if predicates >= _SAID or time.monotonic() > end:
            return _first_wrong(digest=len(digests) == 1, published=digests[0] in told, said=predicates >= _SAID)
        time.sleep(0.5)


def _deployed(story: Story, auditor: Client) -> str:
    deploy = auditor.get(f"/api/v1/jobs/{story.jobs['deploy']}")
    people = {person["id"]: person["name"] for person in auditor.get("/api/v1/people")["people"]}
    told = [body["subject"]["content"]["outcome"] for body in _events(auditor, "deployment.finished")]
    return _first_wrong(
        state=deploy["state"] == "success",
        person=people.get(deploy["by"]) == "operator",
        once=told == ["success"],
        log="deploying 1.4." in auditor.log(deploy["id"]),
    )


def _masked(story: Story, auditor: Client, data: Path) -> str:
    secret, shown = story.token.encode(), []
    for pipeline in ("red", "green"):
        jobs = auditor.get(f"/api/v1/pipelines/{story.pipelines[pipeline]}")["jobs"]
        shown += [auditor.log(job["id"]) for job in jobs if job["name"].startswith("api")]
    kept = [*(data / "logs").rglob("*.log"), *data.glob("*.db*"), *data.glob("*/server.log")]
    leaks = [str(path) for path in kept if secret in path.read_bytes()]
    return leaks[0] if leaks else _first_wrong(
        used=len(shown) == 4 and all("with token [MASKED]" in log for log in shown),
        logs=len([path for path in kept if path.suffix == ".log"]) > len(shown),
    )  # fmt: skip


def _own(story: Story, auditor: Client) -> str:
    told = auditor.get(f"/api/v1/pipelines/{story.pipelines['own']}")
    setup = newest(auditor, story.pipelines["own"], "setup")
    return _first_wrong(
        sha=told["pipeline"]["sha"] == story.commits["own"],
        event=told["pipeline"]["event"] == "push",
        started=setup["started"] > 0,
        log="make setup" in auditor.log(setup["id"]),
        setup=setup["state"] == "success" or not story.prepared,
    )


def _refused(story: Story) -> str:
    return _first_wrong(role=story.refusals["role"] == 403, forged=story.refusals["forged"] == 401)


def _missed(story: Story, auditor: Client) -> str:
    collection = closed(auditor, story.pipelines["unscanned"])
    states = {slot["need"]: slot["state"] for slot in collection["slots"]}
    said = outcomes(auditor.get(f"/api/v1/pipelines/{story.pipelines['unscanned']}/gates"))
    return _first_wrong(
        states=states == {"unit-tests": "filled", "source-scan": "missing"},
        contract=said["due-is-there"] == "fail",
        scan=said["no-new-findings"] == "no_data",
    )


def _let_through(story: Story, auditor: Client) -> str:
    pipeline = story.pipelines["found"]
    states = {slot["need"]: slot["state"] for slot in closed(auditor, pipeline)["slots"]}
    said = auditor.get(f"/api/v1/pipelines/{pipeline}/gates")
    [check] = [one for policy in said["policies"] for one in policy["checks"] if one["id"] == LINE]
    first = [one["subject"]["content"] for one in _events(auditor, "gate.evaluated")]
    before = [each["outcome"] for one in first if one.get("commit") == story.commits["found"]
              for each in one["checks"] if each["id"] == LINE]  # fmt: skip
    return _first_wrong(
        states=set(states.values()) == {"filled"},
        before="fail" in before and before[-1] == "waived",
        now=said["outcome"] == "waived" and said["passes"],
        judged=check["judged"] == "fail" and check["waiver"] == story.waiver["uid"],
        people=(story.waiver["asked_by"], story.waiver["agreed_by"]) == ("developer", "security"),
    )


def _told(story: Story, auditor: Client) -> str:
    entries = list(_entries(auditor))
    numbers = [entry["seq"] for entry in entries]
    if numbers != list(range(1, len(entries) + 1)):
        return "seq"
    known = [(_short(entry["type"]), entry["subject"]) for entry in entries]
    for pipeline in story.pipelines.values():
        told = auditor.get(f"/api/v1/pipelines/{pipeline}")
        uid, state = told["pipeline"]["uid"], told["pipeline"]["state"]
        for kind in _OF_PIPELINES if state in ENDED else _OF_PIPELINES[:2]:
            if (kind, uid) not in known:
                return f"{kind} {uid}"
        ran = [job for job in told["jobs"] if job["started"] and job["state"] in ("success", "failed")]
        for kind in _OF_JOBS:
            for job in ran:
                if known.count((kind, f"{uid}/{job['id']}")) != 1:
                    return f"{kind} {job['name']} {job['id']}"
    kinds = [kind for kind, _ in known]
    return next((f"{kind} x {n}" for kind, n in _OF_THE_REST.items() if kinds.count(kind) < n), "")


def _pipelines_of_quotes(story: Story, auditor: Client) -> list[dict[str, Any]]:
    red = auditor.get(f"/api/v1/pipelines/{story.pipelines['red']}")["pipeline"]
    found: list[dict[str, Any]] = auditor.get(f"/api/v1/pipelines?project={red['project']}")["pipelines"]
    return found


def _entries(auditor: Client) -> Iterator[dict[str, Any]]:
    after = 0
    while True:
        page = auditor.get(f"/api/v1/ledger/entries?limit=200&after={after}")
        yield from page["entries"]
        after = page["next"]
        if not after:
            return


def _events(auditor: Client, kind: str) -> list[dict[str, Any]]:
    found = [entry["seq"] for entry in _entries(auditor) if _short(entry["type"]) == kind]
    return [auditor.get(f"/api/v1/ledger/entries/{seq}")["event"] for seq in found]


def _short(kind: str) -> str:
    """``pipelinerun.started`` of ``dev.cdevents.pipelinerun.started.0.2.0``, and of one of our own types."""
    words = kind.removeprefix("dev.cdevents.").removeprefix("dev.cdeventsx.plumbline-").split(".")
    return ".".join(words[:2])


def _first_wrong(**facts: bool) -> str:
    """The name of the first fact that does not hold."""
    return next((name for name, holds in facts.items() if not holds), "")
