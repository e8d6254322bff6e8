"""Variables that a job hands on; they have no mark of their own, so only the sender can say that a file is one."""

from __future__ import annotations

import re

from plumbline.kernel import t
from plumbline.model.report import Report, Unreadable, Variables
from plumbline.reports import limits
from plumbline.reports.defects import Defects
from plumbline.reports.parser import Marks, Parser, Source

_LINE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_MOST = 1_000


def _marks(marks: Marks) -> bool:
    return marks.shape == "text" and marks.wanted == "dotenv"


def _read(source: Source, _: Marks) -> Report | Unreadable:
    defects = Defects()
    names: dict[str, None] = {}
    for number, line in enumerate(source.data.decode("utf-8", "replace").splitlines(), 1):
        where = f"line {number}"
        if not line.strip() or line.lstrip().startswith("#"):
            defects.add("bad-line", t("GitLab takes neither empty lines nor comments in such a file."), where)
            continue
        found = _LINE.fullmatch(line.strip())
        if not found:
            return Unreadable(code="malformed", message=t("Line {line} is not of the form NAME=value.", line=number))
        if found[1] in names:
            defects.add("duplicate-name", t("A variable stands twice; the last one counts."), found[1])
        names[limits.name(found[1])] = None
        if len(names) > _MOST:
            return Unreadable(code="too-many", message=t("The file has more than {most} variables.", most=_MOST))
    return Report(format="dotenv", content=Variables(names=tuple(names)), strict=not defects, defects=defects.all())


PART = Parser(
    name="dotenv",
    title=t("Variables for later jobs"),
    marks=_marks,
    read=_read,
    gitlab=("dotenv",),
    reference="https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv",
)
