"""Policies, read: what is wrong is told with its place, all of it, and with the nearest right word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.gates.policies import HEAD, TITLE, WORDS, built, cel, codes, mistakes, policy, text

from plumbline.gates import LANGUAGE, Policy, documented, doubts, read_policy
from plumbline.model.gate import GateAct

GOOD = cel("tests", "tests.failed == 0", "tests.failed")


def test_a_policy_is_read_with_all_that_it_says():
    found = policy(text(
        GOOD,
        built("coverage", "changed-line-coverage", "{at_least: 80}", "maps: [cd/cd.3.2.1], retired_by: 2030-01-01"),
        selector="{act: [merge, pipeline], branches: [main, release/*], tiers: [production], classes: [A, B]}",
    ))  # fmt: skip
    assert (found.name, found.owner, found.title.zh) == ("red-lines", "quality", "标题")
    assert found.selector.acts == (GateAct.MERGE, GateAct.PIPELINE)
    assert found.selector.branches == ("main", "release/*")
    first, second = found.checks
    assert first.needs == first.asked == ("tests.failed",)
    assert second.needs == ("coverage.changed",)
    assert second.given == {"at_least": 80}
    assert second.maps == ("cd/cd.3.2.1",)
    assert (first.rule, second.rule) == ("cel/1", "changed-line-coverage/1")
    assert found.wanted == ("system.class", "change.target", "tests.failed", "coverage.changed")


def test_an_unknown_fact_is_told_with_line_column_and_nearest_name():
    source = text(cel("tests", "tests.failed == 0 && tests.fialed == 1", "tests.failed"))
    assert mistakes(source) == [("unknown-fact", 6, source.splitlines()[5].index("tests.fialed") + 1)]
    [problem] = read_policy(source)
    assert "tests.failed" in str(problem.hint)


def test_a_condition_of_several_lines_is_told_at_its_own_line():
    source = (
        HEAD.format(name="p", selector="{act: [merge]}")
        + f"""  - id: one
    title: {TITLE}
    reason: {TITLE}
    remedy: {TITLE}
    needs: [tests.failed, tests.errors]
    when: |
      tests.failed == 0 &&
      tests.erors == 0
"""
    )
    assert mistakes(source) == [("unknown-fact", 13, 7)]


def test_a_fact_that_needs_does_not_name_is_refused_though_it_exists():
    assert codes(text(cel("tests", "tests.failed == 0 && tests.errors == 0", "tests.failed"))) == {"fact-not-needed"}


def test_needs_are_compulsory_for_a_condition_and_every_fact_of_it_is_one():
    assert "missing-key" in codes(text(f"{{id: one, {WORDS}, when: tests.failed == 0}}"))
    assert codes(text(cel("one", "tests.failed == 0", "tests.failed", "tests.nope"))) == {"unknown-fact"}


@pytest.mark.parametrize(
    ("check", "code"),
    [
        (cel("one", "nope(tests.failed)", "tests.failed"), "unknown-function"),
        (cel("one", "tests.failed.nope()", "tests.failed"), "unknown-function"),
        (cel("one", "tests.failed ==", "tests.failed"), "wrong-condition"),
        (cel("one", "tests.failed + 1", "tests.failed"), "wrong-condition"),
        (cel("one", "coverage.lines >= 80", "coverage.lines"), "wrong-condition"),
        (cel("one", "true", "tests.failed"), "constant-condition"),
        (cel("one", "1 == 1", "tests.failed"), "constant-condition"),
        (built("one", "tests-pased"), "unknown-check"),
        (built("one", "changed-line-coverage"), "missing-parameter"),
        (built("one", "changed-line-coverage", "{at_leats: 80}"), "unknown-key"),
        (built("one", "changed-line-coverage", "{at_least: 800}"), "wrong-type"),
        (built("one", "changed-line-coverage", "{at_least: yes}"), "wrong-type"),
        (built("one", "no-new-findings", "{kinds: [sats]}"), "unknown-word"),
        (built("one", "no-new-findings", "{severity: hihg, kinds: [sast]}"), "unknown-word"),
        (built("one", "licences", "{}"), "wrong-parameter"),
        (built("one", "reviewed-by-another", "{at_least: 0}"), "wrong-parameter"),
        (built("one", "tests-passed", more="skip: true"), "no-skip"),
        (built("one", "tests-passed", more="enabled: false"), "no-skip"),
        (built("one", "tests-passed", more="needs: [tests.failed]"), "needs-known"),
        (built("one", "tests-passed", more="when: 'tests.failed == 0'"), "one-way"),
        (built("one", "tests-passed", more="applies: 'true'"), "constant-condition"),
        (built("one", "tests-passed", more="applies: 'change.pahts.size() > 0'"), "unknown-fact"),
        (built("one", "tests-passed", more="maps: [cd.3.2.1]"), "wrong-mapping"),
        (built("one", "tests-passed", more="advisory_from: 2027-01-01"), "advisory-for-ever"),
        (built("one", "tests-passed", more="enforced_from: 2027-02-30"), "wrong-type"),
        (built("one", "tests-passed", more="enforced_from: 2027-02-01, retired_by: 2027-01-01"), "dates-crossed"),
        (built("one", "tests-passed", more="advisory_from: 2027-02-01, enforced_from: 2027-01-01"), "dates-crossed"),
        ("{id: one, title: {en: Only English}, check: tests-passed}", "missing-language"),
        ("{id: one, title: {en: Title, zh: '  '}, check: tests-passed}", "missing-language"),
        (f"{{id: One, title: {TITLE}, check: tests-passed}}", "wrong-id"),
        (f"{{id: one, title: {TITLE}}}", "one-way"),
        (f"{{id: one, title: {TITLE}, when: 'tests.failed == 0', needs: [tests.failed]}}", "missing-key"),
        (f"{{id: one, {WORDS}, signal: {{probe: shrae, fact: builds-passed}}}}", "unknown-probe"),
        (f"{{id: one, {WORDS}, signal: {{probe: share, fact: nope}}}}", "unknown-fact"),
        (f"{{id: one, {WORDS}, signal: {{probe: share, fact: gate-evaluations-waived}}}}", "wrong-threshold"),
        (f"{{id: one, {WORDS}, signal: {{probe: statement, fact: gate-evaluations-waived}}}}", "unknown-probe"),
    ],
)  # fmt: skip
def test_each_mistake_has_its_name(check, code):
    assert code in codes(text(check))


def test_everything_that_is_wrong_is_told_at_once_from_the_top():
    source = text(built("one", "tests-pased"), built("one", "no-secretz"), selector="{act: [merg], tiers: [prodution]}")
    found = mistakes(source)
    assert [code for code, _, _ in found] == [
        "unknown-word", "unknown-word", "unknown-check", "duplicate-id", "unknown-check"
    ]  # fmt: skip
    assert [line for _, line, _ in found] == [4, 4, 6, 7, 7]


def test_a_selector_that_can_never_match_is_told_when_it_is_written():
    assert "unknown-word" in codes(text(GOOD, selector="{act: [pipeline], classes: [AA]}"))
    assert "unknown-word" in codes(text(GOOD, selector="{act: [pipeline], tiers: [prod]}"))
    assert "unknown-key" in codes(text(GOOD, selector="{act: [pipeline], branch: [main]}"))
    assert "empty-list" in codes(text(GOOD, selector="{act: [pipeline], branches: []}"))
    assert "missing-key" in codes(text(GOOD, selector="{branches: [main]}"))


def test_a_policy_without_checks_is_refused():
    assert "empty-policy" in codes(HEAD.format(name="p", selector="{act: [merge]}") + "  []\n")
    assert "empty-policy" in codes("policy: p\ntitle: {en: a, zh: b}\nowner: q\nfor: {act: merge}\n")


def test_a_newer_language_is_said_to_be_newer_and_nothing_else():
    source = f"version_needed: {LANGUAGE + 1}\npolicy: p\nfrom_the_future: true\n"
    assert mistakes(source) == [("newer-policy", 1, 1)]


@pytest.mark.parametrize(
    "source",
    [
        "",
        "- a list",
        "policy: [",
        "just words",
        "\x00",
        "a: &a [*a]",
        "---\npolicy: a\n---\npolicy: b\n",
        "policy: a\npolicy: b\n",
        "x: " + "[" * 2000,
        "a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
        "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: "
        "[*e,*e,*e,*e,*e,*e,*e,*e,*e]\n",
        "x: " + "y" * 300_000,
    ],
)
def test_what_is_no_policy_is_told_and_never_raised(source):
    found = read_policy(source)
    assert not isinstance(found, Policy)
    assert all(str(one.message) for one in found)


def test_every_documented_fact_can_be_asked_for():
    samples = {
        "flag": "{0}",
        "count": "{0} == 0",
        "number": "{0} >= 1.0",
        "text": '{0} == "a"',
        "texts": "{0}.size() == 0",
    }
    checks = [
        cel(f"c{number}", samples[fact.type].format(fact.name), fact.name)
        for number, fact in enumerate(documented().values())
    ]
    assert policy(text(*checks)).wanted == tuple(documented())


@pytest.mark.parametrize("page", ["gates.md", "gates.zh.md"])
def test_the_policy_in_the_documents_can_be_read(page):
    text_ = (Path(__file__).parents[2] / "docs" / page).read_text()
    [example] = re.findall(r"```yaml\n(.*?)```", text_, re.DOTALL)
    assert [check.rule for check in policy(example).checks] == ["tests-passed/1", "cel/1", "share/1"]


@pytest.mark.parametrize(
    ("check", "code"),
    [
        (GOOD, None),
        (cel("one", "tests.failed == 0 || true", "tests.failed"), "always-holds"),
        (cel("one", "tests.failed >= 0", "tests.failed"), "always-holds"),
        (cel("one", "tests.failed < 0", "tests.failed"), "never-holds"),
        (cel("one", "tests.failed == 0 && change.lines <= 400", "tests.failed", "change.lines"), None),
        (cel("one", 'change.paths.all(p, p != "a")', "change.paths"), None),
        (built("one", "tests-passed", more="applies: 'tests.failed < 0'"), "never-applies"),
        (built("one", "tests-passed", more="applies: 'pipeline.protected'"), None),
    ],
)
def test_what_seems_not_to_be_meant_is_doubted(check, code):
    assert [one.code for one in doubts(policy(text(check)))] == ([code] if code else [])


def test_a_branch_that_does_not_exist_is_doubted_where_somebody_looked():
    found = policy(text(GOOD, selector="{act: [pipeline], branches: [main, realease/*]}"))
    assert doubts(found) == ()
    assert [(one.code, one.keyword) for one in doubts(found, ["main", "release/1"])] == [
        ("no-such-branch", "for:branches")
    ]
