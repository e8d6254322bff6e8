"""Declared interfaces are called by tests."""

from __future__ import annotations

from plumbline.gates.checks._check import GOOD, Check, Found, Parameter, Takes, Values, failed, figure, no_data
from plumbline.kernel import t
from plumbline.model.words import Words


def _needs(given: Values) -> tuple[str, ...]:
    own = ("interface.declared", "interface.tested")
    return own if given["undeclared"] else (*own, "interface.undeclared")


def _look(given: Values, facts: Values) -> Found:
    declared, tested, least = facts["interface.declared"], facts["interface.tested"], given["at_least"]
    if declared == 0:
        return no_data("No interface is declared.", "没有声明任何接口。", "none-declared")
    if 100 * tested < least * declared:
        share = figure(100 * tested / declared)
        return failed(
            f"Tests call {tested} of {declared} declared operations ({share} %); at least {figure(least)} % are asked.",
            f"测试调用了 {declared} 个声明接口中的 {tested} 个（{share}%），要求至少 {figure(least)}%。",
        )
    if not given["undeclared"] and facts["interface.undeclared"]:
        count = facts["interface.undeclared"]
        return failed(f"Operations that tests call and no document declares: {count}.",
                      f"测试调用了 {count} 个未声明的接口。", "undeclared")  # fmt: skip
    return GOOD


PART = Check(
    title=t("Interfaces tested"),
    about=t("Tests call at least this share of the declared operations, and hold the answers against something."),
    parameters=(
        Parameter(name="at_least", takes=Takes.SHARE, about=t("In percent."), standard=100, stricter=1),
        Parameter(name="undeclared", takes=Takes.FLAG, about=t("Operations that nothing declares may be called."),
                  standard=True, stricter=-1),
    ),
    needs=_needs,
    look=_look,
    remedy=Words(en="Write an interface test for each operation that none calls, and declare those that are called.",
                 zh="为尚未被测试的接口编写接口测试，并在接口文档中声明被调用的接口。"),
)  # fmt: skip
