"""Which keywords of a job exclude or require each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.kernel import Text, t
from plumbline.model.job import When
from plumbline.model.pipeline import Need
from plumbline.model.problem import Mark, Problem, Severity
from plumbline.pipeline.inherit import ROOT_FORMS
from plumbline.pipeline.reading import SectionReader, mark_in

if TYPE_CHECKING:
    from collections.abc import Mapping

WITH_TRIGGER = frozenset(
    {
        "allow_failure",
        "environment",
        "except",
        "extends",
        "inherit",
        "interruptible",
        "needs",
        "only",
        "parallel",
        "resource_group",
        "rules",
        "stage",
        "trigger",
        "variables",
        "when",
    }
)
_SCRIPTS = ("script", "before_script", "after_script")


class _Job:
    """A job whose keywords are being compared."""

    def __init__(self, reader: SectionReader, config: Mapping[str, Any], path: str, where: Mark | None) -> None:
        self.reader = reader
        self.config = config
        self.path = path
        self.where = where

    def has(self, keyword: str) -> bool:
        return self.config.get(keyword) is not None

    def report(self, code: str, at: str, message: Text, hint: Text | None = None, *, warning: bool = False) -> None:
        severity = Severity.WARNING if warning else Severity.ERROR
        where = (mark_in(self.config, at) if at else None) or self.where
        keyword = f"{self.path}:{at}" if self.path and at else at or self.path
        self.reader.report(
            Problem(code=code, message=message, severity=severity, where=where, keyword=keyword, hint=hint)
        )

    def names(self, keyword: str) -> bool:
        """Whether the keyword is there, be it with nothing behind it."""
        return keyword in self.config

    def exclude(self, keyword: str, other: str, hint: Text | None = None) -> None:
        if self.has(keyword) and self.has(other):
            self.report_both(keyword, other, hint)

    def report_both(self, keyword: str, other: str, hint: Text | None = None) -> None:
        self.report(
            "exclusive-keywords",
            keyword,
            t("{keyword} and {other} exclude each other", keyword=keyword, other=other),
            hint or t("remove {keyword}", keyword=keyword),
        )


def check_root(reader: SectionReader, config: Mapping[str, Any]) -> None:
    """Report keywords that stand at the top level and under ``default`` too."""
    default = config.get("default")
    if not isinstance(default, dict):
        return
    for name in ROOT_FORMS:
        if config.get(name) is not None and default.get(name) is not None:
            message = t("{keyword} stands at the top level and under default", keyword=name)
            _Job(reader, config, "", None).report("exclusive-keywords", name, message, t("keep the one under default"))


def check_job(
    reader: SectionReader, config: Mapping[str, Any], values: Mapping[str, Any], path: str, where: Mark | None
) -> None:
    """Report keywords of a visible job that do not go together; ``values`` are those that were read without error."""
    job = _Job(reader, config, path, where)
    if job.has("rules"):
        for keyword in ("only", "except"):
            job.exclude(keyword, "rules", t("say it in rules"))
        job.exclude("start_in", "rules", t("write start_in into the rule that has when: delayed"))
    bridges = [need for need in values.get("needs", ()) if need.pipeline and not need.job]
    if job.has("trigger") or (bridges and not job.has("script") and not job.has("run")):
        _check_trigger(job, values, bridges)
    else:
        _check_script(job, bridges)
    if job.has("type"):
        job.exclude("type", "stage")
        job.report("deprecated", "type", t("type is the old name of stage"), t("write stage"), warning=True)
    _check_when(job, values)
    if "dependencies" in values and values.get("needs"):
        _check_dependencies(job, values["dependencies"], values["needs"])
    _check_publish(job)


def _check_script(job: _Job, bridges: list[Need]) -> None:
    """A job does something: a script or steps. One with nothing of its own mirrors another pipeline, and is none."""
    if job.names("trigger"):
        job.report_both("trigger", "script")
    if bridges:
        message = t("a job with a script cannot mirror another pipeline")
        job.report("exclusive-keywords", "needs", message, t("name a job of that pipeline too"))
    if job.names("run"):
        for keyword in _SCRIPTS:
            if job.names(keyword):
                job.report_both(keyword, "run", t("make the commands a step of run"))
    if job.has("run"):
        return
    if job.has("script"):
        return
    message = t("the job has no script, run or trigger")
    hint = t("add a script; a job that is only a template has a name that begins with a dot")
    job.report("missing-script", "", message, hint)


def _check_trigger(job: _Job, values: Mapping[str, Any], bridges: list[Need]) -> None:
    for keyword in job.config:
        if keyword not in WITH_TRIGGER:
            message = t("{keyword} may not stand in a job with trigger", keyword=keyword)
            hint = t("a job with trigger runs nothing itself: remove {keyword}", keyword=keyword)
            job.report("exclusive-keywords", keyword, message, hint)
    _check_bridge_needs(job, values.get("needs", ()), bridges)
    parallel = values.get("parallel")
    if parallel is not None and parallel.total is not None:
        message = t("a job with trigger is not counted: parallel takes a matrix here")
        job.report("exclusive-keywords", "parallel", message, t("write parallel: matrix"))
    if values.get("when") is When.DELAYED:
        job.report("exclusive-keywords", "when", t("a job with trigger cannot be delayed"), t("use another when"))
    if isinstance(job.config.get("allow_failure"), dict):
        message = t("a job with trigger has no exit codes")
        job.report("exclusive-keywords", "allow_failure", message, t("write true or false"))


def _check_bridge_needs(job: _Job, needs: tuple[Need, ...], bridges: list[Need]) -> None:
    """A job that is another pipeline takes no artifacts, and is one pipeline."""
    if len(bridges) > 1:
        job.report("too-many", "needs", t("a job mirrors one other pipeline at most"), t("make it several jobs"))
    if any((need.pipeline and need.job) or need.project for need in needs):
        message = t("a job with trigger runs nothing, and so needs no artifacts of other pipelines")
        job.report("exclusive-keywords", "needs", message, t("let another job need them"))


def _check_when(job: _Job, values: Mapping[str, Any]) -> None:
    when = values.get("when")
    if when is When.DELAYED and not job.has("start_in"):
        job.report("missing-key", "when", t("{key} is missing", key="start_in"), t("add {key}", key="start_in"))
    if job.has("start_in") and not job.has("rules") and when is not When.DELAYED:
        message = t("start_in is only for when: delayed")
        job.report("exclusive-keywords", "start_in", message, t("add when: delayed"))
    if job.has("manual_confirmation") and when is not When.MANUAL and not job.has("rules"):
        message = t("manual_confirmation has no effect without when: manual")
        job.report("no-effect", "manual_confirmation", message, t("add when: manual"), warning=True)


def _check_dependencies(job: _Job, dependencies: tuple[str, ...], needs: tuple[Need, ...]) -> None:
    needed = {need.job for need in needs}
    for name in dependencies:
        if name not in needed:
            message = t("{job} is in dependencies, but not in needs", job=name)
            job.report("dependency-not-needed", "dependencies", message, t("add {job} to needs", job=name))


def _check_publish(job: _Job) -> None:
    """Pages are published by a job with pages, or one of that name which does not say no; the folder is named once."""
    pages = job.config.get("pages")
    if not job.has("publish"):
        return
    if isinstance(pages, dict) and pages.get("publish") is not None:
        job.exclude("publish", "pages")
    elif not pages and (job.path != "pages" or pages is False):
        job.report("no-pages", "publish", t("publish is only for a job with pages"), t("write pages: true"))
