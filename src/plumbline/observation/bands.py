"""Where a figure lies among bands that somebody published. Figures that nobody published bands for have none."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, NamedTuple

from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.kernel import Text


class Source(NamedTuple):
    """Who published the bands, and where. ``about``: what they speak of, where that is not quite what is measured."""

    title: str
    address: str
    about: Text | None = None


class Bands(NamedTuple):
    """``steps``: each with the lowest value that is still in it, from low to high. ``key`` is what programs read."""

    source: Source
    steps: tuple[tuple[float, str, Text], ...]

    def place(self, value: float) -> tuple[str, Text]:
        """The key and the name of the band that a value lies in."""
        _, key, name = [step for step in self.steps if value >= step[0]][-1]
        return key, name


_DAY, _MONTH = 24.0, 365 / 12 * 24.0  # hours
_QUICK_CHECK = "DORA Quick Check"
_QUICK_CHECK_AT = "https://dora.dev/quickcheck/"
_TRUNK = "DORA, Trunk-based development"
_TRUNK_AT = "https://dora.dev/capabilities/trunk-based-development/"
_BADGE = "OpenSSF Best Practices Badge"
_BADGE_AT = "https://www.bestpractices.dev/en/criteria"

LEAD_TIME = Bands(
    Source(_QUICK_CHECK, _QUICK_CHECK_AT, t("from commit to production; here: to a tag")),
    (
        (-inf, "under-an-hour", t("under an hour")),
        (1.0, "under-a-day", t("an hour to a day")),
        (_DAY, "under-a-week", t("a day to a week")),
        (7 * _DAY, "under-a-month", t("a week to a month")),
        (_MONTH, "under-six-months", t("1 to 6 months")),
        (6 * _MONTH, "over-six-months", t("over 6 months")),
    ),
)  # hours
FREQUENCY = Bands(
    Source(_QUICK_CHECK, _QUICK_CHECK_AT, t("of deployments to production; here: of tags")),
    (
        (-inf, "below-twice-a-year", t("under 1 in 6 months")),
        (1 / 6, "below-monthly", t("1 to 6 in 6 months")),
        (1.0, "below-weekly", t("monthly to weekly")),
        (365 / 12 / 7, "below-daily", t("weekly to daily")),
        (365 / 12, "below-hourly", t("daily to hourly")),
        (365 / 12 * 24, "on-demand", t("more than hourly")),
    ),
)  # a month
BRANCH_LIFE = Bands(
    Source(_TRUNK, _TRUNK_AT),
    ((-inf, "within-a-day", t("within a day")), (_DAY + 1e-9, "over-a-day", t("over a day"))),
)  # hours
ACTIVE_BRANCHES = Bands(
    Source(_TRUNK, _TRUNK_AT),
    ((-inf, "three-or-fewer", t("three or fewer")), (3.5, "over-three", t("over three"))),
)
BUS_FACTOR = Bands(
    Source(f"{_BADGE}, bus_factor", _BADGE_AT, t("of people without whom work would stop; here: who wrote half of it")),
    ((-inf, "under-two", t("under two")), (2.0, "two-or-more", t("two or more"))),
)
REVIEWED = Bands(
    Source(f"{_BADGE}, two_person_review", _BADGE_AT, t("of reviewed changes; git shows only those that say so")),
    ((-inf, "under-half", t("under half say so")), (50.0, "half-or-more", t("half or more"))),
)  # percent
SIGNED_TAGS = Bands(
    Source(f"{_BADGE}, version_tags_signed", _BADGE_AT),
    ((-inf, "not-all", t("not each is signed")), (100.0, "all", t("each is signed"))),
)  # percent
