"""What the steady team writes: its pipeline, its files and its rules."""

from __future__ import annotations

from ninety_days.forge import TRUNK, Files

_MIGRATES = 15  # of the changes, one changes the data too
PIPELINE = """\
stages: [build, test, scan, deploy]
workflow:
  name: $CI_PIPELINE_SOURCE build
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
      when: never
    - when: always
build:
  stage: build
  script: [sh ci/build.sh]
  rules: [{if: '$CI_COMMIT_BRANCH == "main" && $CI_PIPELINE_SOURCE == "push"'}, {if: $CI_COMMIT_TAG}]
unit:
  stage: test
  script: [sh ci/unit.sh]
  rules: [{if: '$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH'}]
scan:
  stage: scan
  script: [sh ci/scan.sh]
  rules: [{if: '$CI_PIPELINE_SOURCE == "schedule"'}]
preview:
  stage: deploy
  script: [echo make an environment to try something]
  rules: [{if: '$CI_PIPELINE_SOURCE == "api" || $CI_PIPELINE_SOURCE == "web"'}]
deploy:
  stage: deploy
  script: [echo hand the package over to the deployment tool]
  rules: [{if: $CI_COMMIT_TAG}]
"""
FILES: Files = {
    ".gitlab-ci.yml": PIPELINE,
    "ci/build.sh": "echo built $CI_COMMIT_SHA\n",
    "ci/unit.sh": 'test ! -e broken && { test ! -e clash || test "$CI_COMMIT_BRANCH" != main; }\n',
    "ci/scan.sh": "ls quotes >/dev/null\n",
    "quotes/rates.py": "RATE = 3.9\n",
    "tests/test_rates.py": "def test_the_rate():\n    assert True\n",
    "api/openapi.yaml": "openapi: 3.1.0\ninfo: {title: quotes, version: '1'}\npaths: {}\n",
    "Dockerfile": "FROM scratch\n",
    "infrastructure/main.tf": "# the network of the service\n",
    "README.md": "# Quotes\n",
}


OTHERS = ("rates", "letters", "archive", "gateway")  # smaller projects of the same system
OTHER_FILES: Files = {
    ".gitlab-ci.yml": "workflow: {name: small build}\nunit: {script: [test -e README.md]}\n",
    "README.md": "# A part of the quotes\n",
}
SUITES = (  # that a release passes
    ("load", "performance"),
    ("acceptance", "e2e"),
    ("capacity", "performance"),
    ("soak", "performance"),
    ("failover", "other"),
    ("usability", "other"),
    ("compatibility", "functional"),
    ("penetration", "security"),
)
RULES = {
    "repository.names": ["service", *OTHERS],
    "repository.branches": [TRUNK, "quote-*"],
    "artifact.versions": ["*.*.*"],
    "artifact.places": ["pkg:generic/quotes"],
}


def files_of(number: int) -> Files:
    """What a change writes."""
    found: Files = {
        f"quotes/quote_{number}.py": f"QUOTE = {number}\n",
        f"tests/test_quote_{number}.py": f"def test_quote_{number}():\n    assert {number} > 0\n",
    }
    if number % _MIGRATES == 1:
        found |= {f"db/migrations/V{number}__quote.sql": f"ALTER TABLE quote ADD c{number} int;\n",
                  f"db/migrations/U{number}__quote.sql": f"ALTER TABLE quote DROP c{number};\n"}  # fmt: skip
    if number % 10 == 3:
        found["api/openapi.yaml"] = f"openapi: 3.1.0\ninfo: {{title: quotes, version: '{number}'}}\npaths: {{}}\n"
        found[f"tests/contracts/test_api_{number}.py"] = "def test_contract():\n    assert True\n"
    if number % 12 == 5:
        found["infrastructure/main.tf"] = f"# the network of the service, {number}\n"
    return found


def scripts_in(files: Files) -> list[str]:
    """Names of the changes of the data among them."""
    return [path.rpartition("/")[2] for path in files if path.startswith("db/migrations/V")]
