"""CSAF 2.0: advisories of vendors, and their judgements of products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.kernel import t
from plumbline.model.report import Advisories, Judgement, Report, Unreadable
from plumbline.reports.csaf_products import products_of
from plumbline.reports.defects import Defects
from plumbline.reports.parser import Marks, Parser, Source
from plumbline.reports.values import at, listed, mapped, maps, text, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_STATUSES = {
    "first_affected": "affected",
    "known_affected": "affected",
    "last_affected": "affected",
    "first_fixed": "fixed",
    "fixed": "fixed",
    "known_not_affected": "not_affected",
    "under_investigation": "under_investigation",
}


def marks(found: Marks) -> bool:
    document = mapped(at(found.document, "document")) if found.shape == "json" else {}
    return text(document.get("csaf_version")).startswith("2.") and type(document.get("category")) is str


def read(_: Source, found: Marks) -> Report | Unreadable:
    """A product that is said not to be affected, without a flag or an impact that says why, is left out and listed."""
    document, head, defects = found.document, found.document["document"], Defects()
    products = products_of(mapped(document.get("product_tree")), defects)
    judgements = [
        judgement
        for number, entry in enumerate(listed(document.get("vulnerabilities")))
        for judgement in _judgements(mapped(entry), products, f"/vulnerabilities/{number}", defects)
    ]
    engine = mapped(at(head, "tracking", "generator", "engine"))
    return Report(
        format="csaf",
        format_version=text(head.get("csaf_version"), 20),
        content=Advisories(
            id=text(at(head, "tracking", "id"), 400),
            author=text(at(head, "publisher", "name"), 400),
            judgements=tuple(judgements),
        ),
        tool=text(engine.get("name"), 200),
        tool_version=text(engine.get("version"), 100),
        made=text(at(head, "tracking", "current_release_date"), 60),
        strict=_strict(head, defects),
        defects=defects.all(),
    )


def _judgements(
    entry: dict[str, Any], products: Mapping[str, str], where: str, defects: Defects
) -> Iterator[Judgement]:
    said = (text(entry.get("cve"), 60), *(text(each.get("text"), 200) for each in maps(entry.get("ids"))))
    names = tuple(filter(None, said))
    if not names:
        defects.add("no-vulnerability", t("A statement does not name a vulnerability."), where)
        return
    flags = _by_product(maps(entry.get("flags")), "label")
    threats = (threat for threat in maps(entry.get("threats")) if threat.get("category") == "impact")
    impacts = _by_product(threats, "details")
    for key, ids in mapped(entry.get("product_status")).items():
        for name in texts(ids) if key in _STATUSES else ():
            if name not in products:
                defects.add("unknown-ref", t("The product '{id}' is not in the product tree.", id=name), where)
                continue
            if key == "known_not_affected" and name not in flags and name not in impacts:
                message = t("'{name}' is said not to affect the product, and no reason is given.", name=names[0])
                defects.add("no-justification", message, where)
                continue
            yield Judgement(
                vulnerability=names[0],
                aliases=names[1:],
                product=products[name],
                status=_STATUSES[key],
                justification=flags.get(name, ""),
                impact=impacts.get(name, ""),
            )


def _strict(head: dict[str, Any], defects: Defects) -> bool:
    """Only the profile of VEX asks for the reason why a product is not affected."""
    mild = () if head.get("category") == "csaf_vex" else ("no-justification",)
    return all(defect.code in mild for defect in defects.all())


def _by_product(entries: Iterable[dict[str, Any]], key: str) -> dict[str, str]:
    return {name: text(entry.get(key)) for entry in entries for name in texts(entry.get("product_ids"))}


PART = Parser(
    name="csaf",
    title=t("CSAF 2.0: advisories"),
    marks=marks,
    read=read,
    paths=("**/*.csaf.json",),
    reference="https://docs.oasis-open.org/csaf/csaf/v2.0/csaf-v2.0.html",
)
