"""gRPC: the methods of the services in a file of Protocol Buffers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.model.report import Contract, Operation, Report, Unreadable
from plumbline.reports.defects import Defects
from plumbline.reports.parser import Marks, Parser, Source
from plumbline.reports.words import of_proto

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROTO = re.compile(r"""^\s*(?:syntax\s*=\s*["']proto[23]["']|edition\s*=\s*["']20\d\d["'])\s*;""", re.MULTILINE)


def marks(found: Marks) -> bool:
    return found.shape == "text" and bool(_PROTO.search(found.first))


def read(source: Source, _: Marks) -> Report | Unreadable:
    words = of_proto(source.data)
    if isinstance(words, Unreadable):
        return words
    defects = Defects()
    operations = tuple(sorted(set(_operations(words))))
    if not operations:
        defects.add("no-operations", t("The file declares no method: it may hold messages alone."))
    return Report(
        format="grpc",
        content=Contract(operations=operations, style="grpc"),
        strict=not defects,
        defects=defects.all(),
    )


def _operations(words: list[str]) -> Iterator[Operation]:
    """``package`` and ``service`` count outside of all braces, ``rpc`` inside those of a service."""
    package = service = last = ""
    depth = 0
    for word in words:
        if word == "{":
            depth += 1
        elif word == "}":
            depth = max(depth - 1, 0)
        elif depth == 0 and last == "package":
            package = word
        elif depth == 0 and last == "service":
            service = word
        elif depth == 0 and word == "message":
            service = ""
        elif depth == 1 and service and last == "rpc":
            yield Operation("", f"{package}.{service}/{word}" if package else f"{service}/{word}")
        last = word


PART = Parser(
    name="grpc",
    title=t("gRPC: methods of an interface"),
    marks=marks,
    read=read,
    paths=("**/*.proto",),
    reference="https://protobuf.dev/reference/protobuf/proto3-spec/",
)
