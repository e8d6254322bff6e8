"""Lock files of every kind, as data: what each gives, and why it may not be all."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from packageurl import PackageURL

from plumbline.artifacts.sbom.bill import lock_files, make_bill
from plumbline.artifacts.sbom.lockfile import package

if TYPE_CHECKING:
    from plumbline.model.report import Component

_CASES = Path(__file__).parents[1] / "cases/artifacts/locks"


def _cases() -> list[Any]:
    found = []
    for path in sorted(_CASES.glob("*.yml")):
        cases = yaml.safe_load(path.read_text())
        found += [pytest.param(path.stem, case, id=f"{path.stem}: {case['name']}") for case in cases]
    return found


def _line(one: Component) -> str:
    scope = f" [{one.scope}]" if one.scope else ""
    needs = f" -> {' '.join(one.depends_on)}" if one.depends_on else ""
    return f"{one.purl}{scope}{needs}"


@pytest.mark.parametrize(("kind", "case"), _cases())
def test_a_lock_file_gives_what_it_pins(kind: str, case: dict[str, Any]) -> None:
    bill = make_bill({path: text.encode() for path, text in case["files"].items()})

    assert [one.kind for one in bill.files] == [kind]
    assert [_line(one) for one in bill.components.components] == case["gives"]
    assert sorted(one.code for one in bill.defects) == sorted(case.get("defects", []))
    assert bill.complete is case.get("complete", False)
    subject = bill.components.subject
    assert subject is not None
    if "subject" in case:
        assert subject.purl == case["subject"]
    if "direct" in case:
        assert list(subject.depends_on) == case["direct"]
    digests = {one.purl: list(one.digests) for one in bill.components.components}
    for purl, expected in case.get("digests", {}).items():
        assert digests[purl] == expected


def test_every_kind_has_its_cases() -> None:
    assert sorted(path.stem for path in _CASES.glob("*.yml")) == sorted(lock_files())


@pytest.mark.parametrize("kind", ["pypi", "npm", "cargo", "nuget", "golang", "maven"])
@pytest.mark.parametrize(
    "pinned", ["flask 1.0", "a-b.c 1.0.0-rc.1", "a_b 1", "A 1", "a 1+local", "a 1:2", "a", "-a 1", "a é", "a ./x"]
)
def test_a_package_url_is_that_of_its_specification(kind: str, pinned: str) -> None:
    name, _, version = pinned.partition(" ")
    assert package(kind, name, version).purl == PackageURL(kind, None, name, version or None).to_string()


@pytest.mark.parametrize("value", ["{" + "b" * 40_000 + "}", "{b:" + " " * 40_000 + "{}", "b" + " " * 40_000 + "c",
                                   "{" + ",b:'" * 10_000 + "}"])  # fmt: skip
def test_no_line_takes_longer_than_its_length(value: str) -> None:
    begun = time.process_time()
    make_bill({"pnpm-lock.yaml": f"lockfileVersion: 5.4\na{value}\npackages: {value}\n".encode()})
    assert time.process_time() - begun < 1  # measured: 0.02 s; it was 20 s and more


def test_a_name_of_nothing_but_blanks_is_a_defect() -> None:
    bill = make_bill({"poetry.lock": b'[[package]]\nname = " "\nversion = "1"\n'})
    assert [one.code for one in bill.defects] == ["bad-package"]
