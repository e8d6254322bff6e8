"""Writes a proposal as YAML with comments, in the order in which people write it."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from plumbline.kernel import Text, t
from plumbline.starters.files import joined
from plumbline.starters.found import STAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from plumbline.starters.found import Found, Job, Proposal

_PLAIN = re.compile(r"[A-Za-z./$_](?:[A-Za-z0-9 ./$_+=*@,()\[\]{}<>|&;\"'~^%\\?-]|:(?=\S))*")
_NAMED = 3  # files by which a stack was recognised
_OTHER = re.compile(r"(?:true|false|null|yes|no|on|off|y|n|~)", re.IGNORECASE)
_WORKFLOW = """\
workflow:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH && $CI_OPEN_MERGE_REQUESTS
      when: never
    - if: $CI_COMMIT_BRANCH
    - if: $CI_COMMIT_TAG
"""


def scalar(text: str) -> str:
    """A text as YAML, on one line."""
    plain = _PLAIN.fullmatch(text) and text == text.strip() and not _OTHER.fullmatch(text)
    return text if plain else _quoted(text)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def pipeline_text(proposal: Proposal, *, images: bool = True) -> str:
    """The configuration, its comments in the reader's language; empty where nothing was recognised. ``images`` false:
    for runners that have a shell alone."""
    if not proposal.seen:
        return ""
    jobs = [(name, job, seen.found) for seen in proposal.seen for name, job in seen.jobs.items()]
    jobs.sort(key=lambda one: STAGES.index(one[1].stage))
    stages = dict.fromkeys(job.stage for _, job, _ in jobs)
    when = t("One pipeline for a change: of its merge request where there is one, else of its branch; and one for each "
             "tag.")  # fmt: skip
    parts = ["\n".join(_head(proposal, images=images)), f"stages: [{', '.join(stages)}]", f"# {when}\n{_WORKFLOW}"]
    parts += ["\n".join(_job(name, job, found, images=images)) for name, job, found in jobs]
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def _head(proposal: Proposal, *, images: bool) -> Iterable[str]:
    yield f"# {t('Proposed by Plumbline from the files of this repository. Read it, change it, and commit it.')}"
    for seen in proposal.seen:
        files = ", ".join(joined(seen.found.folder, name) for name in seen.found.files[:_NAMED])
        yield f"# {t('{stack}, because of {files}', stack=seen.title, files=files)}"
    yield from _listed(t("Taken from the files:"), proposal.said)
    yield from _listed(t("Guessed, so look at it:"), proposal.guessed)
    yield from _listed(t("Not in it:"), proposal.missing)
    if images:
        note = t("`image` is for runners with containers; those with a shell alone leave it aside and need {tools}.",
                 tools=", ".join(proposal.tools))  # fmt: skip
        yield f"# {note}"


def _listed(title: Text, texts: Sequence[Text]) -> Iterable[str]:
    if texts:
        yield f"# {title}"
        yield from (f"# - {text}" for text in texts)


def _job(name: str, job: Job, found: Found, *, images: bool) -> Iterable[str]:
    def placed(paths: Iterable[str]) -> list[str]:
        return [joined(found.folder, path) for path in paths]

    yield from (f"# {note}" for note in job.notes)
    yield f"{scalar(name)}:"
    yield f"  stage: {job.stage}"
    if images and job.image:
        yield f"  image: {scalar(job.image)}"
    if job.manual:
        yield "  when: manual"
    if job.variables:
        yield "  variables:"
        yield from (f"    {key}: {scalar(value)}" for key, value in job.variables.items())
    if job.cache:
        yield "  cache:"
        yield "    key:"
        yield f"      files: {_flow(placed(job.cache.files))}"
        yield f"      prefix: {scalar(re.sub(r'[^A-Za-z0-9_.-]+', '-', name))}"
        yield f"    paths: {_flow(job.cache.paths)}"
    yield "  script:"
    lines = [f"cd {shlex.quote(found.folder)}"] if found.folder else []
    yield from (f"    - {scalar(line)}" for line in (*lines, *job.script))
    if job.coverage:
        yield f"  coverage: {scalar(job.coverage)}"
    yield from _artifacts(job, placed)


def _artifacts(job: Job, placed: Callable[[Iterable[str]], list[str]]) -> Iterable[str]:
    kind, path = job.coverage_report
    if not (job.artifacts or job.junit or path):
        return
    yield "  artifacts:"
    if job.junit or path:
        yield "    when: always"
    if job.artifacts:
        yield f"    paths: {_flow(placed(job.artifacts))}"
    if job.junit or path:
        yield "    reports:"
    if job.junit:
        yield f"      junit: {_flow(placed(job.junit))}"
    if path:
        yield "      coverage_report:"
        yield f"        coverage_format: {kind}"
        yield f"        path: {scalar(placed([path])[0])}"


def _flow(items: Iterable[str]) -> str:
    """A list on one line; what would end it is put in quotes."""
    return "[" + ", ".join(_quoted(one) if re.search(r"[^A-Za-z0-9_./-]", one) else one for one in items) + "]"
