"""A file read as what its positive mark says that it is; whatever stands in it, nothing raises."""

from __future__ import annotations

from traceback import extract_tb
from typing import TYPE_CHECKING

import msgspec

from plumbline.kernel import t
from plumbline.model.report import Report, Unreadable
from plumbline.reports.encoding import in_utf8
from plumbline.reports.marks import look_at
from plumbline.reports.parsers import parsers

if TYPE_CHECKING:
    from plumbline.reports.parser import Marks, Parser, Source


def read(source: Source, wanted: str = "") -> Report | Unreadable:
    """Read one file. ``wanted``: the name of a format or a key of ``artifacts:reports``, if the sender named one: the
    file must be of such a format, and still have the mark of it.

    Unreadable with the code "fault" is a mistake of ours; its message says where, and whoever called writes it down.
    """
    try:
        return _read(source, wanted)
    except RecursionError:
        return Unreadable(code="too-deep", message=t("Values stand too deep in each other."))
    except Exception as error:  # noqa: BLE001 - no file may end the work of whoever reads it
        frames = extract_tb(error.__traceback__)
        place = next(frame for frame in reversed(frames) if "/plumbline/" in frame.filename.replace("\\", "/"))
        return Unreadable(
            code="fault",
            message=t(
                "The reader failed: {error}. This is a mistake in Plumbline; please report it.",
                error=f"{type(error).__name__} ({place.filename.rpartition('/')[2]}:{place.lineno})",
            ),
        )


def _read(source: Source, wanted: str) -> Report | Unreadable:
    asked = [part for part in parsers().values() if not wanted or wanted == part.name or wanted in part.gitlab]
    if not asked:
        return Unreadable(
            code="unknown-kind",
            message=t(
                "No report is of the kind '{kind}'. There are: {kinds}.", kind=wanted[:80], kinds=", ".join(parsers())
            ),
        )
    clean = in_utf8(source)
    if isinstance(clean, Unreadable):
        return clean
    marks = look_at(*clean, wanted)
    if isinstance(marks, Unreadable):
        return marks
    claiming = [part for part in asked if part.marks(marks)]
    if not claiming:
        return _no_mark(marks, wanted)
    if len(claiming) > 1:
        return Unreadable(
            code="ambiguous",
            message=t(
                "The file has the marks of several formats: {formats}. Name the one that is meant.",
                formats=", ".join(part.name for part in claiming),
            ),
        )
    return _by(claiming[0], clean[0], marks)


def _by(part: Parser, source: Source, marks: Marks) -> Report | Unreadable:
    done = part.read(source, marks)
    if isinstance(done, Unreadable):
        return done if done.format else msgspec.structs.replace(done, format=part.name)
    if marks.defects:
        done = msgspec.structs.replace(done, defects=(*marks.defects, *done.defects), strict=False)
    return done


def _no_mark(marks: Marks, wanted: str) -> Unreadable:
    seen = {
        "xml": t("XML with the root <{root}>", root=marks.root[:80]),
        "json": t("JSON with the keys {keys}", keys=", ".join(marks.children[:8])[:200] or "-"),
        "jsonl": t("a line of JSON after another"),
        "zip": t("a ZIP archive"),
        "binary": t("no text"),
    }.get(marks.shape, t("plain text"))
    others = [part.name for part in parsers().values() if part.marks(marks)] if wanted else []
    if others:
        return Unreadable(
            code="other-kind",
            message=t(
                "The file was given as '{kind}'; by its mark it is {other}.", kind=wanted, other=", ".join(others)
            ),
        )
    if wanted:
        return Unreadable(
            code="no-mark",
            message=t("The file was given as '{kind}' and has no mark of it: it is {seen}.", kind=wanted, seen=seen),
        )
    return Unreadable(code="no-mark", message=t("Nothing in the file says what it is: it is {seen}.", seen=seen))
