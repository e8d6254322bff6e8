"""What a parser is: one format, the positive mark that a file of it has, and how such a file is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from plumbline.kernel import Text
from plumbline.model.report import Defect, Report, Unreadable


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is to be read. ``name``: its path, which is no mark and decides nothing alone."""

    name: str
    data: bytes
    settings: Mapping[str, str] = {}  # "layer": what the project says of it; "root": the folder it was made in;
    # "declared": the kind of scan that the key of artifacts:reports stands for


class Marks(msgspec.Struct, frozen=True, kw_only=True):
    """What was found out about a file by one look at its beginning and its outermost shape. Made once a file, by
    :func:`plumbline.reports.marks.look`."""

    shape: str  # "xml", "json", "jsonl", "text", "zip", "binary"
    root: str = ""  # XML: local name of the root element
    namespace: str = ""
    children: tuple[str, ...] = ()  # XML: local names of the first elements below the root; JSON: keys of the object
    attributes: Mapping[str, str] = {}  # XML: of the root element
    schema: str = ""  # JSON: "$schema"
    document: Any = None  # JSON: the decoded document, where the shape is json; lines, where it is jsonl
    first: str = ""  # text: the beginning
    wanted: str = ""  # what the sender calls it; the only mark of formats that have none of their own (dotenv)
    defects: tuple[Defect, ...] = ()  # of encoding and syntax


class Parser(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the shelf ``reports/parsers``.

    ``marks``: True where the file is surely of this format: a root element, a schema, a block that names the tool. A
    file that two parsers claim is ambiguous. ``read`` gives Unreadable for what cannot be read; it never raises for
    what stands in a file. ``gitlab``: keys of ``artifacts:reports`` that bring such files. ``paths``: where tools of an
    ecosystem leave such files by default, as globs.
    """

    name: str
    title: Text
    marks: Callable[[Marks], bool]
    read: Callable[[Source, Marks], Report | Unreadable]
    gitlab: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    reference: str = ""  # where the format is defined
