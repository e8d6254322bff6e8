"""What can be set at a node: what each setting takes, and what holds below."""

from __future__ import annotations

import pytest

from plumbline.access import SettingKind, check_settings, settings, settings_with
from plumbline.kernel import PlumblineError, t
from plumbline.model.tree import Node, NodeKind

SETTINGS = settings_with({"auto": t("one of these"), "bwrap": t("in a sandbox"), "none": t("without one")})
RIGHT = {
    SettingKind.TEXT: ["ci/main.yml"],
    SettingKind.CHOICE: [],  # see below: each has choices of its own
    SettingKind.NUMBER: [],  # see below: each has bounds of its own
    SettingKind.YES_NO: [True, False],
    SettingKind.NAMES: [[], ["main", "release/*"], ["发布/*"]],
}
FORMED = {  # names of a form of their own
    "artifact.trusted_keys": [[], [f"scanner {'MCow' * 15} https://spdx.dev/* https://example.org/scan/v1"]],
}
WRONG = {
    SettingKind.TEXT: ["", " ", "two\nlines", " a", "x" * 501, 5, True, ["a"]],
    SettingKind.CHOICE: ["", "dokcer", "NONE", 5, ["none"], True],
    SettingKind.NUMBER: [-1, 1.5, "60", True, 10**12, [60]],
    SettingKind.YES_NO: [0, 1, "true", "no", []],
    SettingKind.NAMES: ["main", [5], [""], [" main"], [["main"]], ["a\x00b"], ["x"] * 201, 5, True, {}],
}


def line(*settings: dict[str, object]) -> list[Node]:
    """Nodes from the project up."""
    return [
        Node(id=number, kind=NodeKind.PROJECT, name="n", path="n", settings=one) for number, one in enumerate(settings)
    ]


def refused(values: dict[str, object]) -> PlumblineError:
    with pytest.raises(PlumblineError) as caught:
        check_settings(values, SETTINGS)
    return caught.value


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_what_a_setting_takes(setting):
    bounds = [setting.least, setting.most] if setting.kind is SettingKind.NUMBER else []
    for value in [*FORMED.get(setting.key, RIGHT[setting.kind]), *bounds, *setting.choices]:
        check_settings({setting.key: value}, SETTINGS)
    for value in [*WRONG[setting.kind], *([setting.least - 1, setting.most + 1] if bounds else [])]:
        error = refused({setting.key: value})
        assert error.code == "setting-wrong"
        assert setting.key in str(error)
        assert error.hint == setting.wanted


@pytest.mark.parametrize("name", ["scanner", "scanner MCow", f"scanner {'MCow' * 15}", f"a b {'MCow' * 15} x"])
def test_a_name_of_another_form_is_none(name):
    assert refused({"artifact.trusted_keys": [name]}).hint == settings.TRUSTED_KEYS.formed


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_where_nothing_is_set_the_default_holds(setting):
    assert setting.at(line({}, {})) == setting.default


def test_the_nearest_one_holds():
    assert settings.TIMEOUT.at(line({}, {"ci.timeout": 60}, {"ci.timeout": 90})) == 60
    assert settings.PROTECTED_REFS.at(line({"ci.protected_refs": []}, {"ci.protected_refs": ["x"]})) == ()
    assert settings.PROTECTED_REFS.at(line({}, {"ci.protected_refs": ["x", "y"]})) == ("x", "y")


def test_what_an_older_version_took_counts_as_nothing():
    assert settings.TIMEOUT.at(line({"ci.timeout": "soon"}, {})) == 3600
    assert settings.PROTECTED_REFS.at(line({"ci.protected_refs": "main"}, {})) == ()


@pytest.mark.parametrize(
    ("key", "said"), [("ci.protected_ref", "'ci.protected_refs'"), ("colour", "ci.timeout"), ("", "ci.timeout")]
)
def test_a_setting_that_there_is_not_is_refused_and_the_nearest_is_named(key, said):
    error = refused({key: ["main"]})
    assert error.code == "setting-unknown"
    assert said in str(error.hint)
    check_settings({key: None}, SETTINGS)  # taking away what an older version took


def test_what_is_shown_of_a_wrong_value_is_short():
    assert len(str(refused({"ci.timeout": "x" * 10_000}))) < 300


def test_what_the_ways_to_isolate_jobs_are_called_is_said_by_who_has_them():
    isolation = SETTINGS["ci.isolation"]
    assert (isolation.choices, "bwrap: in a sandbox; none: without one." in str(isolation.about)) == (
        ("auto", "bwrap", "none"),
        True,
    )
    assert settings.ISOLATION.at(line({"ci.isolation": "gone"}, {})) == "gone"  # the job that asks for it is refused
    assert settings.ISOLATION.at(line({"ci.isolation": 5}, {})) == ""
