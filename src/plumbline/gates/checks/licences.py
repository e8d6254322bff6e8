"""What is built in has a licence that may be used."""

from __future__ import annotations

from plumbline.gates.checks._check import GOOD, Check, Found, Parameter, Takes, Values, failed, no_data, some
from plumbline.gates.licence_expressions import satisfied
from plumbline.kernel import Text, t
from plumbline.model.words import Words


def _good(given: Values, name: str) -> bool:
    def allowed(licence: str) -> bool:
        if licence.casefold() in {one.casefold() for one in given["deny"]}:
            return False
        return not given["allow"] or licence.casefold() in {one.casefold() for one in given["allow"]}

    return satisfied(name, allowed)


def _look(given: Values, facts: Values) -> Found:
    bad = tuple(one for one in facts["licences.names"] if not _good(given, one))
    if bad:
        return failed(f"Licences that are not allowed: {some(bad)}.", f"不允许的许可证：{some(bad)}。")
    if facts["licences.components"] == 0:
        return no_data("No component is known.", "没有任何组件信息。", "no-components")
    unknown = facts["licences.unknown"]
    if unknown:
        return no_data(f"Components without a known licence: {unknown}.", f"{unknown} 个组件的许可证未知。",
                       "unknown-licence")  # fmt: skip
    return GOOD


def _faults(given: Values) -> tuple[tuple[str, Text], ...]:
    if not given["allow"] and not given["deny"]:
        return (("allow", t("Name the licences that are allowed, or those that are denied.")),)
    return ()


PART = Check(
    title=t("Licences"),
    about=t(
        "Each component has a licence that is on the list, or on none of those that are denied. Of 'A OR B' one "
        "is enough, "
        "of 'A AND B' both are looked at. A component without a known licence is no data."
    ),
    parameters=(
        Parameter(name="allow", takes=Takes.WORDS, about=t("SPDX ids; empty: all that are not denied."), standard=()),
        Parameter(name="deny", takes=Takes.WORDS, about=t("SPDX ids that are never allowed."), standard=()),
    ),
    needs=lambda _: ("licences.names", "licences.components", "licences.unknown"),
    look=_look,
    faults=_faults,
    remedy=Words(en="Replace the component, or have the licence put on the list by those who keep it.",
                 zh="更换该组件，或请许可证清单的负责人将其列入允许范围。"),
)  # fmt: skip
