"""An item of a maturity model as the model has it: what it asks for at each level, whoever is graded."""

from __future__ import annotations

from plumbline.access import use_cases
from plumbline.flow.assessments.packs import view_pack
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.maturity import EFFORTS
from plumbline.web.outcomes import KINDS as RULES
from plumbline.web.outcomes import SOURCES
from plumbline.web.page import Ask, Shown, api_command, shows


@shows("/packs/{pack}/items/{code}", slow=True, use_case=use_cases.LIST_PACKS, inside="assessments")
def item(ask: Ask) -> Shown:
    pack = view_pack(ask.actor, ask.tools.assessments, ask.part("pack")).pack
    found = pack.item(ask.part("code"))
    if found is None:
        message = t("The model {name} has no item {item}.", name=pack.name, item=ask.part("code"))
        raise PlumblineError("not-found", message, kind=ErrorKind.REFUSED)
    values = {
        "pack": pack,
        "item": found,
        "levels": {level.id: level.name for level in pack.levels},
        "rules": RULES,
        "efforts": EFFORTS,
        "sources": SOURCES,
        "command": api_command(f"/packs/{pack.id}"),
    }
    return Shown("model_item.html", values)


PART = (item,)
