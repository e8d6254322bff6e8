"""Problems of a configuration as people and editors read them: ``file:line:column: error: ...``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.kernel.text import nt
from plumbline.model.problem import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from plumbline.cli.display.words import Paint
    from plumbline.model.problem import Mark, Problem

_WORDS = {
    Severity.ERROR: (t("error"), "red"),
    Severity.WARNING: (t("warning"), "yellow"),
    Severity.NOTE: (t("note"), "blue"),
}


def place(mark: Mark | None) -> str:
    """``file:line:column``, as far as it is known."""
    if mark is None:
        return ""
    return ":".join([mark.file, *(str(number) for number in (mark.line, mark.column) if number)])


def problem_lines(problems: Iterable[Problem], paint: Paint) -> Iterator[str]:
    """One line for each problem, and one more for its hint."""
    for problem in problems:
        word, colour = _WORDS[problem.severity]
        where = f"{paint(place(problem.where), 'bold')}: " if problem.where else ""
        subject = f"{problem.keyword}: " if problem.keyword else ""
        yield f"{where}{paint(f'{word}:', colour)} {subject}{problem.message}"
        if problem.hint is not None:
            yield f"  {t('hint: {hint}', hint=problem.hint)}"


def counted_problems(problems: Iterable[Problem]) -> str:
    """``2 errors, 1 warning``."""
    found = [problem.severity for problem in problems]
    errors, warnings = found.count(Severity.ERROR), found.count(Severity.WARNING)
    return f"{nt('{count} error', '{count} errors', errors)}, {nt('{count} warning', '{count} warnings', warnings)}"


def problem_fields(problem: Problem) -> dict[str, object]:
    """A problem for JSON: the same keys for every one; null where something is not known."""
    where = problem.where
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "file": where.file if where else None,
        "line": (where.line or None) if where else None,
        "column": (where.column or None) if where else None,
        "keyword": problem.keyword or None,
        "message": str(problem.message),
        "hint": str(problem.hint) if problem.hint is not None else None,
    }
