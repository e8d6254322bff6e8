"""Bills of materials: the same bytes for the same files, honest about what is missing, and unmoved by bad files."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from plumbline.artifacts.sbom import bill as bills
from plumbline.artifacts.sbom.bill import kind_of, lock_files, make_bill, wanted
from plumbline.artifacts.sbom.cyclonedx import write_cyclonedx
from plumbline.artifacts.sbom.lockfile import package, reached

_CASES = sorted((Path(__file__).parents[1] / "cases/artifacts/locks").glob("*.yml"))
_FILES = [
    (path, text.encode())
    for case_file in _CASES
    for case in yaml.safe_load(case_file.read_text())
    for path, text in case["files"].items()
]
_NPM = b'{"lockfileVersion": 3, "packages": {"node_modules/a": {"version": "1.0.0"}}}'


def _written(files: dict[str, bytes]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(write_cyclonedx(make_bill(files), tool_version="1"))
    return found


def test_the_same_files_in_any_order_are_the_same_bytes() -> None:
    files = {path: data for path, data in _FILES if kind_of(path) or path == "go.sum"}
    turned = dict(reversed(files.items()))

    assert write_cyclonedx(make_bill(files), tool_version="1") == write_cyclonedx(make_bill(turned), tool_version="1")


def test_the_serial_number_is_made_of_the_content() -> None:
    one, other = (
        _written({"package-lock.json": _NPM}),
        _written({"package-lock.json": _NPM.replace(b"1.0.0", b"1.0.1")}),
    )

    assert one["serialNumber"] == _written({"package-lock.json": _NPM})["serialNumber"] != other["serialNumber"]
    assert "timestamp" not in one["metadata"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xff\xfe{\x00}\x00", "wrong-encoding"),
        (b"\x80\x81", "wrong-encoding"),
        (b"{\0}", "binary"),
        (b"", "malformed"),
        (b"[]", "malformed"),
        (b"{}", "no-mark"),
        (b"[" * 100_000, "malformed"),
        (b'{"packages": {"node_modules/a\\nb": {}}}', "bad-package"),
        (b'{"packages": {"node_modules/": {}}}', "bad-package"),
        (b'{"dependencies": ' * 200 + b"{}" + b"}" * 200, ""),
    ],
)
def test_a_file_that_is_none_makes_the_bill_incomplete_with_the_reason(data: bytes, code: str) -> None:
    bill = make_bill({"package-lock.json": data, "x/package-lock.json": _NPM})

    assert [one.purl for one in bill.components.components if one.purl == "pkg:npm/a@1.0.0"]
    if code:
        assert not bill.complete
        assert [(one.code, one.where) for one in bill.defects] == [(code, "package-lock.json")]
        assert _written({"package-lock.json": data})["compositions"][0]["aggregate"] == "incomplete"


def test_a_huge_file_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bills, "MOST_BYTES", 10)

    assert [one.code for one in make_bill({"yarn.lock": b"x" * 11}).defects] == ["too-large"]


def test_entities_of_xml_are_refused() -> None:
    bomb = b'<!DOCTYPE project [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><project>&b;</project>'

    assert [one.code for one in make_bill({"pom.xml": bomb}).defects] == ["entities"]


def test_deep_markup_is_refused() -> None:
    assert [one.code for one in make_bill({"pom.xml": b"<project>" * 5000}).defects] == ["too-deep"]


def test_no_lock_file_is_no_data_and_never_an_empty_complete_bill() -> None:
    bill = make_bill({"README.md": b"hello"})

    assert not bill.complete
    assert [one.code for one in bill.defects] == ["no-lock-file"]


def test_a_circle_of_a_hundred_thousand_packages_is_walked() -> None:
    needs = {str(one): (str((one + 1) % 100_000),) for one in range(100_000)}

    assert len(reached(needs, ["0"])) == 100_000


def test_two_at_signs_are_told_apart() -> None:
    one = package("npm", "a@b", "1@2", group="@s")

    assert (one.purl, one.name, one.version) == ("pkg:npm/%40s/a%40b@1%402", "@s/a@b", "1@2")


def test_what_was_installed_is_not_what_the_project_locks() -> None:
    paths = [
        "go.mod",
        "go.sum",
        "node_modules/x/package-lock.json",
        "web/yarn.lock",
        "web/package.json",
        "a/package.json",
    ]

    assert wanted(paths) == ["go.mod", "go.sum", "web/package.json", "web/yarn.lock"]


def test_changed_lock_files_never_raise() -> None:
    chance = random.Random(14)  # noqa: S311 - not for secrets
    for path, data in _FILES:
        for _ in range(30):
            changed = bytearray(data)
            for _ in range(chance.randint(1, 6)):
                _change(changed, chance)
            bill = make_bill({path: bytes(changed)})
            write_cyclonedx(bill, tool_version="1")
            assert bill.complete or bill.defects


def _change(data: bytearray, chance: random.Random) -> None:
    if not data:
        return
    at = chance.randrange(len(data))
    how = chance.randrange(4)
    if how == 0:
        data[at] = chance.randrange(256)
    elif how == 1:
        del data[at : at + chance.randrange(20)]
    elif how == 2:
        data[at:at] = bytes(data[at : at + chance.randrange(60)])
    else:
        data[at:at] = chance.choice([b"{", b"[", b'"', b"@@", b"\n", b"  ", b"\\", b"=", b":", "\N{SNOWMAN}".encode()])


def test_every_kind_says_where_its_form_is_described() -> None:
    assert all(part.reference.startswith("https://") for part in lock_files().values())
