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
  artifacts:
    when: always
    reports:
      junit: report.xml
      coverage_report: {coverage_format: cobertura, path: coverage.xml}
  rules: [{if: '$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH'}]
scan:
  stage: scan
  script: [sh ci/scan.sh]
  artifacts: {reports: {sarif: lint.sarif}}
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
# What the runner of the tests writes: a case for each test there is, by its layer, and a line for each file with tests.
TEST = """\
good=yes
test ! -e broken && { test ! -e clash || test "$CI_COMMIT_BRANCH" != main; } || good=no
case $good in
  yes) wrong='#' ;;
  no) wrong='s|\\(name="test_the_rate"[^/]*\\)/>|\\1><failure message="the rate is another"/></testcase>|' ;;
esac
layer() {
  name=$1; shift
  echo "<testsuite name=\\"$name\\"><properties><property name=\\"layer\\" value=\\"$name\\"/></properties>"
  case='<testcase classname="'$name'" name="\\1" time="0.01"/>'
  sed -n "s|^def \\(test_[a-z0-9_]*\\)():.*|$case|p" "$@" | sed "$wrong"
  echo "</testsuite>"
}
{ echo "<testsuites>"; layer unit tests/*.py; layer interface tests/interface/*.py; echo "</testsuites>"; } >report.xml
{
  echo '<coverage version="1"><sources><source>.</source></sources><packages><package name="quotes"><classes>'
  for file in quotes/*.py; do
    name=${file##*/}; hits=0
    test -e "tests/test_$name" && hits=1
    echo "<class name=\\"$name\\" filename=\\"$file\\"><lines><line number=\\"1\\" hits=\\"$hits\\"/></lines></class>"
  done
  echo "</classes></package></packages></coverage>"
} >coverage.xml
test $good = yes
"""
# What the linter writes: that it looked at each file, and found nothing.
SCAN = """\
{
  echo '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "ruff", "version": "0.14.0"}}, "results": [],'
  echo '"invocations": [{"executionSuccessful": true}], "artifacts": ['
  comma=
  for file in quotes/*.py; do
    echo "$comma{\\"location\\": {\\"uri\\": \\"$file\\"}, \\"roles\\": [\\"analysisTarget\\"]}"; comma=,
  done
  echo ']}]}'
} >lint.sarif
"""
FILES: Files = {
    ".gitlab-ci.yml": PIPELINE,
    "ci/build.sh": "echo built $CI_COMMIT_SHA\n",
    "ci/unit.sh": TEST,
    "ci/scan.sh": SCAN,
    "quotes/rates.py": "RATE = 3.9\n",
    "tests/test_rates.py": "def test_the_rate():\n    assert True\n",
    "tests/interface/test_rates_api.py": "def test_the_interface():\n    assert True\n",
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
        f"tests/interface/test_quote_{number}_api.py": f"def test_quote_{number}_api():\n    assert {number} > 0\n",
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
