"""What was found in a repository: stacks in folders, with the jobs that they can be built and tested by."""

from __future__ import annotations

import re

import msgspec

from plumbline.kernel import Text

STAGES = ("build", "test", "package")


class Cache(msgspec.Struct, frozen=True, kw_only=True):
    """``files``: the lock files, or what names the dependencies, that decide whether it is still good; GitLab takes
    two; relative to the stack's folder. ``paths``: what is kept, relative to the root."""

    files: tuple[str, ...]
    paths: tuple[str, ...]


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One job. Paths are relative to the stack's folder, in which the script runs.

    ``tools``: the programs that the shell of a machine needs for it where it runs in no image.
    ``coverage``: the expression that finds the percentage in the log. ``manual``: starts when somebody presses it.
    """

    stage: str  # one of STAGES, and the first word of its name
    script: tuple[str, ...]
    tools: tuple[str, ...]
    image: str
    variables: dict[str, str] = {}
    cache: Cache | None = None
    junit: tuple[str, ...] = ()
    coverage: str = ""
    coverage_report: tuple[str, str] = ("", "")  # format, path
    artifacts: tuple[str, ...] = ()
    manual: bool = False
    notes: tuple[Text, ...] = ()


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A stack in one folder ("": the root). ``files``: by which it was recognised. ``said``: what was taken from which
    file; ``guessed``: what no file says; ``lacking``: what the pipeline can not do, and why."""

    folder: str
    files: tuple[str, ...]
    jobs: tuple[Job, ...]
    said: tuple[Text, ...] = ()
    guessed: tuple[Text, ...] = ()
    lacking: tuple[Text, ...] = ()


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A stack, with what it is called and what its jobs are named."""

    name: str  # of the part: python, java_maven, ...
    title: Text
    found: Found
    jobs: dict[str, Job]


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """``seen`` empty: nothing was recognised. ``lacking``: what no stack is to blame for."""

    seen: tuple[Seen, ...]
    lacking: tuple[Text, ...] = ()

    @property
    def said(self) -> tuple[Text, ...]:
        return tuple(dict.fromkeys(text for one in self.seen for text in one.found.said))

    @property
    def guessed(self) -> tuple[Text, ...]:
        return tuple(dict.fromkeys(text for one in self.seen for text in one.found.guessed))

    @property
    def missing(self) -> tuple[Text, ...]:
        return tuple(dict.fromkeys([*(text for one in self.seen for text in one.found.lacking), *self.lacking]))

    @property
    def tools(self) -> tuple[str, ...]:
        """The programs that a machine needs where the jobs run in its shell, in no image."""
        jobs = (job for one in self.seen for job in one.jobs.values() if not job.manual)
        return tuple(dict.fromkeys(tool for job in jobs for tool in job.tools))


class Version(msgspec.Struct, frozen=True):
    """A version for the tag of an image, and who says so. ``sure``: a file of the project does."""

    number: str
    why: Text
    sure: bool = True

    @property
    def said(self) -> tuple[Text, ...]:
        return (self.why,) if self.sure else ()

    @property
    def guessed(self) -> tuple[Text, ...]:
        return () if self.sure else (self.why,)


def numbers(text: str, parts: int = 2) -> str:
    """The first version in a text, cut to so many parts: ``^18.2.1`` -> ``18.2``; empty where there is none."""
    found = re.search(r"\d{1,4}(?:\.\d{1,4}){0,3}", text)
    return ".".join(found[0].split(".")[:parts]) if found else ""


def order(version: str) -> tuple[int, ...]:
    """For comparing what :func:`numbers` gave."""
    return tuple(int(part) for part in version.split("."))
