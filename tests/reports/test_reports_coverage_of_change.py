"""Coverage of several reports as one, found in the repository, and of changed lines."""

from __future__ import annotations

from plumbline.model.report import Coverage, FileCoverage
from plumbline.reports.coverage_merged import merged
from plumbline.reports.coverage_of_change import ChangedFile, coverage_of_change
from plumbline.reports.coverage_paths import placed


def coverage(*files: FileCoverage) -> Coverage:
    return Coverage(
        files=files,
        lines=sum(len(file.hit) + len(file.missed) for file in files),
        lines_hit=sum(len(file.hit) for file in files),
    )


def file(
    path: str, hit: tuple[int, ...] = (), missed: tuple[int, ...] = (), branches: tuple[int, int] = (0, 0)
) -> FileCoverage:
    return FileCoverage(path=path, hit=hit, missed=missed, branches_hit=branches[0], branches=branches[1])


def test_a_line_is_hit_if_any_report_says_so() -> None:
    found = merged(
        [coverage(file("a", (1,), (2, 3), (1, 4))), coverage(file("a", (2,), (1, 4), (2, 4)), file("b", (1,)))]
    )
    assert found.coverage.files == (file("a", (1, 2), (3, 4), (2, 4)), file("b", (1,)))
    assert (found.coverage.lines, found.coverage.lines_hit, found.totals_alone) == (5, 3, 0)


def test_totals_alone_are_not_mixed_with_lines() -> None:
    totals = Coverage(lines=100, lines_hit=100)
    assert merged([totals]).coverage == totals
    found = merged([totals, coverage(file("a", (1,)))])
    assert (found.coverage.lines, found.totals_alone) == (1, 1)
    assert merged([totals, totals]).coverage.lines == 0


REPOSITORY = ("src/bank/a.py", "src/bank/b.py", "one/x.py", "two/x.py", "README.md")


def test_paths_are_found_exactly_or_by_the_only_one_that_ends_alike() -> None:
    found = placed(
        coverage(
            file("src/bank/a.py", (1,)),
            file("bank/b.py", (1,)),
            file("home/u/app/src/bank/b.py", (2,), (1,)),
            file("x.py", (1,)),
            file("ank/a.py", (7,)),
            file("lib/c.py", (1,)),
        ),
        REPOSITORY,
    )
    assert found.coverage.files == (file("src/bank/a.py", (1,)), file("src/bank/b.py", (1, 2)))
    assert (found.coverage.lines, found.ambiguous, found.unknown) == (3, ("x.py",), ("ank/a.py", "lib/c.py"))


def test_coverage_of_changed_lines() -> None:
    found = coverage_of_change(
        coverage(file("a.py", (1, 2, 3), (5, 6)), file("b.py", (1,), (2,))),
        {"a.py": {2, 4, 5}, "b.py": {9}, "README.md": {1}, "deleted.py": set()},
    )
    assert found.files == (ChangedFile("a.py", (2,), (5,)),)
    assert (found.hit, found.lines, found.share, found.unmeasured) == (1, 2, 0.5, ("README.md",))


def test_without_a_line_there_is_no_share() -> None:
    assert coverage_of_change(coverage(), {"README.md": {1}}).share is None
