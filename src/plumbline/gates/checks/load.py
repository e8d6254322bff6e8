"""Under load the slowest hundredth is quick enough, measured often enough."""

from __future__ import annotations

from plumbline.gates.checks._check import GOOD, Check, Found, Parameter, Takes, Values, failed, figure, no_data
from plumbline.kernel import t
from plumbline.model.words import Words


def _needs(given: Values) -> tuple[str, ...]:
    own = ("load.p99_ms", "load.samples")
    return (*own, "load.errors_share") if given["errors_share"] < 100 else own


def _look(given: Values, facts: Values) -> Found:
    samples, least = facts["load.samples"], given["samples"]
    if samples < least or samples == 0:
        return no_data(f"Requests measured: {samples}; at least {least} are needed to say anything.",
                       f"只测量了 {samples} 次请求，至少需要 {least} 次才能下结论。", "too-few-samples")  # fmt: skip
    measured, most = facts["load.p99_ms"], given["p99_ms"]
    if measured > most:
        return failed(f"The 99th percentile is {figure(measured)} ms; at most {figure(most)} ms are allowed.",
                      f"第 99 百分位为 {figure(measured)} 毫秒，最多允许 {figure(most)} 毫秒。")  # fmt: skip
    share = facts.get("load.errors_share", 0)
    if share > given["errors_share"]:
        limit = figure(given["errors_share"])
        return failed(f"{figure(share)} % of the requests failed; at most {limit} % are allowed.",
                      f"{figure(share)}% 的请求失败，最多允许 {limit}%。", "errors")  # fmt: skip
    return GOOD


PART = Check(
    title=t("Quick under load"),
    about=t("The 99th percentile under load is not above this, of at least so many requests. Fewer of them are "
            "no data."),
    parameters=(
        Parameter(name="p99_ms", takes=Takes.NUMBER, about=t("In milliseconds."), stricter=-1),
        Parameter(name="samples", takes=Takes.COUNT, about=t("Requests that have to be measured."), standard=1000,
                  stricter=1),
        Parameter(name="errors_share", takes=Takes.SHARE, about=t("Requests that may fail, in percent."), standard=100,
                  stricter=-1),
    ),
    needs=_needs,
    look=_look,
    remedy=Words(en="Find what became slow with the load report of the pipeline; measure long enough to tell.",
                 zh="根据流水线的负载报告找出变慢的部分，并保证测量时间足够长。"),
)  # fmt: skip
