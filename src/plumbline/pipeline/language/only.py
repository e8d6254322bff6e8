"""``only`` and ``except``, the older way to say when a job is in a pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from plumbline.kernel import Text, t
from plumbline.model.pipeline import RuleTrace
from plumbline.model.problem import Problem
from plumbline.pipeline.language.clauses import Checked, RuleContext, check, place_of
from plumbline.pipeline.language.regex import RegexError, has_slashes, slashed_regex
from plumbline.pipeline.language.rules import Outcome, one_line

DEFAULT_ONLY = ("branches", "tags")


def decide_only(
    job_name: str, only: Any, except_: Any, context: RuleContext, *, workflow_has_rules: bool = False
) -> Outcome:
    """Whether a job without ``rules`` is in the pipeline.

    All parts of ``only`` must hold and none of ``except``; inside a part one item is enough. ``only`` without
    ``refs``, and no ``only`` at all, mean branches and tags; the latter not where ``workflow:rules`` exist.
    """
    if only is None and except_ is None and workflow_has_rules:
        return Outcome(included=True, reason=t("it has no rules of its own, and 'workflow: rules' decide"))
    traces: list[RuleTrace] = []
    if only is not None or not workflow_has_rules:
        for name, written in _parts(only, default=True):
            checked = _check(name, written, context, f"{job_name}:only")
            traces.append(_trace("only", name, written, checked, only))
            if not checked.holds:
                return _outcome(False, t("'only' does not hold: {why}", why=checked.reason), traces, checked.problem)
    for name, written in _parts(except_, default=False):
        checked = _check(name, written, context, f"{job_name}:except")
        traces.append(_trace("except", name, written, checked, except_))
        if checked.holds or checked.problem:
            return _outcome(False, t("'except' holds: {why}", why=checked.reason), traces, checked.problem)
    reason = t("neither 'only' nor 'except' is against it")
    if only is None and except_ is None:
        reason = t("it has no rules, and so is in pipelines for branches and tags")
    return _outcome(True, reason, traces, None)


def _outcome(included: bool, reason: Text, traces: list[RuleTrace], problem: Problem | None) -> Outcome:
    return Outcome(
        included=included,
        reason=reason,
        where=traces[-1].where if traces else None,
        traces=tuple(traces),
        problems=(problem,) if problem else (),
    )


def _trace(keyword: str, name: str, written: Any, checked: Checked, container: Any) -> RuleTrace:
    text = one_line({keyword: written if not isinstance(container, dict) else {name: written}})
    return RuleTrace(
        where=place_of(container, name), text=text, matched=checked.holds, reason=checked.reason, values=checked.values
    )


def _parts(written: Any, *, default: bool) -> Iterator[tuple[str, Any]]:
    """The conditions of ``only`` or ``except`` by name, ``refs`` first; ``default``: without refs, the usual ones."""
    parts = written if isinstance(written, dict) else {} if written is None else {"refs": written}
    refs = parts.get("refs")
    if refs is not None or default:
        yield "refs", list(DEFAULT_ONLY) if refs is None else refs
    for name in ("variables", "changes", "kubernetes"):
        if parts.get(name) is not None:
            yield name, parts[name]


def _check(name: str, written: Any, context: RuleContext, keyword: str) -> Checked:
    match name:
        case "refs":
            return _refs(list(_texts(written)), context)
        case "variables":
            return _variables(list(_texts(written)), context, keyword)
        case "changes":
            return check({"changes": written}, context, keyword)
    return Checked(False, t("there is no Kubernetes cluster here"))


def _texts(written: Any) -> Iterable[str]:
    if isinstance(written, list):
        for item in written:
            yield from _texts(item)
    elif written is not None:
        yield str(written)


def _variables(expressions: list[str], context: RuleContext, keyword: str) -> Checked:
    """One true expression is enough."""
    values: dict[str, str | None] = {}
    for text in expressions:
        checked = check({"if": text}, context, keyword)
        values |= dict(checked.values)
        if checked.problem:
            return checked
        if checked.holds:
            return Checked(True, t("{expression} is true", expression=text), tuple(values.items()))
    return Checked(False, t("no expression under 'variables' is true"), tuple(values.items()))


def _refs(patterns: list[str], context: RuleContext) -> Checked:
    """Names of refs, regular expressions for them, and words for the kind of pipeline."""
    variables = context.variables
    ref = variables.get("CI_COMMIT_TAG") or variables.get("CI_COMMIT_BRANCH")
    values = (
        ("CI_PIPELINE_SOURCE", str(context.event)),
        *((name, variables.get(name)) for name in ("CI_COMMIT_BRANCH", "CI_COMMIT_TAG")),
    )
    for written in patterns:
        pattern, at, project = written.partition("@")
        if at and project != variables.get("CI_PROJECT_PATH"):
            continue
        if _is_kind(pattern, context) or (ref and _is_ref(pattern, ref)):
            return Checked(True, t("'{pattern}' fits", pattern=written), values)
    return Checked(False, t("none of these fits: {patterns}", patterns=", ".join(patterns)), values)


def _is_kind(pattern: str, context: RuleContext) -> bool:
    """``branches``, ``tags``, and the pipeline's source, without ``_event``, in the singular or the plural."""
    if pattern == "tags":
        return bool(context.variables.get("CI_COMMIT_TAG"))
    if pattern == "branches":
        return bool(context.variables.get("CI_COMMIT_BRANCH"))
    source = context.event.removesuffix("_event")
    return pattern in {source, _plural(source)}


def _plural(word: str) -> str:
    if word.endswith("y"):
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("sh", "ch", "s", "x")) else f"{word}s"


def _is_ref(pattern: str, ref: str) -> bool:
    if not has_slashes(pattern):
        return pattern == ref
    try:
        return slashed_regex(pattern).found_in(ref)
    except RegexError:
        return False
