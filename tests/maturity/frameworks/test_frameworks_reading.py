"""Catalogues of others become packs; what is wrong is said with line and cure, and nothing hostile gets in."""

from __future__ import annotations

import json

import pytest
from tests.maturity.frameworks.catalogues import BINDING, GEMARA, LEVELS, OSCAL, oscal

from plumbline.facts import definitions
from plumbline.kernel import PlumblineError
from plumbline.maturity import PackFile, canonical, read_pack, revive
from plumbline.maturity.frameworks import Imported, make_pack, read_binding, read_gemara, read_oscal

GOOD = (("harbour.yaml", GEMARA),)


def refused(text: str, form: str = "gemara") -> PlumblineError:
    with pytest.raises(PlumblineError) as caught:
        (read_gemara if form == "gemara" else read_oscal)([("given", text)])
    assert caught.value.code == "framework-wrong"
    assert caught.value.hint
    return caught.value


def imported(binding: str = "", levels: tuple[str, ...] = LEVELS) -> Imported:
    catalogue = read_gemara(GOOD)
    return make_pack(catalogue, read_binding(binding, "b.yml", catalogue, definitions()) if binding else None, levels)


def test_areas_items_criteria_and_levels_are_those_of_the_catalogue() -> None:
    made = imported()
    pack = made.pack
    assert (pack.id, pack.version, pack.name.en) == ("harbour", "2.0", "Harbour Rules")
    assert [group.id for group in pack.groups] == ["MO", "LI"]
    assert [level.id for level in pack.levels] == ["small", "large"]
    moor, light = pack.every_item()
    assert {level: [one.id for one in found] for level, found in moor.levels.items()} == {
        "small": ["MO-01.01"], "large": ["MO-01.02"],
    }  # fmt: skip
    assert moor.criteria[0].remedy.en == "Buy rope."
    assert moor.criteria[1].remedy.en == "Every rope MUST be new."
    assert [(one.framework, one.entries) for one in moor.references] == [("SEA", ("3.1", "3.2"))]
    assert [(one.id, one.kind, one.state) for one in light.criteria] == [
        ("LI-01.01", "demand", "Deprecated"), ("LI-01.02", "sign", "Draft"),
    ]  # fmt: skip
    assert made.narrow == ("LI-01.01",)


def test_what_is_retired_is_kept_with_its_successor_and_asked_of_nobody() -> None:
    made = imported()
    framework = made.pack.framework
    assert framework is not None
    assert [(one.id, one.replaced_by) for one in framework.retired] == [
        ("MO-01.03", "MO-01.02"), ("LI-02", "LI-01"), ("LI-02.01", ""),
    ]  # fmt: skip
    assert not {"MO-01.03", "LI-02.01"} & PackFile(made.pack).criteria.keys()
    assert [(one.id, one.version) for one in framework.names] == [("SEA", "2024")]


def test_without_a_binding_everything_is_unbound_and_the_notice_counts_it() -> None:
    made = imported()
    assert made.unbound == ("MO-01.01", "MO-01.02", "LI-01.01", "LI-01.02")
    assert "0 of 4 requirements" in made.pack.notice.en
    assert "4 are bound to nothing" in made.pack.notice.en
    assert "4 条未绑定" in made.pack.notice.zh
    assert "MO-01.01, MO-01.02" in made.pack.notes[0].en


def test_levels_are_declared_and_never_guessed() -> None:
    flat = imported(levels=()).pack
    assert [level.id for level in flat.levels] == ["applies"]
    assert len(PackFile(flat).criteria) == 4
    only = imported(levels=("large",))
    assert only.outside == ("LI-01.01",)
    for wrong in (("small", "smal"), ("small", "small")):
        with pytest.raises(PlumblineError) as caught:
            imported(levels=wrong)
        assert caught.value.code == "framework-levels"
    bound = imported(BINDING, ())  # the binding declares them
    assert [(level.id, level.name.zh) for level in bound.pack.levels] == [("small", "小船"), ("large", "大船")]


def test_a_binding_decides_what_it_names_and_nothing_else() -> None:
    made = imported(BINDING)
    assert made.bound == ("MO-01.01", "LI-01.01")
    criteria = {id_: one for id_, (_, _, one) in PackFile(made.pack).criteria.items()}
    assert criteria["MO-01.01"].text.zh == "两根缆绳"
    assert (criteria["MO-01.01"].evidence, criteria["LI-01.01"].evidence) == ("automatic", "statement")
    assert criteria["MO-01.02"].unbound
    assert made.pack.framework is not None
    assert made.pack.framework.binding == "ours 3"


def test_a_pack_made_from_a_catalogue_is_a_pack_like_others() -> None:
    pack = imported(BINDING).pack
    text = canonical(pack)
    assert revive(text) == pack
    assert read_pack(text.decode(), "p.json") == pack


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("  MO-01.01:", "  MO-01.1:", 10, "no requirement 'MO-01.1'"),
        ("  MO-01.01:", "  MO-01.03:", 10, "is retired"),
        ("fact: merges-with-human-review", "fact: merges-with-human-revue", 14, "no fact 'merges-with-human-revue'"),
        ("probe: share", "probe: chare", 14, "no probe 'chare'"),
        ("unit: '%'", "unit: days", 14, "measures in %"),
        ("binds: harbour", "binds: harbor", 4, "binds 'harbor'"),
        ("format: 1", "format: 2", 1, "format is 2"),
        ("fact: statement-lamps", "fact: lamps", 20, "does not fit"),
        ("window_days: 90}", "window_days: 90, binding: false}", 10, "no binding signal"),
    ],
)
def test_a_wrong_binding_is_told_with_its_line(old: str, new: str, line: int, says: str) -> None:
    assert old in BINDING
    with pytest.raises(PlumblineError) as caught:
        imported(BINDING.replace(old, new))
    assert f"b.yml:{line}: " in str(caught.value.message)
    assert says in str(caught.value.message)
    assert caught.value.hint


def test_a_fact_that_a_tool_reports_is_named_as_such() -> None:
    text = BINDING.replace("merges-with-human-review", "ropes-by-gauge")
    assert imported(text).bound == ("MO-01.01", "LI-01.01")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("    group: MO\n", "    group: MOO\n", "given:22: The control 'MO-01' is in the group 'MOO'"),
        ("applicability: [large]", "applicability: [huge]", "'MO-01.02' applies to 'huge'"),
        ("  - id: LI-01\n", "  - id: MO-01\n", "The id 'MO-01' is taken"),
        ("type: ControlCatalog", "type: Policy", "given:4: This is a 'Policy'"),
        ("entry-id: MO-01.02", "entry-id: MO-01.09", "which is nowhere"),
        ("entry-id: MO-01.02", "entry-id: MO-01.03", "in a circle"),
        ("state: Draft", "state: Sketch", "Invalid enum value 'Sketch'"),
        ("    title: Moor\n", "    title: Moor\n    title: Again\n", "stands here twice"),
        ("title: Harbour Rules", "title: [", "This is not YAML"),
        ("    objective: No boat drifts.\n", "", "missing required field `objective`"),
        ("metadata:", "about:", "have `metadata`"),
    ],
)
def test_a_wrong_catalogue_is_told_with_its_line(old: str, new: str, says: str) -> None:
    assert old in GEMARA
    assert says in str(refused(GEMARA.replace(old, new, 1)).message)


def test_successors_in_a_long_circle_are_refused() -> None:
    many = "".join(
        f"      - {{id: R{number}, text: t, applicability: [small], state: Deprecated,"
        f" replaced-by: {{reference-id: harbour, entry-id: R{(number + 1) % 500}}}}}\n"
        for number in range(500)
    )
    text = GEMARA.replace("      - id: MO-01.01\n", many + "      - id: MO-01.01\n")
    assert "in a circle" in str(refused(text).message)


def test_a_successor_in_another_catalogue_is_no_mistake() -> None:
    text = GEMARA.replace("reference-id: harbour, entry-id: MO-01.02", "reference-id: SEA, entry-id: 4")
    assert read_gemara([("given", text)]).requirements["MO-01.03"].foreign_successor


def test_hostile_text_is_refused_in_no_time() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
    )
    assert "Aliases" in str(refused(bomb).message)
    assert "nested" in str(refused("a: " + "[" * 5000 + "]" * 5000).message)
    assert "nested" in str(refused('{"catalog": ' + "[" * 500 + "]" * 500 + "}", "oscal").message)
    assert "JSON" in str(refused('{"catalog": ' + "[" * 200_000, "oscal").message)
    assert "larger than" in str(refused("x" * ((32 << 20) + 1)).message)
    assert "no names at its top" in str(refused("- a\n- b\n").message)
    assert "not YAML" in str(refused("a: !!python/object/apply:os.system [ls]\n").message)


def test_a_catalogue_in_parts_is_read_as_one() -> None:
    head, tail = GEMARA.split("\ngroups:\n", 1)
    parts = [("metadata.yaml", head), ("controls.yaml", "groups:\n" + tail)]
    assert [one.id for one in read_gemara(parts).controls] == ["MO-01", "LI-01", "LI-02"]
    wrong = [("metadata.yaml", head), ("controls.yaml", "groups:\n" + tail.replace("group: LI\n", "group: LO\n"))]
    with pytest.raises(PlumblineError) as caught:
        read_gemara(wrong)
    assert str(caught.value.message).startswith("controls.yaml:")


def test_points_of_a_statement_are_requirements_with_their_parameters() -> None:
    catalogue = read_oscal([("c.json", oscal())])
    assert (catalogue.id, catalogue.version, catalogue.schema) == ("harbour-rules", "1.1", "1.1.2")
    texts = {id_: one.text for id_, one in catalogue.requirements.items()}
    assert texts == {
        "mo-1_smt.a": "The harbour: Has [a number] ropes; all new;",
        "mo-1_smt.b": "The harbour: Looks [daily, [a number] times | weekly].",
        "mo-9.title": "Knots hold.",
    }
    assert catalogue.requirements["mo-1_smt.a"].advice == "Rope is cheap."
    pack = make_pack(catalogue, None).pack
    assert [item.id for item in pack.every_item()] == ["mo-1", "mo-9"]
    assert pack.framework is not None
    assert [(one.id, one.replaced_by) for one in pack.framework.retired] == [("mo-1.1", "mo-1")]


def test_parameters_that_have_themselves_inside_end() -> None:
    text = json.dumps(OSCAL).replace('"label": "a number"', '"label": "{{ insert: param, p2 }}"')
    found = read_oscal([("c.json", text)]).requirements["mo-1_smt.b"].text
    assert len(found) < 1000
    chain = [
        {"id": f"q{n}", "label": f"{{{{ insert: param, q{n + 1} }}}} {{{{ insert: param, q{n + 1} }}}}"}
        for n in range(30)
    ]
    control = {"id": "z", "title": "t", "params": chain,
               "parts": [{"name": "statement", "prose": "{{ insert: param, q0 }}"}]}  # fmt: skip
    long = read_oscal([("c.json", oscal(controls=[control]))])
    assert len(long.requirements["z.statement"].text) < 100_000


def test_a_wrong_oscal_catalogue_is_told_with_its_line() -> None:
    assert "c.json" not in str(refused(json.dumps({"profile": {}}), "oscal").message)
    assert "missing required field `catalog`" in str(refused(json.dumps({"profile": {}}), "oscal").message)
    assert "given:1: This is not JSON" in str(refused("{,}", "oscal").message)
    assert "stands here twice" in str(refused('{"catalog": {}, "catalog": {}}', "oscal").message)
    pretty = json.dumps(OSCAL, indent=1).replace('"title": "Moor"', '"title": 7')
    at = next(number for number, line in enumerate(pretty.splitlines(), 1) if '"title": 7' in line)
    assert f"given:{at}: Expected `str`, got `int`" in str(refused(pretty, "oscal").message)
