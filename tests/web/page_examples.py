"""A bank with rows of every kind, and for every page the addresses at which it is looked at.

A page that is added to the shelf gets a line in :data:`EXAMPLES`, with rows behind it: the walk of
``test_web_every_page.py`` fails until it has one.
"""

from __future__ import annotations

import re
import subprocess

from artifact_examples import furnish_artifacts
from evidence_examples import furnish_evidence
from gate_examples import furnish_gates
from report_examples import furnish_reports
from web_server import add_person

from plumbline.flow.people.invitations import set_up_link
from plumbline.kernel import t
from plumbline.model.job import KeptFile, State
from plumbline.model.person import Grant, Role
from plumbline.model.pipeline import AllowFailure, Environment, When
from plumbline.model.server import Delivery, Outcome
from plumbline.model.tree import INSTANCE

HAN = "跨境人民币清算与头寸管理核心账务系统" * 11 + "二期"  # 200 characters
ARABIC = "محرك الترحيل اليومي للقيود المحاسبية " * 5
EMOJI = "👩‍💻🏦" * 33  # 200 characters and some
LONG = "settlement-and-reconciliation-of-cross-border-payments-" * 3
DEEP = 60  # levels
FILES = {  # what is no page, with what it is
    "/projects/{node:int}/refs": "application/json",
    "/resolve": "application/json",
    "/jobs/{job:int}/lines": "application/json",
    "/jobs/{job:int}/search": "application/json",
    "/jobs/{job:int}/error": "application/json",
    "/jobs/{job:int}/raw": "text/plain",
    "/jobs/{job:int}/artifacts/file": "application/octet-stream",
    "/ledger/{seq:int}/raw": "application/json",
    "/nodes/{node:int}/statements/file": "application/octet-stream",
    "/evaluations/{uid}/file": "application/json",
    "/assessments/{seq:int}/bundle": "application/zip",
    "/assessments/{seq:int}/report.html": "text/html",
    "/assessments/{seq:int}/report.pdf": "application/pdf",
}
EXAMPLES = {  # the page -> addresses; a name in braces is a row of :class:`Rows`
    "/": ("/",),
    "/api/console": ("/api/console",),
    "/artifacts": ("/artifacts", "/artifacts?q=nothing-has-this"),
    "/assessments": ("/assessments", "/assessments?node=3"),
    "/assessments/{seq:int}": (
        "/assessments/{grade}",
        "/assessments/{grade}?level=2&outcome=unknown",
        "/assessments/{other_grade}",
    ),
    "/assessments/{seq:int}/changes": ("/assessments/{grade}/changes?before={first_grade}",),
    "/assessments/{seq:int}/items/{item}": ("/assessments/{grade}/items/cd.1.1.1",),
    "/assessments/{seq:int}/proofs": ("/assessments/{grade}/proofs", "/assessments/{grade}/proofs?state=wanted"),
    "/assessments/{seq:int}/roadmap": ("/assessments/{grade}/roadmap?done=3",),
    "/collections/{uid}": (
        "/collections/{open_collection}",
        "/collections/{closed_collection}",
        "/collections/{failed_collection}",
    ),
    "/collections/{uid}/statement": ("/collections/{closed_collection}/statement",),
    "/design": ("/design",),
    "/environments": ("/environments",),
    "/estate": ("/estate", "/estate?kiosk=1"),
    "/evaluations/{uid}": ("/evaluations/{evaluation}", "/evaluations/{evaluation}?replay=1"),
    "/findings": ("/findings", "/findings?state=bad"),
    "/findings/{finding:int}": ("/findings/{finding}",),
    "/installation": ("/installation",),
    "/jobs/{job:int}": ("/jobs/{failed_job}", "/jobs/{manual_job}", "/jobs/{running_job}"),
    "/ledger": ("/ledger", "/ledger?q=nothing-has-this"),
    "/ledger/{seq:int}": ("/ledger/{entry}",),
    "/me": ("/me",),
    "/nodes/{node:int}": ("/nodes/2", "/nodes/3#rail", "/nodes/{deepest}", "/nodes/{empty}"),
    "/nodes/{node:int}/artifacts": ("/nodes/2/artifacts", "/nodes/3/artifacts", "/nodes/{empty}/artifacts"),
    "/nodes/{node:int}/environments": ("/nodes/2/environments",),
    "/nodes/{node:int}/evidence": ("/nodes/3/evidence", "/nodes/2/evidence?state=open", "/nodes/{empty}/evidence"),
    "/nodes/{node:int}/evidence-contract": (
        "/nodes/2/evidence-contract?name=core-builds",
        "/nodes/3/evidence-contract?name=core-builds",
        "/nodes/1/evidence-contract?starter=contract-build-a",
    ),
    "/nodes/{node:int}/evidence-contracts": (
        "/nodes/3/evidence-contracts",
        "/nodes/0/evidence-contracts",
        "/nodes/{empty}/evidence-contracts",
    ),
    "/nodes/{node:int}/exemptions": ("/nodes/3/exemptions",),
    "/nodes/{node:int}/findings": ("/nodes/2/findings",),
    "/nodes/{node:int}/gates": ("/nodes/3/gates", "/nodes/{empty}/gates"),
    "/nodes/{node:int}/grades": ("/nodes/1/grades",),
    "/nodes/{node:int}/members": ("/nodes/1/members",),
    "/nodes/{node:int}/pipelines": ("/nodes/2/pipelines",),
    "/nodes/{node:int}/place": ("/nodes/3/place",),
    "/nodes/{node:int}/policies": ("/nodes/3/policies", "/nodes/0/policies"),
    "/nodes/{node:int}/policy": (
        "/nodes/1/policy?name=builds",
        "/nodes/3/policy?name=builds",
        "/nodes/2/policy?starter=policy-build-a",
    ),
    "/nodes/{node:int}/projects": ("/nodes/2/projects",),
    "/nodes/{node:int}/settings": ("/nodes/2/settings",),
    "/nodes/{node:int}/sources": ("/nodes/1/sources", "/nodes/0/sources"),
    "/nodes/{node:int}/statements": ("/nodes/3/statements",),
    "/nodes/{node:int}/tests": ("/nodes/2/tests", "/nodes/{empty}/tests"),
    "/nodes/{node:int}/topics": ("/nodes/3/topics",),
    "/nodes/{node:int}/waivers": ("/nodes/3/waivers", "/nodes/0/waivers", "/nodes/{empty}/waivers"),
    "/packs/{pack}/items/{code}": ("/packs/continuous-delivery/items/cd.1.1.1",),
    "/people": ("/people",),
    "/people/{person:int}": ("/people/{han}", "/people/{invited}"),
    "/pipelines": ("/pipelines",),
    "/pipelines/{pipeline:int}": (
        "/pipelines/{mixed}",
        "/pipelines/{mixed}?view=needs",
        "/pipelines/{mixed}?open=all",
        "/pipelines/{wrong}",
        "/pipelines/{green}?open=all",
        "/pipelines/{below}",
        "/pipelines/{collected}",
        "/pipelines/{judged}",
    ),
    "/pipelines/{pipeline:int}/contracts": ("/pipelines/{told}/contracts", "/pipelines/{green}/contracts"),
    "/pipelines/{pipeline:int}/coverage": (
        "/pipelines/{told}/coverage",
        "/pipelines/{told}/coverage?q=nothing-has-this",
        "/pipelines/{green}/coverage",
    ),
    "/pipelines/{pipeline:int}/coverage/file": ("/pipelines/{told}/coverage/file?report={covers}&path=src/ledger.py",),
    "/pipelines/{pipeline:int}/evidence": ("/pipelines/{collected}/evidence", "/pipelines/{green}/evidence"),
    "/pipelines/{pipeline:int}/findings": ("/pipelines/{told}/findings", "/pipelines/{green}/findings"),
    "/pipelines/{pipeline:int}/gates": ("/pipelines/{judged}/gates", "/pipelines/{green}/gates"),
    "/pipelines/{pipeline:int}/tests": (
        "/pipelines/{told}/tests",
        "/pipelines/{told}/tests?outcome=bad&order=slowest",
        "/pipelines/{told}/tests?q=nothing-has-this",
        "/pipelines/{green}/tests",
    ),
    "/pipelines/{pipeline:int}/file": (
        "/pipelines/{run}/file?name=.gitlab-ci.yml&line=3",
        "/pipelines/{wrong}/file?name=.gitlab-ci.yml",
    ),
    "/projects": ("/projects", "/projects?q=nobody-has-this"),
    "/projects/{node:int}": ("/projects/3", "/projects/{bare}"),
    "/projects/{node:int}/artifacts/{digest}": (
        "/projects/3/artifacts/{image}",
        "/projects/3/artifacts/{index}",
        "/projects/3/artifacts/{bill}",
        "/projects/3/artifacts/{file}",
    ),
    "/projects/{node:int}/components": ("/projects/3/components", "/projects/{bare}/components"),
    "/projects/{node:int}/connection": ("/projects/{local}/connection",),
    "/projects/{node:int}/coverage": ("/projects/3/coverage", "/projects/{bare}/coverage"),
    "/projects/{node:int}/findings": (
        "/projects/3/findings",
        "/projects/3/findings?state=any&severity=high",
        "/projects/{bare}/findings",
    ),
    "/projects/{node:int}/gates": ("/projects/3/gates?commit={judged_sha}",),
    "/projects/{node:int}/package": ("/projects/3/package?name=posting-cli",),
    "/projects/{node:int}/proposal": ("/projects/{local}/proposal", "/projects/3/proposal"),
    "/projects/{node:int}/repository": (
        "/projects/3/repository?name=",
        "/projects/3/repository?name=all&untagged=1",
    ),
    "/projects/{node:int}/robots": ("/projects/3/robots",),
    "/projects/{node:int}/run": ("/projects/{local}/run", "/projects/3/run"),
    "/projects/{node:int}/schedules": ("/projects/3/schedules",),
    "/projects/{node:int}/tests": ("/projects/3/tests", "/projects/{bare}/tests"),
    "/projects/{node:int}/tests/{case:int}": ("/projects/3/tests/{bad_case}", "/projects/3/tests/{good_case}"),
    "/projects/{node:int}/settings": ("/projects/3/settings",),
    "/roles": ("/roles",),
    "/runners": ("/runners",),
    "/search": ("/search?q=posting", "/search?q=nothing-has-this"),
    "/setup": ("/setup?key={set_up_link}",),
    "/sign-in": ("/sign-in",),
    "/sources/{source:int}": ("/sources/{source}",),
    "/tests": ("/tests",),
    "/threats": ("/threats",),
    "/tour": ("/tour",),
    "/tree": ("/tree",),
    "/work": ("/work",),
    "/waivers/{waiver:int}": ("/waivers/{asked_waiver}", "/waivers/{agreed_waiver}"),
    "/welcome": ("/welcome?name=wei&key=some-link",),
}
AT_THE_DOOR = ("/sign-in", "/welcome")  # seen by whoever is not signed in
AT_FIRST = ("/setup",)  # seen where nobody signed up yet


def furnish_every_kind(bank):
    """Put rows of every kind into Harbour Bank; the names in braces of :data:`EXAMPLES`."""
    people, told = _people(bank), furnish_reports(bank)
    return {
        **people, **_tree(bank), **_pipelines(bank), **told, **furnish_artifacts(bank, told["told"]),
        **_repository(bank), **_evidence(bank), **_grades(bank), **furnish_gates(bank, bank.browser("second")),
        **furnish_evidence(bank),
    }  # fmt: skip


def new_rows(server):
    """Those of a server on which nobody signed up yet."""
    return {"set_up_link": set_up_link(server.tools.people)}


def _people(bank):
    with bank.store.change() as tx:  # mei sees every form
        for role in (Role.ASSESSOR, Role.OPERATOR, Role.AUDITOR, Role.MAINTAINER):
            tx.grants.add(Grant(person=1, node=INSTANCE, role=role))
    han = bank.person("han", "developer", title=HAN)
    bank.person("yusuf", "maintainer", title=ARABIC)
    bank.person("emoji", "auditor", title=EMOJI)
    invited = bank.browser("mei").post("/people", name="newcomer", title="New Comer", email="new@bank.example")
    assert invited.status_code == 200, invited.text
    mei = bank.browser("mei")
    for scope in ("read", "run", "all"):
        assert mei.post("/me/tokens", name=f"robot {scope}", scope=scope, days="30").status_code == 200
    with bank.store.view() as tx:
        newcomer = tx.people.named("newcomer").id
    return {"han": han.id, "invited": newcomer}


def _tree(bank):
    path, chain = "bank", []
    for level in range(DEEP):
        path = f"{path}/level{level}"
        chain.append(("product_line", path, f"Level {level}"))
    made = bank.nodes(
        ("branch", "bank/suzhou", HAN),
        ("system", "bank/suzhou/ledger", ARABIC),
        ("project", "bank/suzhou/ledger/emoji", EMOJI),
        ("project", f"bank/suzhou/ledger/{LONG}one", ""),
        ("project", f"bank/suzhou/ledger/{LONG}two", ""),
        ("project", "bank/suzhou/ledger/bare", "Nothing yet"),
        ("system", "bank/suzhou/empty", "Nothing below"),
        *chain,
        ("project", f"{path}/deep", "At the bottom"),
    )
    at = {node.path.rpartition("/")[2]: node.id for node in made}
    for name in (f"{LONG}one", f"{LONG}two", "emoji"):
        bank.bind(at[name], f"https://git.bank.example/{name}.git")
    return {"bare": at["bare"], "empty": at["empty"], "deepest": at[f"level{DEEP - 1}"], "emoji": at["emoji"]}


def _pipelines(bank):
    matrix = {
        f"integration-tests-on-every-database: [{database}, {arch}, {LONG}]": ("test", None)
        for database in ("oracle-19c", "oceanbase-4.2", "postgresql-16", "gaussdb-505")
        for arch in ("x86_64", "kunpeng")
    }
    mixed = bank.add_pipeline(3, {
        "build": "build",
        "lint": ("build", None, {"allow_failure": AllowFailure(allowed=True)}),
        **matrix,
        "package": "package",
        "deploy production": ("deploy", None, {
            "when": When.MANUAL, "environment": Environment(name="production", tier="production")}),
        "settle": ("deploy", ("build",)),
    }, ref=f"feature/{LONG}", message=f"{HAN}\n\n{ARABIC}", by=1)  # fmt: skip
    bank.write(bank.begin(mixed.id, "build"), "$ make\n\x1b[32mcompiling\x1b[0m\n" + "line\n" * 200)
    kept = (
        KeptFile(kind="archive", name="artifacts.zip", files=3, size=2048),
        KeptFile(kind="junit", name="reports/junit.xml", files=1, size=1024),
    )
    bank.end(mixed.id, "build", kept=kept)
    for file in kept:
        bank.keep_file(bank.current(mixed.id)["build"].id, file.name, b"kept")
    bank.end(mixed.id, "lint", State.FAILED, t("exit status {code}", code=2), exit_code=2)
    for place, name in enumerate(matrix):
        state = State.FAILED if place == 3 else State.SUCCESS
        bank.end(mixed.id, name, state, exit_code=1 if state is State.FAILED else 0)
    running = bank.add_pipeline(3, {"build": "build", "test": "test"}, ref="main", message=EMOJI)
    job = bank.begin(running.id, "build")
    bank.write(job, "working\n")
    stages = {
        "build": "build",
        **{f"deploy {name}": ("deploy", None, {"environment": Environment(name=name, tier=tier)})
           for name, tier in ((f"review/{LONG}", "development"), ("staging", "staging"), ("production", "production"))},
    }  # fmt: skip
    green = bank.add_pipeline(3, stages, ref="main", message="Round half to even")
    for name in stages:
        bank.end(green.id, name, State.FAILED if name == "deploy production" else State.SUCCESS)
    downstream = bank.add_pipeline(3, {"child": "test"}, upstream=bank.current(green.id)["build"].id, depth=1)
    bank.end(downstream.id, "child")
    manual = bank.add_pipeline(3, {"go": ("deploy", None, {"when": When.MANUAL})}, message=ARABIC)
    with bank.store.change() as tx:
        for place, outcome in enumerate(Outcome):
            tx.deliveries.add(Delivery(
                project=3, forge="gitlab", name=f"d{place}", received=1_700_000_000_000_000, event="push",
                ref=f"feature/{LONG}", sha="ab" * 20, outcome=outcome, message="The forge said so.",
            ))  # fmt: skip
    mei = bank.browser("mei")
    for title, cron in (("Every night", "30 2 * * *"), (HAN[:100], "0 6 * * 1")):
        answer = mei.post("/projects/3/schedules", title=title, cron=cron, time_zone="Asia/Shanghai", ref="main")
        assert answer.status_code == 303, answer.text
    return {
        "mixed": mixed.id,
        "green": green.id,
        "below": downstream.id,
        "failed_job": bank.current(mixed.id)[list(matrix)[3]].id,
        "built_job": bank.current(mixed.id)["build"].id,
        "running_job": job,
        "manual_job": bank.current(manual.id)["go"].id,
    }


_CONFIGURATION = """spec:
  inputs:
    environment: {description: Where it goes, default: staging, options: [staging, production]}
---
variables:
  LEVEL: {description: How much is said, value: info, options: [info, debug]}
build:
  script: [make]
"""


def _repository(bank):
    """A project with a repository of this machine: its pipeline, and one whose configuration was wrong."""
    home = bank.folder.parent / "repo"
    home.mkdir()
    project = bank.node("project", "bank/core/local", "Local one").id
    bank.bind(project, str(home), "git")
    made, mei = [], bank.browser("mei")
    for text in (_CONFIGURATION, "build: {scirpt: [make], stagee: build}\n"):
        (home / ".gitlab-ci.yml").write_text(text)
        who = ["-c", "user.name=mei", "-c", "user.email=mei@bank.example"]
        for words in (["init", "-q", "-b", "main"], ["add", "."], [*who, "commit", "-qm", "Build it"]):
            subprocess.run(["git", "-C", str(home), *words], check=True)
        answer = mei.post(f"/projects/{project}/run", ref="main")
        assert answer.status_code == 303, answer.text
        made.append(answer.headers["location"].rpartition("/")[2])
        if len(made) == 1:
            subprocess.run(["git", "-C", str(home), "branch", f"feature/{LONG}"], check=True)
    return {"local": project, "run": made[0], "wrong": made[1]}


def _evidence(bank):
    mei = bank.browser("mei")
    for name, title in (("sonar", "SonarQube"), ("jira", HAN), ("quiet", "")):
        answer = mei.post(
            "/nodes/1/sources", kind="scanner", name=name, title=title, speaks_as=f"https://{name}.bank.example",
            projects="CORE = bank/core", proof="token", events_a_day="1000", bytes_a_day="1000000", heartbeat="60",
        )  # fmt: skip
        assert answer.status_code == 200, answer.text
    assert mei.post("/nodes/3/variables", name="MODE", value="fast", scope="*").status_code == 303
    assert mei.post("/installation/variables", name="REGION", value="east", scope="*").status_code == 303
    with bank.store.view() as tx:
        source = tx.sources.all()[0].id
    return {"source": source, "entry": bank.server.tools.ledger.ledger.size()}


def _grades(bank):
    mei, omar = bank.browser("mei"), _second(bank)
    csrf = re.search(r'name="csrf" value="(\w+)"', mei.ask("GET", "/nodes/3/statements").text)[1]
    fields = {"csrf": csrf, "topic": "statement-basic-usage-rules", "text": f"{HAN}\n{ARABIC}", "until": "2099-01-31"}
    sent = mei.ask("POST", "/nodes/3/statements", data=fields, files={"file": ("minutes.pdf", b"%PDF")})
    assert sent.status_code == 303, sent.text
    page = mei.ask("GET", "/nodes/3/statements").text
    statement = re.search(r'name="statement" value="([^"]+)"', page)[1]
    assert omar.post("/nodes/3/statements/review", statement=statement, decision="accepted").status_code == 303
    address = f"https://wiki.bank.example/{LONG}"
    fields = {"topic": "statement-basic-usage-rules", "text": "Held since May.", "address": address}
    for who in (mei, omar):
        assert who.post("/nodes/3/statements", **fields).status_code == 303
    for rule in ("cd.1.1.1", "cd.1.1.1-3a"):
        answer = mei.post("/nodes/3/exemptions", rule=rule, reason=HAN, until="2099-01-01")
        assert answer.status_code == 303, answer.text
    seq = re.search(r'<td class="number">(\d+)</td>', mei.ask("GET", "/nodes/3/exemptions").text)[1]
    assert omar.post("/nodes/3/exemptions/agree", exemption=seq).status_code == 303
    grades = [
        mei.post(f"/nodes/{node}/assess", pack=pack).headers["location"].rpartition("/")[2]
        for node, pack in ((3, "continuous-delivery"), (3, "continuous-delivery"), (2, "collaboration"))
    ]
    digest = re.search(r"statements/file\?digest=([\w:]+)", page)[1]
    return {"first_grade": grades[0], "grade": grades[1], "other_grade": grades[2], "digest": digest}


def _second(bank):
    """Who agrees to what mei said."""
    add_person(bank.server, "second", "security", "assessor", "admin", title="周敏")
    return bank.browser("second")


# Names of the rows above, the longest first: they stand in a page of either language as they are.
NAMES = sorted({
    HAN, HAN[:100], EMOJI, *ARABIC.split(), LONG, "林梅", "周敏", "Mei Lin", "New Comer", "newcomer",
    "Harbour Bank", "Core", "Posting engine", "Nothing yet", "Nothing below", "At the bottom", "Level",
    "Round half to even", "Break it", "Build it", "Local one", "Every night", "robot read", "robot run", "robot all",
    "SonarQube", "Held since May.", "The forge said so.", "Change", "Asia/Shanghai", "MODE", "REGION", "kunpeng",
    "collaboration", "oracle", "Where it goes", "How much is said", "LEVEL", "info", "debug", "environment",
    "posting", "local", "mei", "bank", "omar", "han", "yusuf", "emoji", "second", "sonar", "jira", "quiet",
    "unit tests", "interface tests", "scan", "semgrep", "Accounts", "unclosed token",
    "deploy production", "production", "staging", "review", "build", "lint", "package", "deploy", "settle", "child",
    "test", "go", "scirpt", "stagee",
}, key=len, reverse=True)  # fmt: skip
