"""Every pack that comes with the product: its form, its numbers, and that each of its rules really decides."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
import yaml
from tests.maturity.fact_maker import (
    PACKS,
    SCOPE,
    SMALLEST,
    bad,
    bad_number,
    binding,
    fact,
    good,
    good_number,
    meeting,
    none,
    outcome,
    pack,
    sampled,
)

from plumbline.facts import Asked
from plumbline.judging import Defaults, probes
from plumbline.maturity import canonical, grade, judge, revive
from plumbline.model.assessment import Judgement
from plumbline.model.fact import Lack
from plumbline.model.words import Words

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "standard" / "continuous-delivery.yaml"
FROZEN = yaml.safe_load((ROOT / "tests/cases/maturity/continuous-delivery.yml").read_text(encoding="utf-8"))
HAN = re.compile(r"[㐀-鿿]")
MET, NOT_MET, UNKNOWN = Judgement.MET, Judgement.NOT_MET, Judgement.UNKNOWN
each_pack = pytest.mark.parametrize("name", PACKS)


def every(name):
    return [criterion for _, _, criterion in pack(name).criteria.values()]


def texts(value, place=""):
    """Every text inside, with its place."""
    if isinstance(value, Words):
        yield place, value
    elif isinstance(value, msgspec.Struct):
        place = f"{place}/{getattr(value, 'id', '')}"
        for field in value.__struct_fields__:
            yield from texts(getattr(value, field), f"{place}.{field}")
    elif isinstance(value, tuple | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from texts(one, place)


@pytest.fixture(scope="session")
def shared():
    if not SHARED.exists():
        pytest.skip(f"the model's own text is no part of the product, and is not at {SHARED}")
    return yaml.load(SHARED.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def test_continuous_delivery_has_its_49_sub_items_and_394_criteria():
    items = pack("continuous-delivery").pack.every_item()
    assert [[item.id, item.name.zh, len(item.criteria)] for item in items] == FROZEN
    assert (len(items), len(pack("continuous-delivery").criteria)) == (49, 394)
    groups = pack("continuous-delivery").pack.groups
    assert (len(groups), sum(len(one.groups) for one in groups)) == (7, 14)


def test_continuous_delivery_names_180_coded_proofs():
    codes = [ask.code for criterion in every("continuous-delivery") for ask in criterion.asks if ask.code]
    assert len(set(codes)) == 180


def test_it_says_what_the_shared_file_says(shared):
    theirs = [item for area in shared["areas"] for sub in area["sub_areas"] for item in sub["items"]]
    ours = pack("continuous-delivery").pack.every_item()
    assert [(one.id, one.name.zh, one.name.en) for one in ours] == [(one["id"], one["zh"], one["en"]) for one in theirs]
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.inherits == other["inherits"], mine.id
        assert {level: [one.id for one in found] for level, found in mine.levels.items()} == {
            level: [one["id"] for one in found] for level, found in other["levels"].items()
        }
        every_said = [one for level in other["levels"].values() for one in level]
        for criterion, said in zip(mine.criteria, every_said, strict=True):
            assert (criterion.kind, criterion.evidence) == (said["kind"], said["evidence"]), criterion.id
            assert list(criterion.replaced_by) == said.get("replaced_by", []), criterion.id
            asks = [(one.kind, one.code, one.answered_by) for one in criterion.asks]
            assert asks == [(one["kind"], one.get("code"), one["answered_by"]) for one in said["assessor_asks"]]
            for signal, told in zip(criterion.signals, said["signals"], strict=True):
                at, limit = signal.at, told.get("threshold")
                assert (at is None) == (limit is None), criterion.id
                if at is not None:
                    found = (at.op, at.value, at.unit, at.window_days, at.source, at.binding)
                    assert found == (
                        limit["op"], limit["value"], limit["unit"], limit.get("window_days"), limit["source"],
                        limit.get("binding", True),
                    ), criterion.id  # fmt: skip


@each_pack
def test_every_text_is_there_in_both_languages(name):
    found = list(texts(pack(name).pack))
    assert len(found) > 3 * len(pack(name).criteria)
    for place, text in found:
        assert text.en.strip(), place
        assert place.endswith(".notes") or not HAN.search(text.en), (place, text.en)  # a note may quote a name
        assert HAN.search(text.zh), (place, text.zh)


@each_pack
def test_every_criterion_says_how_to_mend_it_and_what_that_costs(name):
    for criterion in every(name):
        assert len(criterion.remedy.en) > 20, criterion.id
        assert len(criterion.remedy.zh) > 6, criterion.id
        assert criterion.effort in ("low", "medium", "high")
        assert criterion.remedy.en != criterion.text.en, criterion.id


@each_pack
def test_every_criterion_can_be_met_missed_and_unknown(name):
    for criterion in every(name):
        fine = {signal.key: good(signal) for signal in criterion.signals}
        assert outcome(criterion, fine) is MET, criterion.id
        assert outcome(criterion, {}) is UNKNOWN, criterion.id
        assert binding(criterion), criterion.id
        for signal in binding(criterion):
            for lack in Lack:
                assert outcome(criterion, {**fine, signal.key: none(signal, lack)}) is UNKNOWN, criterion.id
            assert outcome(criterion, {**fine, signal.key: bad(signal)}) is NOT_MET, criterion.id


@each_pack
def test_the_limit_itself_counts_as_the_comparison_says(name):
    for criterion in every(name):
        fine = {signal.key: good(signal) for signal in criterion.signals}
        for signal in binding(criterion):
            if signal.at is not None:
                there = outcome(criterion, {**fine, signal.key: fact(signal, signal.at.value)})
                assert there is (MET if signal.at.op in (">=", "<=", "=") else NOT_MET), criterion.id


@each_pack
def test_one_failing_signal_decides_even_where_another_is_unknown(name):
    for criterion in every(name):
        if len(binding(criterion)) > 1:
            first, second = binding(criterion)[:2]
            fine = {signal.key: good(signal) for signal in criterion.signals}
            mixed = {**fine, first.key: bad(first), second.key: none(second)}
            assert outcome(criterion, mixed) is NOT_MET, criterion.id


def test_what_is_shown_for_comparison_never_decides():
    found = 0
    for name in PACKS:
        for criterion in every(name):
            fine = {signal.key: good(signal) for signal in criterion.signals}
            for signal in set(criterion.signals) - set(binding(criterion)):
                found += 1
                for other in (good(signal), bad(signal), none(signal)):
                    assert outcome(criterion, {**fine, signal.key: other}) is MET, criterion.id
                rest = {key: one for key, one in fine.items() if key == signal.key}
                assert outcome(criterion, rest) is UNKNOWN, criterion.id
    assert found > 10


@each_pack
def test_too_small_a_sample_is_unknown(name):
    for criterion in every(name):
        fine = {signal.key: good(signal) for signal in criterion.signals}
        for signal in binding(criterion):
            if sampled(signal):
                small = fact(signal, good_number(signal), SMALLEST - 1)
                verdict = judge(criterion, {**fine, signal.key: small}, Defaults(), None)
                assert verdict.outcome is UNKNOWN, criterion.id
                assert Lack.TOO_FEW in [one.lack for one in verdict.findings]
                enough = fact(signal, good_number(signal), SMALLEST)
                assert outcome(criterion, {**fine, signal.key: enough}) is MET, criterion.id
            elif signal.probe == "share":
                assert outcome(criterion, {**fine, signal.key: fact(signal, good_number(signal), 1)}) is MET


def test_a_bad_number_is_as_near_to_the_limit_as_a_good_one():
    """The numbers that the tests above use are what they say."""
    for name in PACKS:
        for signal in pack(name).signals:
            if signal.at is not None:
                gap = abs(good_number(signal) - bad_number(signal))
                assert gap == pytest.approx(1 / 128)


@each_pack
def test_a_finding_tells_the_rule_the_number_and_the_limit(name):
    for criterion in every(name):
        verdict = judge(criterion, {signal.key: bad(signal) for signal in criterion.signals}, Defaults(), None)
        for signal, finding in zip(criterion.signals, verdict.findings, strict=True):
            assert finding.rule == f"{signal.probe}/{probes()[signal.probe].version}"
            if signal.at is not None:
                assert (finding.op, finding.limit, finding.unit) == (signal.at.op, signal.at.value, signal.at.unit)
                assert finding.measured == pytest.approx(bad_number(signal))


@each_pack
def test_every_question_has_one_key_however_it_is_asked(name):
    for signal in pack(name).signals:
        assert signal.key == Asked(signal.fact, signal.at.window_days if signal.at else None).key
        assert re.fullmatch(r"[a-z0-9@.-]+", signal.fact), signal.fact


@each_pack
def test_a_pack_survives_being_kept_and_grades_the_same(name):
    kept = revive(canonical(pack(name).pack))
    assert kept == pack(name).pack
    again = type(pack(name))(kept)
    assert again.digest == pack(name).digest
    facts = {signal.key: good(signal) for signal in pack(name).signals[::2]}
    assert grade(again, facts, (), SCOPE).digest == grade(pack(name), facts, (), SCOPE).digest


@each_pack
def test_signs_are_never_required_and_nothing_shipped_demands_that_a_statement_is_missing(name):
    for criterion in every(name):
        verdict = judge(criterion, {}, Defaults(), None)
        assert verdict.required == (criterion.kind == "demand")
        if any(signal.probe == "no_statement" for signal in criterion.signals):
            assert criterion.kind == "sign", criterion.id


@each_pack
def test_some_answers_meet_every_demand_at_once(name):
    """No two demands contradict each other, unless a higher one replaces the lower: the top can be reached."""
    demands = [one for one in every(name) if one.kind == "demand" and not one.replaced_by]
    made = grade(pack(name), meeting(demands), (), SCOPE)
    top = pack(name).pack.levels[-1].id
    assert (made.level, made.ceiling, made.roadmap) == (top, top, ())
