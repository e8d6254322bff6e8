"""Read all keywords of one place: the top level, ``default``, or a job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.kernel import Text, t
from plumbline.model.problem import Mark, Problem, Severity
from plumbline.pipeline import keywords
from plumbline.pipeline.combinations import check_job, check_root
from plumbline.pipeline.keyword import Place
from plumbline.pipeline.reading import Reading, mark_in
from plumbline.pipeline.source.wording import cut, did_you_mean, shortened

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_MAX_HINTS = 200
MISSING: Any = object()  # what the memo holds for a value with an error


class Reader:
    """Reads the keywords of one configuration; what is wrong is appended to ``problems``.

    A value that several jobs share (by ``extends``, an anchor, ``!reference``) is read once, and a problem at one place
    in a file is reported once.
    """

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self.errors = 0  # reported so far, repetitions included
        self.used: dict[str, Mark | None] = {}  # keyword -> the first place where it was met
        self._seen: set[tuple[object, ...]] = set()
        self._memo: dict[tuple[str, int, Place], tuple[Any, Any]] = {}  # holds the value so that its id stays its own

    def report(self, problem: Problem) -> None:
        """Add a problem, unless the same stands at the same line already; what is very long in it is cut."""
        if problem.severity is Severity.ERROR:
            self.errors += 1
        if problem.where is not None and problem.where.line:
            key = (problem.code, problem.where, problem.message)
            if key in self._seen:
                return
            self._seen.add(key)
        self.problems.append(
            msgspec.structs.replace(
                problem,
                message=shortened(problem.message),
                hint=problem.hint and shortened(problem.hint),
                keyword=cut(problem.keyword),
            )
        )

    def near(self, word: str, words: Collection[str]) -> Text | None:
        """A hint at the word that was probably meant; none when there are so many mistakes that it would take long."""
        return did_you_mean(word, words) if self.errors < _MAX_HINTS else None

    def root(self, config: Mapping[str, Any], where: Mark | None = None) -> dict[str, Any]:
        """The typed values of the global keywords; everything else at the top level is a job and is left alone."""
        check_root(self, config)
        return self.section({k: v for k, v in config.items() if is_global(k)}, Place.GLOBAL, "", where, marked=config)

    def job(self, config: Mapping[str, Any], path: str, where: Mark | None = None) -> dict[str, Any]:
        """The typed values of a job, whose keywords must go together. The steps of ``run`` are its ``script``, and
        ``type`` is its ``stage``."""
        values = self.section(config, Place.JOB, path, where)
        check_job(self, config, values, path, where)
        if "run" in values:
            values["script"] = tuple(step.command for step in values["run"])
        if "type" in values:
            values.setdefault("stage", values["type"])
        return values

    def section(
        self,
        config: Mapping[str, Any],
        place: Place,
        path: str = "",
        where: Mark | None = None,
        *,
        marked: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The typed value of every keyword. A key with no value is as if it were not there; one with an error is left
        out, and so is one that is unknown here, which is a problem."""
        values: dict[str, Any] = {}
        prefix = f"{path}:" if path else ""
        for key, value in config.items():
            part = keywords.find(key)
            if part is None or place not in part.places:
                self._misplaced(key, place, prefix + str(key), mark_in(config, key) or where)
                continue
            if value is None:
                continue
            shared = isinstance(value, (dict, list))
            if shared and (known := self._memo.get((key, id(value), place))) is not None:
                if known[1] is not MISSING:
                    values[key] = known[1]
                continue
            mark = mark_in(marked if marked is not None else config, key) or where
            self.used.setdefault(key, mark)
            before = self.errors
            result = part.read(Reading(value, prefix + key, part=part, place=place, reader=self, where=mark))
            if self.errors != before:
                result = MISSING
            else:
                values[key] = result
            if shared:
                self._memo[key, id(value), place] = (value, result)
        return values

    def _misplaced(self, key: str, place: Place, path: str, where: Mark | None) -> None:
        part = keywords.find(key)
        message = t("unknown keyword {key}", key=key)
        code = "unknown-keyword"
        hint: Text | None
        if part is None:
            known = [name for name, other in keywords.parts().items() if place in other.places]
            hint = self.near(str(key), known) or t("see the table of keywords for what may stand here")
        else:
            code = "misplaced-keyword"
            message = t("the keyword {key} may not stand here", key=key)
            hint = t("it belongs in: {places}", places=", ".join(part.places))
        self.report(Problem(code=code, message=message, where=where, keyword=path, hint=hint))


def is_global(name: str) -> bool:
    """Whether a name at the top level is a keyword; otherwise it is a job."""
    part = keywords.find(name)
    return part is not None and Place.GLOBAL in part.places
