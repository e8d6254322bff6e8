"""What makes a finding the same as before. The complaints that named the cases stand beside them."""

from __future__ import annotations

import pytest
from tests.reports.finding_makers import KEY, hit, scan, sign

from plumbline.model.report import Finding, ScanKind
from plumbline.reports.findings.signatures import signed

LINES = ["import os", "", "def f(x):", "    os.system(x)", "    return 1"]
SECRET = ScanKind.SECRET


def only(*args: object) -> tuple[str, ...]:
    (found,) = sign(*args)  # type: ignore[arg-type]
    return found.signatures


def test_a_signature_of_code_survives_moved_lines_and_other_indentation() -> None:
    """sarif-tools#104: a moved line is not a new finding."""
    moved = ["# a comment", "", *LINES[:3], "\tos.system(x)  ", LINES[4]]
    assert only(scan(hit(line=4)), {"a.py": LINES}) == only(scan(hit(line=6)), {"a.py": moved})


def test_equal_findings_are_numbered_in_their_order() -> None:
    found = sign(scan(hit(line=2), hit(line=1)), {"a.py": ["x = 1"] * 2})
    assert [each.signatures[1].rpartition("#")[2] for each in found] == ["0", "1"]
    assert len({each.signatures for each in found}) == 2


def test_ids_and_fingerprints_of_a_tool_are_no_part_of_it() -> None:
    """checkov#4839: random ids in a report."""
    one, other = hit(line=4, tool_fingerprint="a"), hit(line=4, tool_fingerprint="b")
    assert only(scan(one), {"a.py": LINES}) == only(scan(other), {"a.py": LINES})


def test_bandit_and_ruff_mean_the_same_rule() -> None:
    one, other = scan(hit("B605", line=4), tool="bandit"), scan(hit("S605", line=4), tool="ruff")
    assert only(one, {"a.py": LINES})[0] == only(other, {"a.py": LINES})[0]


def test_fourteen_hits_of_one_rule_in_one_line_are_fourteen() -> None:
    """awslabs/ferret-scan#328."""
    hits = [hit(column=number, secret=f"secret-{number}") for number in range(14)]
    assert len(sign(scan(*hits, kind=SECRET))) == 14
    hidden = [hit(column=number) for number in range(14)]
    assert len(sign(scan(*hidden, kind=SECRET), {"a.py": ["a line with all of them"]})) == 14


def test_places_of_one_secret_are_one_finding() -> None:
    (found,) = sign(scan(hit(path="b.py", secret="s3cret"), hit(path="a.py", secret="s3cret"), kind=SECRET))
    assert [place.path for place in found.places] == ["a.py", "b.py"]


def test_an_ignored_secret_stays_the_same_after_rebase_and_squash() -> None:
    """gitleaks#1355, #979: the commit is no part of it."""
    one, other = hit(secret="s3cret", object="commit 1111"), hit(secret="s3cret", object="commit 2222")
    assert only(scan(one, kind=SECRET)) == only(scan(other, kind=SECRET))


@pytest.mark.parametrize("value", ["other", ""])
def test_another_secret_on_the_same_line_is_another_finding(value: str) -> None:
    """gitleaks#2239: also where the tool hides the values."""
    first = hit(column=1, secret="first" if value else "")
    second = hit(column=30, secret=value)
    one, other = (scan(each, kind=SECRET) for each in (first, second))
    lines = {"a.py": ["a = 'first'; b = 'other'"]}
    assert not set(only(one, lines)) & set(only(other, lines))


def test_the_value_of_a_secret_is_nowhere_in_what_is_handed_on() -> None:
    found = sign(
        scan(hit(secret="hunter2-hunter2", message="a password"), kind=SECRET), {"a.py": ["p = 'hunter2-hunter2'"]}
    )
    assert "hunter2" not in repr(found)


def test_digests_of_secrets_depend_on_the_key() -> None:
    report = scan(hit(secret="s3cret"), kind=SECRET)
    (one,) = signed(report, lines_of=lambda _: None, key=b"one")
    (other,) = signed(report, lines_of=lambda _: None, key=b"other")
    assert one.signatures != other.signatures
    with pytest.raises(ValueError, match="key"):
        signed(report, lines_of=lambda _: None, key=b"")


def vulnerable(version: str, *identifiers: str, image: str = "") -> Finding:
    return Finding(rule=identifiers[0], package=f"pkg:npm/x@{version}", identifiers=identifiers, image=image)


def test_a_decision_about_a_package_survives_its_next_version() -> None:
    """cdxgen/cdxgen#1856."""
    one, other = vulnerable("1.0", "CVE-2024-0001"), vulnerable("1.1", "CVE-2024-0001")
    assert only(scan(one, kind=ScanKind.DEPENDENCY)) == only(scan(other, kind=ScanKind.DEPENDENCY))


def test_names_of_one_vulnerability_are_one() -> None:
    """By CVE, by GHSA or by both: one finding of one package."""
    both = vulnerable("1", "CVE-2024-0001", "GHSA-aaaa-bbbb-cccc")
    for name in both.identifiers:
        (found,) = sign(scan(both, vulnerable("1", name)))
        assert len(found.places) == 1


def test_an_image_is_known_by_its_repository() -> None:
    one, other = (vulnerable("1", "CVE-2024-0001", image=f"r.example:5000/a/b:{tag}") for tag in ("1", "2"))
    elsewhere = vulnerable("1", "CVE-2024-0001", image="r.example:5000/a/c:1")
    assert only(scan(one)) == only(scan(other)) != only(scan(elsewhere))


def test_without_any_line_what_the_tool_says_decides() -> None:
    one, other = hit(line=4, message="bad, 3 times"), hit(line=9, message="bad,  4 times")
    assert only(scan(one)) == only(scan(other))


def test_a_report_that_is_no_scan_has_none() -> None:
    from plumbline.model.report import Report, TestRun

    assert signed(Report(format="junit", content=TestRun()), lines_of=lambda _: None, key=KEY) == ()
