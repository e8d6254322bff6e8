"""Old findings against new ones: one to one, and closed only by a scan that could have seen them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.reports.finding_makers import hit, known, scan, sign

from plumbline.model.report import Finding, ScanKind, Severity
from plumbline.reports.findings.matching import compare, match
from plumbline.reports.findings.places import Place, covers
from plumbline.reports.findings.scans import Unseen, clean, scan_of

FILE = {"a.py": ["def f(x):", "    bad(x)", "    good(x)", "    bad(x)", "    return x"]}
ONE = scan(hit(line=2))


def after(report: Any, before: Any = ONE, files: Any = FILE, may_fail: bool = False, **more: Any) -> Any:
    source = scan_of(report, may_fail=may_fail)
    assert source is not None
    return compare(known(before, files), sign(report, files), source, **more)


def test_the_same_report_twice_changes_nothing() -> None:
    """django-DefectDojo#3958, #12924, #8100, #5770."""
    report = scan(hit(line=2), hit(line=4), hit("r2", line=2))
    found = after(report, report)
    assert (found.new, found.fixed, found.unseen) == ((), (), ())
    assert found.existing == ((1, 0), (2, 1), (3, 2))


def test_one_of_two_equal_ones_goes_and_the_nearest_stays() -> None:
    """django-DefectDojo#3958: never several to one."""
    found = after(scan(hit(line=4)), scan(hit(line=2), hit(line=4)), {"a.py": ["bad(x)"] * 9})
    assert (found.existing, found.fixed) == (((2, 0),), (1,))


def test_a_file_that_moved_brings_its_findings_along() -> None:
    found = after(scan(hit(path="b.py", line=2)), files={**FILE, "b.py": FILE["a.py"]})
    assert (found.new, found.existing, found.fixed) == ((), ((1, 0),), ())


def test_another_hit_told_in_the_same_words_is_not_the_same() -> None:
    before, now = scan(hit(line=2, message="bad")), scan(hit(line=3, message="bad"))
    found = after(now, before)
    assert (found.new, found.fixed) == ((0,), (1,))


def test_a_finding_is_known_again_where_one_side_has_no_lines() -> None:
    before = known(scan(hit(line=2, message="bad")), {})
    assert match(before, sign(scan(hit(line=7, message="bad")), {"a.py": ["x"] * 9})) == {1: 0}


CLOSES_NOT = {
    "it did not finish": (scan(finished=False), Unseen.NOT_FINISHED),
    "it does not say where it looked": (scan(scope=()), Unseen.NO_SCOPE),
    "it looked elsewhere": (scan(scope=("b.py", "c/")), Unseen.NOT_COVERED),
    "the rule was not applied": (scan(rule_ids=("r2",)), Unseen.RULES_CHANGED),
    "fewer rules were applied": (scan(rule_ids=("r1",)), Unseen.RULES_CHANGED),
    "another version of the tool": (scan(version="2"), Unseen.RULES_CHANGED),
    "it no longer tells its rules": (scan(rule_ids=()), Unseen.RULES_CHANGED),
}


@pytest.mark.parametrize(("report", "reason"), CLOSES_NOT.values(), ids=CLOSES_NOT)
def test_a_scan_that_could_not_have_seen_it_closes_nothing(report: Any, reason: Unseen) -> None:
    found = after(report)
    assert (found.fixed, found.unseen) == ((), ((1, reason),))


def test_a_job_that_may_fail_closes_nothing() -> None:
    """glsec/glsec#42."""
    assert after(scan(), may_fail=True).unseen == ((1, Unseen.MAY_FAIL),)


CLOSES = {
    "everything was looked at": scan(),
    "the file was looked at": scan(scope=("a.py",)),
    "more rules were applied": scan(rule_ids=("r1", "r2", "r3")),
}


@pytest.mark.parametrize("report", CLOSES.values(), ids=CLOSES)
def test_a_scan_that_looked_there_with_the_same_rules_closes_it(report: Any) -> None:
    assert after(report).fixed == (1,)


def test_a_file_that_is_gone_needs_no_look() -> None:
    assert after(scan(scope=("b.py",)), is_there=lambda path: path != "a.py").fixed == (1,)


UNTOLD = {"rule_ids": (), "rules": ""}


@pytest.mark.parametrize(("version", "reason"), [("1", None), ("", Unseen.RULES_UNKNOWN)])
def test_where_nobody_tells_the_rules_one_version_of_a_tool_has_the_same(version: str, reason: Unseen | None) -> None:
    before, now = scan(hit(line=2), version=version, **UNTOLD), scan(version=version, **UNTOLD)
    found = after(now, before)
    assert (found.fixed, found.unseen) == (((1,), ()) if reason is None else ((), ((1, reason),)))


@pytest.mark.parametrize("other", [scan(tool="other"), scan(kind=ScanKind.SECRET)])
def test_a_scan_says_nothing_of_what_another_tool_found(other: Any) -> None:
    found = after(other)
    assert (found.fixed, found.unseen, found.existing) == ((), (), ())


def test_a_severity_that_changes_is_told_with_both_values() -> None:
    """aquasecurity/trivy#941, #505, #1934, #3925."""
    found = after(scan(hit(line=2, severity=Severity.LOW)), scan(hit(line=2, severity=Severity.HIGH)))
    assert found.severities == ((1, Severity.HIGH, Severity.LOW),)


def test_random_ids_neither_close_nor_open_anything() -> None:
    """bridgecrewio/checkov#4839."""
    before, now = (scan(hit(line=2, tool_fingerprint=name), hit(line=4, tool_fingerprint=name * 2)) for name in "ab")
    found = after(now, before)
    assert (found.new, found.fixed, len(found.existing)) == ((), (), 2)


def test_an_upgraded_package_leaves_exactly_one_version() -> None:
    """DependencyTrack/dependency-track#123, #4156."""
    before, now = (
        scan(
            Finding(rule="CVE-2024-0001", package=f"pkg:npm/x@{version}"),
            kind=ScanKind.DEPENDENCY,
            scope=("pkg:npm/x",),
            rule_ids=(),
        )
        for version in ("1", "2")
    )
    found = after(now, before)
    assert (found.existing, found.new, found.fixed) == (((1, 0),), (), ())
    assert [place.package for place in sign(now)[0].places] == ["pkg:npm/x@2"]


def test_decisions_that_match_nothing_are_listed() -> None:
    """gitleaks#1398: whatever was known is in the outcome, so one that no longer matches can be shown."""
    found = after(scan(hit(line=3)), scan(hit(line=2), hit("r2", line=4)))
    named = {*found.fixed, *(name for name, _ in found.unseen), *(name for name, _ in found.existing)}
    assert named == {1, 2}
    assert found.existing == ()


SCOPES = [
    (("./",), Place(path="a/b.py"), True),
    (("a/",), Place(path="a/b.py"), True),
    (("a/b.py",), Place(path="a/b.py"), True),
    (("a/b",), Place(path="a/b.py"), False),
    (("./",), Place(object="GET https://a.example/"), False),
    (("https://a.example",), Place(object="GET https://a.example/x (id)"), True),
    (("https://a.ex",), Place(object="GET https://a.example/x"), False),
    (("pkg:npm/x@2",), Place(package="pkg:npm/x@1"), True),
    (("r.example/a:2",), Place(image="r.example/a:1", package="pkg:deb/debian/x@1"), True),
    ((), Place(path="a.py"), False),
    ((), Place(), False),
    (("./",), Place(), False),
]


@pytest.mark.parametrize(("scope", "place", "covered"), SCOPES)
def test_what_a_scope_covers(scope: tuple[str, ...], place: Place, covered: bool) -> None:
    assert covers(scope, place) is covered


def test_nothing_found_is_clean_only_with_a_scope() -> None:
    assert clean(scan()) is True
    assert clean(scan(scope=())) is None
    assert clean(scan(finished=False)) is None
    assert clean(scan(hit())) is False
    assert clean(scan(hit(suppressed="nosec"))) is True


# Properties


hits = st.lists(
    st.builds(hit, st.sampled_from(["r1", "r2"]), st.sampled_from(["a.py", "b.py"]), st.integers(1, 12)), max_size=12
)
texts = st.lists(st.sampled_from(["bad(x)", "good(x)", "", "  return 1", "}"]), min_size=12, max_size=12)


@given(hits, hits, texts, texts)
def test_matching_is_a_partial_bijection(
    olds: list[Finding], news: list[Finding], one: list[str], two: list[str]
) -> None:
    """P2."""
    before, now = known(scan(*olds), {"a.py": one, "b.py": two}), sign(scan(*news), {"a.py": two, "b.py": one})
    pairs = match(before, now)
    assert len(set(pairs.values())) == len(pairs)
    assert set(pairs) <= {each.id for each in before}
    found = compare(before, now, scan_of(scan(*news)))  # type: ignore[arg-type]
    assert sorted([*found.new, *(at for _, at in found.existing)]) == list(range(len(now)))
    assert sorted([*found.fixed, *(n for n, _ in found.unseen), *(n for n, _ in found.existing)]) == [
        k.id for k in before
    ]


@given(hits, texts, st.randoms(use_true_random=False))
def test_the_order_of_a_report_changes_nothing(findings: list[Finding], text: list[str], random: Any) -> None:
    """P1, P2."""
    files = {"a.py": text, "b.py": text}
    mixed = list(findings)
    random.shuffle(mixed)
    assert sign(scan(*findings), files) == sign(scan(*mixed), files)
    found = after(scan(*mixed), scan(*findings), files)
    assert (found.new, found.fixed, found.unseen) == ((), (), ())


@given(hits, st.lists(st.text("abc ", min_size=1), max_size=8))
def test_text_inserted_above_changes_nothing(findings: list[Finding], above: list[str]) -> None:
    """P2: every line is another one here, so that none is taken for its neighbour."""
    text = [f"line {number}" for number in range(1, 13)]
    moved = [hit(each.rule, each.path, each.line + len(above)) for each in findings]
    now = sign(scan(*moved), {"a.py": [*above, *text], "b.py": [*above, *text]})
    before = known(scan(*findings), {"a.py": text, "b.py": text})
    pairs = match(before, now)
    assert len(pairs) == len(before) == len(now)
    for each in before:
        place = now[pairs[each.id]].places[0]
        assert (place.path, place.line) == (each.places[0].path, each.places[0].line + len(above))


@given(hits, hits, st.booleans(), st.booleans(), st.sampled_from([(), ("./",), ("a.py",)]))
def test_fixed_implies_a_finished_scan_that_covers_it(
    olds: list[Finding], news: list[Finding], finished: bool, may_fail: bool, scope: tuple[str, ...]
) -> None:
    """P4."""
    report = scan(*news, finished=finished, scope=scope)
    before = known(scan(*olds))
    found = compare(before, sign(report), scan_of(report, may_fail=may_fail))  # type: ignore[arg-type]
    for each in before:
        if each.id in found.fixed:
            assert finished
            assert not may_fail
            assert all(covers(scope, place) for place in each.places)
