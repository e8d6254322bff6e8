"""In-toto test result, version 0.1: how the tests of an artifact ended. Without a test that ran there is none."""

from __future__ import annotations

from typing import Literal

import msgspec

from plumbline.evidence.predicate import Line, Predicate, decoded
from plumbline.evidence.statement import Resource
from plumbline.kernel import t

TYPE = "https://in-toto.io/attestation/test-result/v0.1"
Result = Literal["PASSED", "WARNED", "FAILED"]


class TestResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    __test__ = False

    result: Result
    configuration: tuple[Resource, ...]
    url: str = ""
    passed_tests: tuple[str, ...] = ()
    warned_tests: tuple[str, ...] = ()
    failed_tests: tuple[str, ...] = ()


def _look(predicate: bytes) -> tuple[Line, ...]:
    found: TestResult = decoded(predicate, TestResult)
    named = ((t("Failed"), found.failed_tests), (t("Warned"), found.warned_tests))
    return (
        Line(t("Result"), found.result),
        *(Line(title, name) for title, names in named for name in names),
    )


PART = Predicate(
    title=t("Test result"),
    types=(TYPE,),
    look=_look,
    reference="https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md",
)
