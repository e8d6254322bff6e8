"""Facts that lie just on one side of a threshold, and the packs that come with the product, loaded once."""

from __future__ import annotations

from functools import cache

import msgspec

from plumbline.adapters.packs import load_pack, shipped
from plumbline.judging import Defaults
from plumbline.maturity import judge
from plumbline.maturity.pack import Criterion
from plumbline.model.assessment import Judgement, Scope
from plumbline.model.fact import Fact, Lack, Window
from plumbline.model.words import Words

DAY = 86_400_000_000
END = 1_790_000_000_000_000
SCOPE = Scope(subject="acme/shop", as_of=10, end=END)
SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
PACKS = shipped()
WHOLE = 8192  # members of a population: a power of two, so that shares are exact
SMALLEST = Defaults().min_sample
SHAPES = {"share": "share", "rate": "rate", "median": "sample", "percentile_90": "sample", "percentile_95": "sample"}


@cache
def pack(name):
    return load_pack(name)


def words(text="text"):
    return Words(en=text, zh=f"{text}（中文）")


def fact(signal, number, size=None):
    """A fact that the signal's probe measures as ``number``, in the unit of its threshold."""
    window = Window(END - signal.at.window_days * DAY, END + 1) if signal.at and signal.at.window_days else None
    made = Fact(name=signal.fact, window=window)
    scale = SECONDS.get(signal.at.unit, 1) if signal.at else 1
    match SHAPES.get(signal.probe, "value"):
        case "share":
            whole = WHOLE if size is None else size
            return msgspec.structs.replace(made, numerator=number * whole / 100, denominator=float(whole))
        case "rate":
            return msgspec.structs.replace(made, numerator=number * 13, denominator=13.0)
        case "sample":
            return msgspec.structs.replace(made, values=(number * scale,) * (size or SMALLEST))
    if signal.probe == "no_statement":
        number = 1 - number
    return msgspec.structs.replace(made, value=float(number * scale))


def good_number(signal):
    """The number nearest to the limit that is good enough."""
    if signal.at is None:
        return 1.0
    step = {">": 1 / 128, "<": -1 / 128}.get(signal.at.op, 0)
    return signal.at.value + step


def bad_number(signal):
    """The number nearest to the limit that is not good enough."""
    if signal.at is None:
        return 0.0
    limit, op = signal.at.value, signal.at.op
    if op in (">", "<"):
        return limit
    down = op == ">=" or (op == "=" and limit > 0)
    return limit - 1 / 128 if down else limit + 1 / 128


def good(signal):
    return fact(signal, good_number(signal))


def bad(signal):
    return fact(signal, bad_number(signal))


def none(signal, lack=Lack.NO_SOURCE):
    return Fact(name=signal.fact, lack=lack)


def binding(criterion):
    return [one for one in criterion.signals if one.at is None or one.at.binding]


def sampled(signal):
    """Whether the smallest sample is held against it."""
    windowed = bool(signal.at and signal.at.window_days)
    return SHAPES.get(signal.probe) == "sample" or (signal.probe == "share" and windowed)


def outcome(criterion, facts, exempt=None):
    return judge(criterion, facts, Defaults(), exempt).outcome


def alone(signal):
    """A criterion that this signal alone decides."""
    return Criterion(
        id="alone", text=words(), kind="demand", evidence="automatic", remedy=words(), effort="low", signals=(signal,)
    )


def meeting(criteria):
    """One answer for each question, so that all these criteria are met at once."""
    by_key = {}
    for criterion in criteria:
        for signal in binding(criterion):
            by_key.setdefault(signal.key, []).append(signal)
    found = {}
    for key, signals in by_key.items():
        suits = (
            one for one in map(good, signals)
            if all(outcome(alone(signal), {key: one}) is Judgement.MET for signal in signals)
        )  # fmt: skip
        found[key] = next(suits, None)
        assert found[key] is not None, f"no answer to {key} meets all of {criteria}"
    return found
