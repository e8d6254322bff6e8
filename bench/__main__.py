"""``python -m bench [name...]``: exit status 0 all targets met, 1 one was missed, 3 one could not be measured."""

from __future__ import annotations

import sys
import tempfile
from importlib import import_module
from pathlib import Path

from bench.measure import MISSED, NOT_MEASURED, CommandError, Figure

BENCHMARKS = {
    "startup": "startup:help_text",
    "scheduler": "scheduler:whole_runs",
    "plan": "plan:large",
    "workspaces": "workspaces:copies",
    "jobs": "jobs:against_loop",
    "containers": "containers:overhead",
    "memory": "memory:of_a_run",
    "server": "server:idle",
    "load": "server:under_load",
    "hooks": "hooks:answers",
    "append": "ledger:appends",
    "intake": "intake:one_by_one",
    "pages": "pages:of_large_bank",
    "search": "searching:of_everything",
    "verify": "verification:of_entries",
    "gates": "gates:of_policies",
    "grade": "grading:of_systems",
    "repository": "grading:of_repository",
    "blobs": "blobs:put_and_get",
    "artifacts": "blobs:small_files",
    "registry": "registry:against_registry",
    "junit": "reports:junit",
    "sarif": "reports:sarif",
    "cases": "cases:stored_and_shown",
    "bills": "bills:of_lock_files",
    "contracts": "contracts:closing",
    "statements": "evidence:of_runs",
    "completeness": "evidence:completeness",
    "peer": "jobs:against_gitlab_ci_local",
}
_HEADINGS = ("name", "ours", "peer", "ratio", "target", "verdict")


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"no benchmark named {', '.join(unknown)}; there are: {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    figures = []
    for name in names or BENCHMARKS:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        figures += _measure(name)
    _print_table(figures)
    verdicts = [figure.verdict for figure in figures]
    return 1 if MISSED in verdicts else 3 if NOT_MEASURED in verdicts else 0


def _measure(name: str) -> list[Figure]:
    module, _, function = BENCHMARKS[name].partition(":")
    with tempfile.TemporaryDirectory(prefix="plumbline-bench-") as scratch:
        try:
            return list(getattr(import_module(f"bench.{module}"), function)(Path(scratch)))
        except CommandError as failure:
            return [Figure(name, "", None, note=str(failure))]


def _print_table(figures: list[Figure]) -> None:
    rows = [_HEADINGS, *(_cells(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    print()
    for figure in figures:
        print(f"{figure.name}: {figure.note}")


def _cells(figure: Figure) -> tuple[str, ...]:
    return (
        figure.name,
        _number(figure.ours, figure.unit),
        _number(figure.peer, figure.unit),
        "-" if figure.ratio is None else f"{figure.ratio:.2f}",
        figure.target,
        figure.verdict,
    )


def _number(value: float | None, unit: str) -> str:
    return "-" if value is None else f"{value:.3g} {unit}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
