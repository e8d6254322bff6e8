"""What a history shows, on a terminal: its figures, and the items of a model that they speak to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from plumbline.cli.display.table import table
from plumbline.kernel import Text, t
from plumbline.kernel.text import nt
from plumbline.model.assessment import Judgement
from plumbline.observation import DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plumbline.cli.display.words import Paint
    from plumbline.model.assessment import Assessment, ItemGrade
    from plumbline.observation import Figure

_BARS = "▁▂▃▄▅▆▇█"
_NOTHING = "·"
_ROOM = 100  # cells of a line that has room for what is only good to know


def figure_lines(figures: Sequence[Figure], end: int, subject: str, paint: Paint, width: int) -> Iterator[str]:
    """``end``: of the year that they are of, seconds since the epoch. ``width``: cells of a line, 0: any number."""
    begin, last = _day(end - DAYS * 86_400), _day(end)
    yield paint(
        t("What your history shows: {subject}, {begin} to {end}", subject=subject, begin=begin, end=last), "bold"
    )
    yield str(t("The commits that the trunk has, month by month; 'no data' is not a no."))
    yield ""
    marks: dict[object, int] = {}
    rows = []
    for one in figures:
        place: object = t("no published band")
        if one.bands is not None:
            mark = marks.setdefault(one.bands.source, len(marks) + 1)
            place = f"{one.place[1]} [{mark}]" if one.place else f"- [{mark}]"
        spark = sparkline(one.months)
        rows.append((one.title, _value(one), *((one.sample,) if _roomy(width) else ()), spark, place))
    head = (t("figure"), t("value"), *((t("of"),) if _roomy(width) else ()), t("12 months"), t("published band"))
    yield from table(head, rows, right=frozenset({1, 2} if _roomy(width) else {1}), width=width)
    yield ""
    for one in {one.bands.source: one for one in figures if one.bands}.values():
        assert one.bands is not None
        source = one.bands.source
        yield f"[{marks[source]}] {source.title}"
        yield from (f"    {said}" for said in (source.about, source.address) if said)


def spoken_lines(made: Assessment, paint: Paint, width: int) -> Iterator[str]:
    """The items of which a criterion is decided by what was observed; the others are counted."""
    every = made.every_item()
    spoken = [item for item in every if any(_decided(item))]
    yield paint(t("What that says of {pack}", pack=made.pack_name), "bold")
    yield str(made.notice)
    yield ""
    rows = [
        (item.id, item.name, f"{item.level or '-'}..{item.ceiling or '-'}", *_counts(item), len(item.verdicts))
        for item in spoken
    ]
    head = (t("item"), t("name"), t("level"), t("met"), t("not met"), t("criteria"))
    if rows:
        yield from table(head, rows, right=frozenset({3, 4, 5}), limit=34, width=width)
    else:
        yield str(t("Nothing in it can be decided by what git shows."))
    yield ""
    silent = len(every) - len(spoken)
    if silent:
        yield str(
            nt(
                "Of {count} item git shows nothing, which is never a pass: `--items` lists all of them.",
                "Of {count} items git shows nothing, which is never a pass: `--items` lists all of them.",
                silent,
            )
        )
    result = made.digest[:19]
    yield str(
        t("Pack {pack} version {version}; result {result}", pack=made.pack, version=made.pack_version, result=result)
    )


def figures_plain(figures: Sequence[Figure], end: int) -> dict[str, Any]:
    """For programs. Times are RFC 3339; ``months`` has the oldest first, null where there was nothing to count."""
    return {
        "begin": _time(end - DAYS * 86_400),
        "end": _time(end),
        "figures": [
            {
                "key": one.key,
                "title": str(one.title),
                "unit": one.unit,
                "value": one.value,
                "sample": one.sample,
                "months": list(one.months),
                "band": _band(one),
            }
            for one in figures
        ],
    }


def sparkline(values: Sequence[float | None]) -> str:
    """A bar for each, from none to the highest of them; a dot where there is no value."""
    most = max((one for one in values if one is not None), default=0) or 1
    return "".join(_NOTHING if one is None else _BARS[round(one / most * (len(_BARS) - 1))] for one in values)


def _band(figure: Figure) -> dict[str, Any] | None:
    if figure.bands is None:
        return None
    source, place = figure.bands.source, figure.place
    return {
        "key": place[0] if place else None,
        "name": str(place[1]) if place else None,
        "source": source.title,
        "address": source.address,
        "about": str(source.about) if source.about else None,
    }


def _roomy(width: int) -> bool:
    return not 0 < width < _ROOM


def _value(figure: Figure) -> Text | str:
    if figure.value is None:
        return t("no data")
    if figure.unit == "%":
        return f"{_number(figure.value)} %"
    if figure.unit == "h" and figure.value < 48:
        return t("{number} h", number=_number(figure.value))
    if figure.unit in ("h", "d"):
        return t("{number} d", number=_number(figure.value / (24 if figure.unit == "h" else 1)))
    return _number(figure.value)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}" if value >= 1 else f"{value:.2g}"


def _decided(item: ItemGrade) -> Iterator[Judgement]:
    return (one.outcome for one in item.verdicts if one.outcome in (Judgement.MET, Judgement.NOT_MET) and one.events)


def _counts(item: ItemGrade) -> tuple[int, int]:
    found = list(_decided(item))
    return found.count(Judgement.MET), found.count(Judgement.NOT_MET)


def _day(seconds: int) -> str:
    return _time(seconds)[:10]


def _time(seconds: int) -> str:
    """Clocks that are wrong by ages must not stop anything."""
    return datetime.fromtimestamp(min(max(seconds, 0), 253_402_300_799), UTC).isoformat().replace("+00:00", "Z")
