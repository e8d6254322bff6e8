"""A masked value shows nowhere: not in logs, reports, messages, records, plans and problems."""

from __future__ import annotations

import base64

import pytest

pytestmark = pytest.mark.slow

SECRET = "s3cr3t-Pa55w0rd/x+y"
LEAKY = """
workflow: {name: "run with $SEC"}
variables: {DERIVED: "pre-$SEC-post"}
stages: [make, use, below]
make:
  stage: make
  script:
    - echo "whole $SEC derived $DERIVED file $(cat "$FROM_FILE") dollar $DOLLAR"
    - printf '%s' "$SEC" | cut -c1-5 | tr -d '\\n'; sleep 0.05; printf '%s' "$SEC" | cut -c6-
    - printf '%s' "$SEC" | base64; echo "user:$SEC" | base64
    - head -c 4090 /dev/zero | tr '\\0' x; echo "$SEC"
    - echo "Coverage $SEC 55%"
    - echo "HANDED=$SEC" > v.env; mkdir "d-$SEC"; echo "$SEC" > "d-$SEC/f"
  after_script: ['echo after $SEC']
  coverage: '/Coverage \\S+ (\\d+)%/'
  artifacts: {paths: ["d-$SEC/", "absent-$SEC"], reports: {dotenv: v.env, junit: "d-$SEC/f"}}
  cache: {key: "k-$SEC", paths: ["d-$SEC"]}
  environment: {name: "env-$SEC", url: "https://x/$SEC"}
  resource_group: "group-$SEC"
fail: {stage: use, script: ['echo $HANDED', 'exit 3'], when: always}
wrong: {stage: use, script: 'echo "=$SEC" > v.env', artifacts: {reports: {dotenv: v.env}}}
child: {stage: below, when: always, trigger: {include: child.yml, strategy: depend}}
elsewhere: {stage: below, when: always, trigger: {project: "g/$SEC"}}
ruled: {stage: below, script: x, rules: [{if: '$SEC != "y"', variables: {R: "r-$SEC"}}]}
"""
CHILD = 'below: {script: "echo child $DERIVED"}'
WRONG = """
include: [{project: "g/$SEC", file: a.yml}, {local: "x-$SEC.yml"}]
a: {script: x, rules: [{changes: {paths: [x], compare_to: "$SEC"}}]}
"""
VARIABLES = """
FROM_FILE: {value: "filesecret-123", masked: true, file: true}
DOLLAR: {value: "pa$$$$word-zz", masked: true}
"""


def test_a_secret_is_visible_nowhere(plumb):
    repository = plumb(LEAKY)
    (repository.folder / "child.yml").write_text(CHILD)
    (repository.folder / "wrong.yml").write_text(WRONG)
    variables = repository.data / "variables.yml"
    variables.write_text(VARIABLES)
    given = ("--secret", "SEC", "--var-file", str(variables))
    report = repository.data / "junit.xml"

    def ask(*arguments: str) -> str:
        answer = repository(*arguments, SEC=SECRET)
        assert "Traceback" not in answer.stderr
        return answer.stdout + answer.stderr

    said = [
        ask("run", "-v", *given, "--junit", str(report)),
        ask("run", "-v", "--json", *given),
        ask("history"),
        ask("history", "--json"),
        ask("plan", *given),
        ask("plan", "--json", *given),
        ask("plan", "--expanded", *given),
        ask("lint", *given),
        *(ask(command, "-f", "wrong.yml", *given) for command in ("plan", "lint", "run")),
        *(ask("plan", *given, "--variables", job) for job in ("make", "ruled")),
        *(ask("why", *given, job) for job in ("make", "ruled", "fail")),
        *(ask("logs", "--raw", job) for job in ("make", "fail", "wrong", "below")),
    ]
    said += [path.read_text() for path in (*repository.data.rglob("*.json*"), *repository.data.rglob("*.log"), report)]
    encoded = base64.b64encode(SECRET.encode()).decode()
    for text in said:
        for hidden in (SECRET, encoded, "filesecret-123", "pa$$word", "pa$word"):
            assert hidden not in text
    assert "whole [MASKED] derived pre-[MASKED]-post file [MASKED] dollar [MASKED]" in said[0]
    assert "child [MASKED]\n" in said[0]  # what is handed down with a masked value in it is masked as a whole
    assert "project g/[MASKED] is not known" in said[0]
    assert "coverage: make 55%" in said[0]
    assert "there is no file x-[MASKED].yml" in said[8]
