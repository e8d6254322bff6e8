"""AsyncAPI 2 and 3, JSON and YAML: the messages that an application receives and sends."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from plumbline.kernel import t
from plumbline.model.report import Contract, Operation, Report, Unreadable
from plumbline.reports import yaml
from plumbline.reports.defects import Defects
from plumbline.reports.openapi_paths import resolved
from plumbline.reports.parser import Marks, Parser, Source
from plumbline.reports.values import at, mapped, text

if TYPE_CHECKING:
    from collections.abc import Iterator

_YAML = re.compile(r"""^["']?asyncapi["']?\s*:\s*["']?[23]\.""", re.MULTILINE)
_ACTIONS = {"publish": "receive", "subscribe": "send"}  # in 2 they say what others do


def marks(found: Marks) -> bool:
    if found.shape == "text":
        return bool(_YAML.search(found.first))
    return found.shape == "json" and text(mapped(found.document).get("asyncapi"), 20)[:2] in ("2.", "3.")


def read(source: Source, found: Marks) -> Report | Unreadable:
    document = yaml.decode(source.data) if found.shape == "text" else found.document
    if isinstance(document, Unreadable):
        return document
    version = text(mapped(document).get("asyncapi"), 20)
    if version[:2] not in ("2.", "3."):
        return Unreadable(code="no-mark", message=t("The document does not say at its top which AsyncAPI it is."))
    defects = Defects()
    found_here = _of_second(document, defects) if version.startswith("2.") else _of_third(document, defects)
    return Report(
        format="asyncapi",
        format_version=version,
        content=Contract(
            title=text(at(document, "info", "title"), 1000),
            version=text(at(document, "info", "version"), 100),
            operations=tuple(sorted(set(found_here))),
            style="asyncapi",
        ),
        strict=not defects,
        defects=defects.all(),
    )


def _of_second(document: dict[str, Any], defects: Defects) -> Iterator[Operation]:
    for name, value in mapped(document.get("channels")).items():
        channel = resolved(document, value)
        if channel is None:
            _nowhere(name, defects)
            continue
        for action, verb in _ACTIONS.items():
            if action in channel:
                yield Operation(verb, text(name, 2000))


def _of_third(document: dict[str, Any], defects: Defects) -> Iterator[Operation]:
    """By the address of the channel; by its name where it has none, or where several channels have the same."""
    channels = [mapped(resolved(document, channel)) for channel in mapped(document.get("channels")).values()]
    addresses = Counter(text(channel.get("address"), 2000) for channel in channels)
    for name, value in mapped(document.get("operations")).items():
        operation = mapped(resolved(document, value))
        reference = mapped(operation.get("channel"))
        found = mapped(resolved(document, reference))
        verb, address = text(operation.get("action"), 20), text(found.get("address"), 2000)
        if not address or addresses[address] > 1:
            address = text(reference.get("$ref"), 400).rpartition("/")[2].replace("~1", "/").replace("~0", "~")
        if found and address and verb in ("send", "receive"):
            yield Operation(verb, address)
        else:
            _nowhere(name, defects)


def _nowhere(name: str, defects: Defects) -> None:
    message = t("What is at '{path}' lies in another file or nowhere.", path=name[:400])
    defects.add("no-reference", message, name)


PART = Parser(
    name="asyncapi",
    title=t("AsyncAPI: messages of an interface"),
    marks=marks,
    read=read,
    paths=("**/asyncapi.json", "**/asyncapi.y*ml"),
    reference="https://www.asyncapi.com/docs/reference/specification/latest",
)
