"""Scans looked, and found nothing new of a severity or above."""

from __future__ import annotations

from plumbline.gates.checks._check import GOOD, Check, Found, Parameter, Takes, Values, failed, no_data, some
from plumbline.kernel import t
from plumbline.model.words import Words

_SEVERITIES = ("critical", "high", "medium", "low", "info")
_KINDS = ("sast", "dependency", "secret", "licence", "container", "dast", "infrastructure", "quality", "other")


def _counted(given: Values) -> tuple[str, ...]:
    last = _SEVERITIES.index(given["severity"])
    return tuple(f"findings.new.{one}" for one in _SEVERITIES[: last + 1])


def _needs(given: Values) -> tuple[str, ...]:
    return ("findings.scanned", *_counted(given), "findings.new.unknown")


def _look(given: Values, facts: Values) -> Found:
    found = {name.rpartition(".")[2]: facts[name] for name in _counted(given) if facts[name]}
    if found:
        listed = ", ".join(f"{name} {count}" for name, count in found.items())
        return failed(f"New findings: {listed}.", f"新增发现：{listed}。")
    absent = tuple(one for one in given["kinds"] if one not in facts["findings.scanned"])
    if absent:
        return no_data(f"No finished scan of the kind: {some(absent)}.", f"没有完成的扫描：{some(absent)}。",
                       f"not-scanned: {some(absent)}")  # fmt: skip
    if not facts["findings.scanned"]:
        return no_data("Nothing was scanned.", "没有进行任何扫描。", "nothing-scanned")
    unknown = facts["findings.new.unknown"]
    if unknown:
        return no_data(f"New findings without a known severity: {unknown}.", f"{unknown} "
                       f"个新增发现的严重程度未知。",
                       "unknown-severity")  # fmt: skip
    return GOOD


PART = Check(
    title=t("No new findings"),
    about=t(
        "Scans of all these kinds finished and say what they looked at, and nothing that they found of this "
        "severity or "
        "above is new. A new finding without a known severity is no data."
    ),
    parameters=(
        Parameter(name="severity", takes=Takes.WORD, about=t("This one and those above it."), standard="high",
                  choices=_SEVERITIES),
        Parameter(name="kinds", takes=Takes.WORDS, choices=_KINDS,
                  about=t("Kinds of scans that have to have finished.")),
    ),
    needs=_needs,
    look=_look,
    remedy=Words(
        en="Mend what was found. A false alarm, or what is accepted until a day, is decided on the finding's page.",
        zh="修复发现的问题；误报或限期接受的，请在该发现的页面上作出决定。",
    ),
)  # fmt: skip
