"""OpenVEX: which vulnerabilities do not affect a product, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.kernel import t
from plumbline.model.report import Advisories, Judgement, Report, Unreadable
from plumbline.reports.defects import Defects
from plumbline.reports.parser import Marks, Parser, Source
from plumbline.reports.values import at, listed, mapped, maps, text, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONTEXT = "https://openvex.dev/ns"
_STATUSES = frozenset(("not_affected", "affected", "fixed", "under_investigation"))
_JUSTIFICATIONS = frozenset(
    (
        "component_not_present",
        "vulnerable_code_not_present",
        "vulnerable_code_not_in_execute_path",
        "vulnerable_code_cannot_be_controlled_by_adversary",
        "inline_mitigations_already_exist",
    )
)


def marks(found: Marks) -> bool:
    document = mapped(found.document) if found.shape == "json" else {}
    return text(document.get("@context")).startswith(_CONTEXT) and type(document.get("statements")) is list


def read(_: Source, found: Marks) -> Report | Unreadable:
    """A statement that its format does not allow is left out, and listed with the reason: nothing rests on it."""
    document, defects = found.document, Defects()
    judgements = [
        judgement
        for number, statement in enumerate(document["statements"])
        for judgement in _judgements(document, mapped(statement), f"/statements/{number}", defects)
    ]
    return Report(
        format="openvex",
        format_version=text(document.get("@context")).rpartition("/")[2],
        content=Advisories(
            id=text(document.get("@id"), 1000),
            author=text(document.get("author"), 400),
            judgements=tuple(judgements),
        ),
        tool=text(document.get("tooling"), 200),
        made=text(document.get("last_updated"), 60) or text(document.get("timestamp"), 60),
        strict=not defects,
        defects=defects.all(),
    )


def _judgements(
    document: dict[str, Any], statement: dict[str, Any], where: str, defects: Defects
) -> Iterator[Judgement]:
    status, justification = text(statement.get("status"), 60), text(statement.get("justification"), 200)
    impact = text(statement.get("impact_statement"))
    names = _names(statement.get("vulnerability"))
    if not names:
        defects.add("no-vulnerability", t("A statement does not name a vulnerability."), where)
        return
    if status not in _STATUSES:
        defects.add("no-status", t("'{status}' is no status of OpenVEX.", status=status), where)
        return
    if status == "not_affected" and not justification and not impact.strip():
        message = t("'{name}' is said not to affect the product, and no reason is given.", name=names[0])
        defects.add("no-justification", message, where)
        return
    if justification and justification not in _JUSTIFICATIONS:
        message = t("'{name}' is no justification that OpenVEX knows.", name=justification)
        defects.add("unknown-justification", message, where)
        return
    if status == "affected" and not text(statement.get("action_statement")).strip():
        defects.add("no-action", t("'{name}' affects the product, and no action is given.", name=names[0]), where)
    time = text(statement.get("timestamp"), 60) or text(document.get("timestamp"), 60)
    for product, component in _products(statement):
        yield Judgement(
            vulnerability=names[0],
            aliases=names[1:],
            product=product,
            component=component,
            status=status,
            justification=justification,
            impact=impact,
            at=time,
        )


def _names(vulnerability: Any) -> tuple[str, ...]:
    """Its name, then its aliases; before 0.2 a text alone."""
    if type(vulnerability) is str:
        return (text(vulnerability, 200),)
    entry = mapped(vulnerability)
    main = text(entry.get("name"), 200) or text(entry.get("@id"), 400).rpartition("/")[2]
    return tuple(dict.fromkeys(filter(None, (main, *texts(entry.get("aliases"))))))


def _products(statement: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Products, each with its components that it is about; one statement without a product is about the document's."""
    entries = listed(statement.get("products"))
    for entry in entries or [""]:
        parts = [_called(part) for part in maps(mapped(entry).get("subcomponents"))]
        for part in parts or [""]:
            yield _called(entry), part


def _called(entry: Any) -> str:
    if type(entry) is str:
        return text(entry, 2000)
    return text(at(entry, "identifiers", "purl"), 2000) or text(mapped(entry).get("@id"), 2000)


PART = Parser(
    name="openvex",
    title=t("OpenVEX: judgements of vulnerabilities"),
    marks=marks,
    read=read,
    paths=("**/*.openvex.json", "**/*.vex.json"),
    reference="https://github.com/openvex/spec",
)
