"""What documents say of one vulnerability in one package; found by the package, by the vulnerability, or by both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.reports.purls import without_version

if TYPE_CHECKING:
    from plumbline.model.report import Advisories, Judgement


def judgements_of(advisories: Advisories, *, purl: str = "", vulnerability: str = "") -> tuple[Judgement, ...]:
    """Judgements that name this package (as the product or a part of it) and this vulnerability (or an alias of it). An
    empty one asks for all."""
    return tuple(
        judgement
        for judgement in advisories.judgements
        if (not vulnerability or vulnerability in (judgement.vulnerability, *judgement.aliases))
        and (not purl or any(_means(said, purl) for said in (judgement.product, judgement.component)))
    )


def _means(said: str, purl: str) -> bool:
    """A judgement of a package without a version is of every version; so is a question without one."""
    if not said or without_version(said) != without_version(purl):
        return False
    return _version(said) in ("", _version(purl)) or not _version(purl)


def _version(purl: str) -> str:
    last = purl.partition("#")[0].partition("?")[0].rpartition("/")[2]
    return last.rpartition("@")[2] if "@" in last else ""
