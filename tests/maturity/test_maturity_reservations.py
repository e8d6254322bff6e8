"""What in a grade is not shown by records under the model as it is stands beside it, wherever it is shown."""

from __future__ import annotations

from html import unescape

import pytest
from tests.maturity.fact_maker import END
from tests.maturity.small_pack import facts, small

from plumbline.adapters.renderers import render_html
from plumbline.cli.display.grades import summary_lines
from plumbline.kernel import PlumblineError
from plumbline.maturity import PackFile, grade, lay_over, make_report, reservations
from plumbline.model.assessment import Late, Scope
from plumbline.model.fact import Exemption

SCOPE = Scope(subject="acme/shop", as_of=9, end=END)
OVERLAY = """
format: 1
overlay: {id: bank-x, version: "3", of: lighthouse, by: chen.yu}
roll_up: {waived_counts: true}
"""


def overlaid(text: str = OVERLAY) -> PackFile:
    return PackFile(lay_over(small().pack, text, "overlay.yaml"))


def waived(rule: str, person: str = "wang.li") -> Exemption:
    return Exemption(rule=rule, reason="x", person=person, until=END + 1)


def off(rule: str) -> Exemption:
    return Exemption(rule=rule, reason="x", person="wang.li", second="chen.yu", until=END + 1, applies=False)


def test_what_takes_waivers_is_never_called_proven() -> None:
    pack = overlaid()
    every = [waived(one) for one in pack.criteria]
    made = grade(pack, facts(pack=pack), every, SCOPE)
    assert (made.level, made.shown, made.by_waivers) == ("gold", "", True)
    report = make_report(made, "en")
    assert "waived to gold" in report.headline
    first, *others = report.reservations
    assert "without them" in first
    assert any("bank-x 3 of chen.yu" in one and "roll_up" in one for one in others)
    assert any(f"{len(every)} waivers are in force" in one and "wang.li" in one for one in others)


def test_where_records_show_it_anyway_waivers_change_nothing() -> None:
    pack = overlaid()
    made = grade(pack, facts(*pack.criteria, pack=pack), [waived("ci-s2")], SCOPE)
    assert (made.by_waivers, made.shown) == (False, made.level)


def test_thresholds_that_an_overlay_changed_are_named_with_both_values() -> None:
    text = """
format: 1
overlay: {id: bank-x, version: "3", of: lighthouse}
criteria: {ci-s2: {at: {build-time: {value: 99}}}}
"""
    made = grade(overlaid(text), {}, (), SCOPE)
    (said,) = reservations(made)
    assert "nobody who is named" in said
    assert "ci-s2: build-time <= 10 min → build-time <= 99 min" in said


def test_how_many_items_do_not_apply_and_who_said_so() -> None:
    made = grade(small(), {}, [off("alarm")], SCOPE)
    (said,) = reservations(made)
    assert "1 of 2 items do not apply" in said
    assert all(name in said for name in ("alarm", "wang.li", "chen.yu"))


def test_more_than_the_pack_allows_are_not_taken_off() -> None:
    made = grade(small(), {}, [off("alarm"), off("ci")], SCOPE)
    assert all(item.applies for item in made.every_item())
    (said,) = reservations(made)
    assert "more than the pack allows" in said


def test_an_overlay_cannot_switch_off_more_than_the_pack_allows() -> None:
    switch = "off: {reason: x, person: wang.li, second: chen.yu}"
    text = OVERLAY + f"items: {{alarm: {{{switch}}}, ci: {{{switch}}}}}\n"
    with pytest.raises(Exception, match="switches off 2 items") as caught:
        overlaid(text)
    assert getattr(caught.value, "code", "") == "pack-wrong"


def test_who_told_late_and_how_much_stands_beside_the_grade_and_in_its_digest() -> None:
    told = (Late(word="source:jenkins", late=3, events=4),)
    made = grade(small(), {}, (), SCOPE, late=told)
    (said,) = reservations(made)
    assert said.startswith("75 % of what the source jenkins told (3 of 4 events)")
    prompt = grade(small(), {}, (), SCOPE)
    assert made.digest != prompt.digest
    assert reservations(prompt) == ()


@pytest.mark.parametrize("share", [-0.1, 1.5])
def test_a_share_of_late_evidence_is_a_share(share: float) -> None:
    with pytest.raises(PlumblineError) as caught:
        overlaid(OVERLAY + f"defaults: {{most_late: {share}}}\n")
    assert caught.value.code == "pack-wrong"


def test_every_surface_says_it() -> None:
    pack = overlaid()
    made = grade(pack, facts(pack=pack), [waived(one) for one in pack.criteria], SCOPE)
    lines = "\n".join(summary_lines(made, lambda text, _: text))
    page = unescape(render_html(made, "en"))
    for said in reservations(made):
        assert said in lines
        assert said in page
