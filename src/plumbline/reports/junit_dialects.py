"""Which tool wrote a JUnit file, by marks that it alone leaves; where there is none, nobody says."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_ROOTS = {
    "jest tests": "jest",
    "vitest tests": "vitest",
    "mocha tests": "mocha",
    "pytest tests": "pytest",
    "alltests": "googletest",
    "cypress run": "mocha",
}
_GRADLE = ["name", "tests", "skipped", "failures", "errors", "timestamp", "hostname", "time"]
_CTEST = {"run", "fail", "notrun", "disabled"}


def of_root(attributes: Mapping[str, str]) -> str:
    return _ROOTS.get(attributes.get("name", "").lower(), "")


def of_suite(attributes: Mapping[str, str]) -> str:
    name = attributes.get("name", "")
    if name == "pytest":
        return "pytest"
    if name == "Mocha Tests":
        return "mocha"
    if name == "rspec" or name.startswith("rspec."):
        return "rspec"
    if any("surefire" in value for key, value in attributes.items() if key.startswith("xsi:")):
        return "surefire"
    if list(attributes) == _GRADLE:
        return "gradle"
    if name.endswith((".dll", ".exe")):
        return "dotnet"
    return ""


def of_property(name: str) -> str:
    if name == "go.version":
        return "go"
    if name in ("surefire.test.class.path", "surefire.real.class.path"):
        return "surefire"
    return ""


def of_case(attributes: Mapping[str, str]) -> str:
    if attributes.get("status") in _CTEST and "result" not in attributes:
        return "ctest" if attributes.get("classname") == attributes.get("name") else ""
    if "class" in attributes and "assertions" in attributes and "line" in attributes:
        return "phpunit"
    return ""
