"""Tests ran, and none of them failed."""

from __future__ import annotations

from plumbline.gates.checks._check import GOOD, Check, Found, Parameter, Takes, Values, failed, no_data
from plumbline.kernel import Text, t
from plumbline.model.words import Words

_LAYERS = ("unit", "component", "interface", "user")


def _needs(given: Values) -> tuple[str, ...]:
    if given["layer"]:
        return tuple(f"tests.{given['layer']}.{one}" for one in ("executed", "failed", "errors"))
    return ("tests.executed", "tests.failed", "tests.errors", *(("tests.quarantined",) * given["quarantined_may_fail"]))


def _look(given: Values, facts: Values) -> Found:
    names = _needs(given)
    executed = facts[names[0]]
    bad = sum(facts[name] for name in names[1:3])
    if len(names) == 4:
        bad -= facts["tests.quarantined"]
    if bad > 0:
        return failed(
            f"Test cases that did not pass: {bad}; that came to a verdict: {executed}.",
            f"未通过的用例：{bad} 个；得出结果的用例：{executed} 个。",
        )
    if executed == 0:
        return no_data("No test case came to a verdict.", "没有任何用例得出结果。", "none-executed")
    if executed < given["at_least"]:
        least = given["at_least"]
        return failed(f"Test cases that ran: {executed}; at least {least} are asked for.",
                      f"只执行了 {executed} 个用例，要求至少 {least} 个。", "too-few")  # fmt: skip
    return GOOD


def _faults(given: Values) -> tuple[tuple[str, Text], ...]:
    if given["layer"] and given["quarantined_may_fail"]:
        return (("quarantined_may_fail", t("By layer it is not known which failures are in quarantine.")),)
    return ()


PART = Check(
    title=t("Tests passed"),
    about=t("No test case failed or broke off, and at least so many came to a verdict. None at all is no data."),
    parameters=(
        Parameter(name="at_least", takes=Takes.COUNT, about=t("Test cases that have to come to a verdict."), standard=1,
                  stricter=1),
        Parameter(name="layer", takes=Takes.WORD, about=t("Only tests of this layer."), standard="", choices=_LAYERS),
        Parameter(name="quarantined_may_fail", takes=Takes.FLAG, standard=False,
                  about=t("Test cases in a quarantine that holds may fail.")),
    ),
    needs=_needs,
    look=_look,
    faults=_faults,
    remedy=Words(en="Mend the failing tests, or the code; a test that nobody should wait for can be put in quarantine.",
                 zh="修复失败的用例或代码；不应再等待的不稳定用例可以隔离。"),
)  # fmt: skip
