"""How the judge could be cheated, what stands against each way, and the test that shows it."""

from __future__ import annotations

from plumbline.access import use_cases
from plumbline.gates import THREATS
from plumbline.kernel import t
from plumbline.web.page import Ask, Shown, shows
from plumbline.web.places import Entry, Group, Where

_DRAWN = "M8 1.8l5 2v4c0 3.2-2 5.4-5 6.4-3-1-5-3.2-5-6.4v-4zM5.5 8l2 2 3-3.5"


@shows(
    "/threats",
    use_case=use_cases.READ_THREAT_MODEL,
    entries=(Entry("threats", t("Threats to the judge"), Group.PROTECT, Where.INSTALLATION, order=9, drawn=_DRAWN),),
)
def threats(_ask: Ask) -> Shown:
    return Shown("threats.html", {"threats": THREATS})


PART = (threats,)
