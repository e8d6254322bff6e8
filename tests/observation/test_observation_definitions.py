"""Pipeline definitions of six systems, and what they declare."""

from __future__ import annotations

import pytest

from plumbline.observation.definitions import definitions
from plumbline.observation.documents import documents

LAB, HUB = ".gitlab-ci.yml", ".github/workflows/a.yml"
GITLAB = """\
stages: [build, test, ship]
build: {stage: build, script: make}
unit: {stage: test, script: [make test], MORE}
ship: {stage: ship, script: ./ship, environment: {name: production}}
"""
PLAIN = GITLAB.replace(", MORE", "")
SPEC = """\
spec: {inputs: {}}
---
unit: {script: x, artifacts: {reports: {junit: a.xml}}, stage: build}
"""
GITHUB = """\
on: {push: {branches: [main]}}
jobs:
  unit: {runs-on: x, steps: [{uses: actions/checkout@v4}, {run: pytest -q}]}
  go: {runs-on: x, NEEDS environment: production, steps: [{run: ./ship}]}
"""
AZURE = """\
stages:
- stage: Test
  jobs: [{job: unit, steps: [{script: dotnet test}]}]
- stage: Ship
  MORE
  jobs: [{deployment: web, environment: prod}]
"""
JENKINS = """\
pipeline { agent any
 stages {
  stage('Build') { steps { sh 'mvn -DskipTests package' } }
  stage("Check it") { steps { MORE } }
  stage('Deploy') { steps { sh './ship' } }
 } }
"""
TEKTON = """\
---
kind: Task
---
kind: Pipeline
spec:
  tasks:
  - {name: unit-tests, taskSpec: {steps: [{script: go test ./...}]}}
  - {name: deploy, MORE taskRef: {name: deploy}}
"""
GITEE = """\
stages:
- {name: compile, steps: [{step: build@maven, commands: [mvn verify]}]}
- {name: release, steps: [{step: deploy@agent, name: to the machines}]}
"""


@pytest.mark.parametrize(
    ("path", "text", "shared", "gated"),
    [
        (LAB, PLAIN, False, True),
        (LAB, GITLAB.replace("MORE", "allow_failure: true"), False, False),
        (LAB, GITLAB.replace("MORE", "when: manual"), False, False),
        (LAB, PLAIN.replace("./ship,", "./ship, needs: [build],"), False, False),
        (LAB, PLAIN.replace("./ship,", "./ship, needs: [{job: unit}],"), False, True),
        (LAB, "include: [{local: x.yml}]\n" + PLAIN, False, True),
        (LAB, "include: {component: x/y@1}\nship: {script: x, environment: prod}", True, None),
        (LAB, "ship: {script: x, environment: prod}", False, False),
        (LAB, "test-deploy: {script: ./x, environment: test}", False, False),  # names where, not what
        (LAB, "stop: {script: x, environment: {name: prod, action: stop}}\nunit: {script: x}", False, None),
        (LAB, SPEC + "out: {stage: deploy, script: !reference [unit, script], environment: prod}", False, True),
        (HUB, GITHUB.replace("NEEDS", "needs: unit,"), False, True),
        (HUB, GITHUB.replace("NEEDS", ""), False, False),
        (HUB, GITHUB.replace("NEEDS", "needs: [unit],").replace("{runs-on: x, steps",
         "{runs-on: x, continue-on-error: true, steps"), False, False),
        (HUB, GITHUB.replace("NEEDS", "").replace("production", "github-pages"), False, None),
        (HUB, GITHUB.replace("NEEDS", "needs: t,") + "  t: {uses: o/r/.github/workflows/t.yml@v1}", True, None),
        (HUB, "on: workflow_call\njobs: {a: {steps: []}}", None, None),
        (HUB, "on: [push, workflow_run]\njobs: {deploy: {steps: [{run: ./ship}]}}", False, None),
        (HUB, "on: push\njobs: {deploy: {steps: [{run: pytest}, {run: ./ship}]}}", False, True),
        ("azure-pipelines.yml", AZURE.replace("MORE", ""), False, True),
        ("azure-pipelines.yml", AZURE.replace("MORE", "dependsOn: []"), False, False),
        ("a/azure-pipelines.yml", AZURE.replace("MORE", "dependsOn: []") + "- template: x.yml\n", True, None),
        ("Jenkinsfile", JENKINS.replace("MORE", "sh 'mvn verify'"), False, True),
        ("Jenkinsfile", JENKINS.replace("MORE", "sh 'mvn verify || true'"), False, False),
        ("Jenkinsfile", JENKINS.replace("MORE", "catchError { sh 'mvn verify' }"), False, False),
        ("x.jenkinsfile", "@Library('bank') _\nstandardPipeline()", True, None),
        (".tekton/a.yaml", TEKTON.replace("MORE", "runAfter: [unit-tests],"), True, True),
        (".tekton/a.yaml", TEKTON.replace("MORE", ""), True, False),
        (".workflow/a.yml", GITEE, False, True),
        (".workflow/a.yml", GITEE.replace("mvn verify", "mvn -DskipTests install"), False, False),
        (LAB, "[", None, None),
        (HUB, "jobs: [x]", None, None),
        ("Dockerfile", "FROM x", None, None),
    ],
)  # fmt: skip
def test_what_a_definition_declares(path, text, shared, gated):
    found = list(definitions([path], lambda _: text.encode()))
    assert [(one.shared, one.gated) for one in found] == ([] if shared is None else [(shared, gated)])


def test_yaml_is_read_without_being_built():
    assert documents(b"a: &x [1, !tag two]\nb: *x\non: {<<: *x}\n---\nc") == [
        {"a": ["1", "two"], "b": ["1", "two"], "on": {"<<": ["1", "two"]}}, "c",
    ]  # fmt: skip
    bomb = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
        b"%c: &%c [%s]\n" % (at + 1, at + 1, b",".join([b"*%c" % at] * 9)) for at in range(97, 110)
    )
    [shared] = documents(bomb)
    assert shared["n"][0] is shared["n"][8]
    [one] = definitions([HUB], lambda _: bomb + b"jobs: {deploy: {steps: [{run: *n}]}}")
    assert one.gated is False
    for text in (b"[" * 100_000, b"a: [", b"\xff\xfe\x00", b"x" * 300_000, b"a: *nobody"):
        assert documents(text) in ([], [{"a": None}])
