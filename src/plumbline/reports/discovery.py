"""Reports that a job left and nobody asked for: which, by which rule, and the lines that would ask for them.

1. What ``artifacts:reports`` names is asked for, and no discovery.
2. Then what a contract of evidence names, what lies where tools of an ecosystem leave theirs, and what is among the
   artifacts of the job and has a mark, in this order.
3. A file counts only where its content has the positive mark of one format. One that is too large to be looked at here
   is named by its place, and said to be so. An ambiguous or empty one is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from plumbline.kernel import t
from plumbline.kernel.text import nt
from plumbline.model.report import FoundReport, Rule, Unreadable
from plumbline.reports.report_paths import PLACES

if TYPE_CHECKING:
    from plumbline.kernel import Text

HEAD = 64 << 10  # bytes of a file that are looked at
MOST = 50  # files that are proposed
_SHOWN = 12  # lines of a proposal
Matches = Callable[[str], bool]


class Left(NamedTuple):
    """A file that a job left. ``head``: its beginning, up to :data:`HEAD` bytes. ``kept``: it is among the job's
    artifacts."""

    path: str  # relative to the working copy
    size: int
    head: bytes
    kept: bool = False


def place_of(path: str) -> tuple[str, str]:
    """Ecosystem and glob of the place that a path is; empty where it is none."""
    parts = path.split("/")
    for place in PLACES:
        wanted = place.glob.split("/")
        if len(wanted) <= len(parts) and all(map(fnmatchcase, parts[-len(wanted) :], wanted)):
            return place.ecosystem, place.glob
    return "", ""


def discover(left: Iterable[Left], asked: Matches, contract: Sequence[tuple[str, Matches]] = ()) -> list[FoundReport]:
    """What of these files looks like a report. ``asked``: whether ``artifacts:reports`` names a path; ``contract``: the
    globs of an evidence contract."""
    found: list[FoundReport] = []
    for file in left:
        if asked(file.path) or len(found) >= MOST:
            continue
        rule, ecosystem, glob = _rule(file, contract)
        if rule is None:
            continue
        format_ = format_of(file) if len(file.head) == file.size or file.head.lstrip()[:1] == b"<" else ""
        if format_ or (len(file.head) < file.size and rule is not Rule.CONTENT):
            found.append(
                FoundReport(
                    path=file.path, rule=rule, ecosystem=ecosystem, glob=glob, format=format_, kind=_kind(format_),
                    size=file.size,
                )
            )  # fmt: skip
    return found


def format_of(file: Left) -> str:
    """The only format whose positive mark the file has; empty where there is none or more than one."""
    from plumbline.reports.marks import look
    from plumbline.reports.parser import Source
    from plumbline.reports.parsers import parsers

    marks = look(Source(name=file.path, data=file.head))
    if isinstance(marks, Unreadable):
        return ""
    claiming = [name for name, part in parsers().items() if part.marks(marks)]
    return claiming[0] if len(claiming) == 1 else ""


def proposal(found: Sequence[FoundReport]) -> list[Text]:
    """What the log of the job says of them: how many, and the lines that would have them read."""
    if not found:
        return []
    count = len(found)
    head = nt(
        "Found {count} file that looks like a report, and no artifacts:reports names it. It was not read.",
        "Found {count} files that look like reports, and no artifacts:reports names them. They were not read.",
        count,
    )
    wanted = _lines([one for one in found if one.kind])
    lines = [head]
    if wanted:
        lines.append(t("To have them read, add to the job:"))
        lines += [t("{line}", line=line) for line in ("  artifacts:", "    reports:", *wanted[:_SHOWN])]
    others = [one for one in found if not one.kind]
    if others:
        what = ", ".join(f"{one.path} ({one.format or one.ecosystem})" for one in others[:_SHOWN])
        lines.append(t("No key of artifacts:reports takes these; ci.take_reports does, or plumb report add: {paths}",
                       paths=what))  # fmt: skip
    return lines


def _lines(found: Sequence[FoundReport]) -> list[str]:
    """The keys of ``artifacts:reports``, in YAML. Coverage has one path alone."""
    by_kind: dict[str, list[FoundReport]] = {}
    for one in found:
        by_kind.setdefault(one.kind, []).append(one)
    lines: list[str] = []
    for kind, files in by_kind.items():
        if kind == "coverage_report":
            path = _paths(files)[0]
            lines += [
                f"      {kind}:",
                f"        coverage_format: {files[0].format}",
                f"        path: {_quoted(path)}",
            ]
        else:
            lines.append(f"      {kind}: [{', '.join(map(_quoted, _paths(files)))}]")
    return lines


def _paths(files: Sequence[FoundReport]) -> list[str]:
    """Each path once; the glob of the rule in place of several that it stands for."""
    by_glob: dict[str, list[str]] = {}
    for one in files:
        by_glob.setdefault(one.glob or one.path, []).append(one.path)
    made: list[str] = []
    for glob, paths in by_glob.items():
        made += paths if len(paths) == 1 else [_covering(glob, paths)]
    return made


def _covering(glob: str, paths: list[str]) -> str:
    """The glob, below their common folder where they have one."""
    depth = glob.count("/") + 1
    above = {"/".join(path.split("/")[:-depth]) for path in paths}
    if len(above) > 1:
        return f"**/{glob}"
    folder = above.pop()
    return f"{folder}/{glob}" if folder else glob


def _quoted(path: str) -> str:
    plain = all(letter.isalnum() or letter in "/._-" for letter in path) and not path.startswith(("-", "."))
    return path if plain else "'" + path.replace("'", "''") + "'"


def _rule(file: Left, contract: Sequence[tuple[str, Matches]]) -> tuple[Rule | None, str, str]:
    named = next((glob for glob, matches in contract if matches(file.path)), "")
    if named:
        return Rule.CONTRACT, "", named
    ecosystem, glob = place_of(file.path)
    if ecosystem:
        return Rule.PATH, ecosystem, glob
    return (Rule.CONTENT, "", "") if file.kept else (None, "", "")


def _kind(format_: str) -> str:
    from plumbline.reports.parsers import parsers

    part = parsers().get(format_)
    return part.gitlab[0] if part is not None and part.gitlab else ""
