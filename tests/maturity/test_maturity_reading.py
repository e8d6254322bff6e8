"""Packs and overlays as people write them: what is wrong is said with its line and a cure."""

from __future__ import annotations

import pytest
from tests.maturity.fact_maker import SCOPE
from tests.maturity.small_pack import TEXT, facts, graded, item, small

from plumbline.kernel import PlumblineError
from plumbline.maturity import PackFile, compare_assessments, compare_packs, grade, lay_over, read_pack

OVERLAY = """\
format: 1
overlay: {id: acme, version: '2', of: lighthouse}
criteria:
  ci-s1:
    at: {pushes-built: {value: 50}}
  ci-g1:
    set: {text: {en: our own words, zh: 我们自己的说法}}
items:
  alarm:
    off: {reason: no alarms in a library, person: wang.li, second: chen.yu}
"""


def line_of(text, part, nth=1):
    """The number of the nth line that has this in it."""
    found = [number for number, line in enumerate(text.splitlines(), 1) if part in line]
    return found[nth - 1]


def refusal(read, *arguments):
    with pytest.raises(PlumblineError) as caught:
        read(*arguments)
    error = caught.value
    assert error.code == "pack-wrong"
    assert str(error.hint or "").strip()
    return str(error.message), str(error.hint)


def changed(old, new, count=1):
    assert TEXT.count(old) >= 1, old
    return TEXT.replace(old, new, count)


def test_a_framework_of_three_levels_grades_without_code():
    assert [level.id for level in small().pack.levels] == ["bronze", "silver", "gold"]
    assert graded("ci-b1", "ci-b2", "alarm-b1").level == "bronze"
    assert graded("ci-b1", "ci-b2", "ci-s1", "ci-s2", "alarm-b1").level == "silver"
    assert [str(name.zh) for _, name in graded().levels] == ["铜级", "银级", "金级"]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("id: ci-b2", "id: ci-b1", line_of(TEXT, "id: ci-b2"), "'ci-b1' is taken"),
        ("- id: alarm\n", "- id: ci\n", line_of(TEXT, "- id: alarm"), "'ci' is taken"),
        ("- id: silver", "- id: bronze", line_of(TEXT, "- id: silver"), "'bronze' stands here twice"),
        ("probe: count, fact: alarms", "probe: counting, fact: alarms", line_of(TEXT, "fact: alarms,"), "'counting'"),
        ("{en: building, zh: 构建}", "{en: building}", line_of(TEXT, "en: building"), "field `zh`"),
        ("{en: building, zh: 构建}", "{en: building, zh: ' '}", line_of(TEXT, "en: building"), "language 'zh'"),
        ("{en: Build once., zh: 构建一次。}", "{zh: 构建一次。}", line_of(TEXT, "Build once"), "field `en`"),
        ("{en: Build once., zh: 构建一次。}", "{en: '', zh: 好。}", line_of(TEXT, "Build once"), "language 'en'"),
        ("{en: builds break,", "{en: builds break, fr: x,", line_of(TEXT, "builds break"), "field `fr`"),
        ("value: 90, unit: '%'", "value: 101, unit: '%'", line_of(TEXT, "fact: pushes-built") - 1, "impossible"),
        ("op: '>', value: 50", "op: '>', value: 100", line_of(TEXT, "fact: broken"), "impossible"),
        ("value: 10, unit: min", "value: -1, unit: min", line_of(TEXT, "fact: build-time"), "below zero"),
        ("value: 10, unit: min", "value: 10, unit: '%%'", line_of(TEXT, "fact: build-time"), "'%%'"),
        ("window_days: 30", "window_days: 0", line_of(TEXT, "fact: alarms-answered") - 1, "empty"),
        ("value: 10, unit: min", "value: ten, unit: min", line_of(TEXT, "fact: build-time"), "Expected `float`"),
        ("op: '<='", "op: '=<'", line_of(TEXT, "fact: build-time"), "'=<'"),
        (", at: {op: '<=', value: 10, unit: min}", "", line_of(TEXT, "fact: build-time"), "needs a threshold"),
        ("replaced_by: [ci-s1]", "replaced_by: [ci-b2]", line_of(TEXT, "replaced_by"), "in a circle"),
        ("replaced_by: [ci-s1]", "replaced_by: [ci-x]", line_of(TEXT, "replaced_by"), "no criterion of this item"),
        ("replaced_by: [ci-s1]", "replaced_by: [alarm-g1]", line_of(TEXT, "replaced_by"), "no criterion of this item"),
        ("      gold:", "      platinum:", line_of(TEXT, "      gold:"), "'platinum' is not in this pack"),
        ("    levels:\n      bronze:", "    levels:\n      1:", line_of(TEXT, "      bronze:"), "Expected `str`"),
        ("      silver:\n", "      bronze:\n", line_of(TEXT, "      silver:"), "'bronze' stands here twice"),
        ("        effort: high", "        effort: huge", line_of(TEXT, "effort: high"), "'huge'"),
        ("        effort: high", "        afford: high", line_of(TEXT, "id: ci-s2"), "field `afford`"),
        ("        effort: high\n", "", line_of(TEXT, "id: ci-s2"), "field `effort`"),
        ("kind: sign", "kind: wish", line_of(TEXT, "kind: sign"), "'wish'"),
        ("format: 1", "format: 2", 1, "format is 2"),
        ("version: '1'", "version: 1", 3, "Expected `str`"),
        ("id: lighthouse", "id: [a, b", 3, "not YAML"),
        ("groups:\n- id: build", "groups: 7\nrest:\n- id: build", line_of(TEXT, "groups:"), "Expected `array`"),
        ("inherits: {silver: true}", "inherits: {silver: maybe}", line_of(TEXT, "inherits"), "Expected `bool`"),
        ("inherits: {silver: true}", "off: {reason: '', person: a, second: b}", line_of(TEXT, "inherits"), "reason"),
        ("inherits: {silver: true}", "off: {reason: r, person: a, second: a}", line_of(TEXT, "inherits"), "second"),
        ("        silver: []", "        silver:", line_of(TEXT, "silver: []"), "got `null`"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_pack_is_said_with_its_line(old, new, line, said):
    message, _ = refusal(read_pack, changed(old, new), "our.yaml")
    assert message.startswith(f"our.yaml:{line}: "), message
    assert said in message


def test_a_circle_over_several_criteria_is_found():
    both = changed("replaced_by: [ci-s1]", "replaced_by: [ci-s1]").replace(
        "        text: {en: pushes are built",
        "        replaced_by: [ci-b2]\n        text: {en: pushes are built",
    )
    message, hint = refusal(read_pack, both, "our.yaml")
    assert f"our.yaml:{line_of(both, 'replaced_by')}: " in message
    assert f"our.yaml:{line_of(both, 'replaced_by', 2)}: " in hint


def test_a_criterion_that_nothing_decides_is_refused():
    text = changed("value: 90, unit: '%', window_days: 90", "value: 90, unit: '%', binding: false")
    message, _ = refusal(read_pack, text, "our.yaml")
    assert message.startswith(f"our.yaml:{line_of(text, 'id: ci-s1')}: ")
    assert "nothing could decide it" in message


def test_all_mistakes_are_told_at_once():
    text = (
        changed("id: ci-b2", "id: ci-b1")
        .replace("value: 101", "value: 90")
        .replace("window_days: 30", "window_days: 0")
    )
    message, hint = refusal(read_pack, text, "our.yaml")
    assert "our.yaml:" in message
    assert f"our.yaml:{line_of(TEXT, 'fact: alarms-answered') - 1}: " in hint


@pytest.mark.parametrize(
    "text", ["", "[]", "7", "format: 1", "\0", "a: &a [*a]", "- " * 3000, "{" * 3000, "a: !!python/object:os.x {}"]
)
def test_what_is_no_pack_at_all_is_refused(text):
    message, _ = refusal(read_pack, text, "our.yaml")
    assert message.startswith("our.yaml:")


# overlays
def laid(text=OVERLAY):
    return lay_over(small().pack, text, "acme.yaml")


def test_an_overlay_changes_thresholds_texts_and_switches_items_off():
    mine = PackFile(laid())
    signal = mine.criteria["ci-s1"][2].signals[0]
    assert (signal.at.value, signal.at.op, signal.at.source) == (50, ">=", "owner")
    assert mine.criteria["ci-g1"][2].text.zh == "我们自己的说法"
    assert mine.criteria["ci-g1"][2].remedy == small().criteria["ci-g1"][2].remedy
    assert mine.pack.overlays == ("acme 2",)
    assert mine.digest != small().digest
    assert small().criteria["ci-s1"][2].signals[0].at.value == 90
    made = grade(mine, facts("ci-b1", "ci-b2", "ci-s1", "ci-s2"), (), SCOPE)
    assert (made.level, item(made, "alarm").applies) == ("silver", False)
    assert item(made, "alarm").reason == "no alarms in a library"


def test_overlays_lie_over_each_other():
    second = OVERLAY.replace("id: acme", "id: team").replace("value: 50", "value: 60")
    twice = lay_over(laid(), second, "team.yaml")
    assert twice.overlays == ("acme 2", "team 2")
    assert PackFile(twice).criteria["ci-s1"][2].signals[0].at.value == 60


def test_what_an_overlay_says_of_the_whole_pack():
    mine = laid(OVERLAY + "roll_up: {waived_counts: true}\ndefaults: {min_sample: 3}\n")
    assert (mine.roll_up.waived_counts, mine.defaults.min_sample, mine.defaults.window_days) == (True, 3, 90)


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("ci-s1:", "ci-s9:", line_of(OVERLAY, "ci-s1:"), "nothing of this id"),
        ("  alarm:", "  alert:", line_of(OVERLAY, "  alarm:"), "nothing of this id"),
        ("pushes-built:", "pulls-built:", line_of(OVERLAY, "ci-s1:"), "'pulls-built'"),
        ("of: lighthouse", "of: harbour", 2, "'harbour'"),
        ("format: 1", "format: 9", 2, "format 9"),
        (", second: chen.yu", "", line_of(OVERLAY, "off:"), "field `second`"),
        ("second: chen.yu", "second: wang.li", line_of(OVERLAY, "  alarm:"), "second person"),
        ("second: chen.yu", "second: ''", line_of(OVERLAY, "  alarm:"), "second person"),
        ("person: wang.li", "person: ''", line_of(OVERLAY, "  alarm:"), "second person"),
        ("reason: no alarms in a library", "reason: ' '", line_of(OVERLAY, "  alarm:"), "a reason"),
        ("off: {reason: no alarms in a library, person: wang.li, second: chen.yu}",
         "set: {off: {reason: x, person: a, second: a}}", line_of(OVERLAY, "  alarm:"), "second person"),
        ("{value: 50}", "{value: 101}", line_of(OVERLAY, "ci-s1:"), "impossible"),
        ("{value: 50}", "{value: many}", line_of(OVERLAY, "ci-s1:"), "Expected `float`"),
        ("{value: 50}", "{limit: 50}", line_of(OVERLAY, "ci-s1:"), "field `limit`"),
        ("set: {text:", "set: {texts:", line_of(OVERLAY, "ci-g1:"), "field `texts`"),
        ("set: {text: {en: our own words, ", "set: {text: {", line_of(OVERLAY, "ci-g1:"), "field `en`"),
        ("en: our own words", "en: ''", line_of(OVERLAY, "ci-g1:"), "language 'en'"),
        ("    at: {", "    on: {", line_of(OVERLAY, "ci-s1:"), "field `on`"),
        ("  ci-g1:", "  ci-s1:", line_of(OVERLAY, "ci-g1:"), "twice"),
        ("items:", "roll_up: {rule: highest}\nitems:", line_of(OVERLAY, "items:"), "'highest'"),
        ("items:", "defaults: {min_sample: few}\nitems:", line_of(OVERLAY, "items:"), "Expected `int`"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_an_overlay_is_said_with_its_line(old, new, line, said):
    assert old in OVERLAY
    message, _ = refusal(laid, OVERLAY.replace(old, new, 1))
    assert message.startswith(f"acme.yaml:{line}: "), message
    assert said in message


# what changed between two packs
def test_two_packs_are_compared_by_what_they_ask():
    assert compare_packs(small().pack, small().pack) == ()
    found = {one.id: one for one in compare_packs(small().pack, laid())}
    assert {id_: one.what for id_, one in found.items()} == {
        "alarm": ("off",),
        "ci-g1": ("text",),
        "ci-s1": ("signals",),
    }
    assert found["ci-s1"].before.startswith("pushes-built >= 90 %")
    assert found["ci-s1"].after.startswith("pushes-built >= 50 %")


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("id: ci-g1", "id: ci-g2", {"ci-g1": ("removed",), "ci-g2": ("added",)}),
        ("effort: high", "effort: low", {"ci-s2": ("effort",)}),
        ("replaced_by: [ci-s1]", "replaced_by: [ci-s2]", {"ci-b2": ("replaced_by",)}),
        ("kind: sign", "kind: demand", {"ci-b0": ("kind",)}),
        ("window_days: 30", "window_days: 60", {"alarm-g1": ("signals",)}),
        ("looks_at: {en: who wakes up", "looks_at: {en: who sleeps", {"alarm": ("looks_at",)}),
        ("inherits: {silver: true}", "inherits: {silver: false}", {"alarm": ("inherits",)}),
        ("groups:", "defaults: {min_sample: 1}\ngroups:", {"lighthouse": ("defaults",)}),
        ("groups:", "roll_up: {waived_counts: true}\ngroups:", {"lighthouse": ("roll_up",)}),
        ("{en: gold, zh: 金级}", "{en: golden, zh: 金级}", {"lighthouse": ("levels",)}),
        ("version: '1'", "version: '2'", {}),
        ("        silver: []\n", "", {}),
    ],
)
def test_each_change_is_named(old, new, what):
    other = read_pack(changed(old, new), "other.yaml")
    assert {one.id: one.what for one in compare_packs(small().pack, other)} == what


def test_a_criterion_that_moves_to_another_level_is_named():
    moved = small().pack
    text = TEXT.replace("      gold:\n      - id: ci-g1", "      - id: ci-g1")
    assert {one.id: one.what for one in compare_packs(moved, read_pack(text, "x"))} == {"ci-g1": ("level",)}


def test_a_changed_rule_and_a_changed_practice_are_told_apart():
    strict = PackFile(lay_over(small().pack, OVERLAY.replace("{value: 50}", "{value: 100}"), "acme.yaml"))
    silver = facts("ci-b1", "ci-b2", "ci-s1", "ci-s2", "alarm-b1")
    before = grade(small(), silver, (), SCOPE)
    # the rule alone
    [ci, alarm] = compare_assessments(before, before, before, grade(strict, silver, (), SCOPE))
    assert (ci.item, ci.before, ci.same_rule, ci.after) == ("ci", "silver", "silver", "silver-")
    assert (ci.practice_changed, ci.rule_changed) == (False, True)
    assert (alarm.after, alarm.rule_changed, alarm.practice_changed) == ("n/a", True, False)
    # practice alone
    better = facts("ci-b1", "ci-b2", "ci-s1", "ci-s2", "ci-g1", "alarm-b1")
    after = grade(small(), better, (), SCOPE)
    [ci] = compare_assessments(before, after, after, after)
    assert (ci.before, ci.after, ci.practice_changed, ci.rule_changed) == ("silver", "gold", True, False)
    # both
    after = grade(strict, better, (), SCOPE)
    later = grade(small(), better, (), SCOPE)
    ci = next(one for one in compare_assessments(before, later, later, after) if one.item == "ci")
    assert (ci.before, ci.same_rule, ci.after) == ("silver", "gold", "silver-")
    assert (ci.practice_changed, ci.rule_changed) == (True, True)
    assert compare_assessments(before, before, before, before) == ()
