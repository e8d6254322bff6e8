"""A job's dealings with the artifact and cache stores, each in a section of its log."""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from msgspec.structs import replace

from plumbline.adapters.jobs.output import YELLOW
from plumbline.kernel import PlumblineError, legible, t
from plumbline.kernel.text import nt
from plumbline.model.job import FailureReason
from plumbline.model.pipeline import Artifacts, Report
from plumbline.pipeline import literal_prefix, runner_expand

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from plumbline.adapters.jobs.output import Output
    from plumbline.adapters.jobs.verdict import Verdict
    from plumbline.kernel import Text
    from plumbline.model.job import CacheUse, JobOrder, KeptFile
    from plumbline.model.pipeline import Cache
    from plumbline.model.ports.jobs import ArtifactStore, CacheStore, Kept
    from plumbline.model.report import FoundReport

_log = logging.getLogger(__name__)


class Stores:
    """Restores, unpacks, saves and keeps what one order asks for, with the runner's expansion done."""

    def __init__(
        self,
        artifacts: ArtifactStore,
        caches: CacheStore,
        order: JobOrder,
        output: Output,
        verdict: Verdict,
        timings: dict[str, float],
    ) -> None:
        self._artifacts, self._caches, self._order = artifacts, caches, order
        self._output, self._verdict, self._timings = output, verdict, timings
        self.cache_uses: list[CacheUse] = []
        self.kept: Kept | None = None
        self.found: tuple[FoundReport, ...] = ()
        self._began = float("inf")

    def restore_caches(self, values: Mapping[str, str], root: str) -> None:
        if not self._order.caches or self._verdict.canceled() or not self._verdict.good:
            return
        caches = [expand_cache(cache, values) for cache in self._order.caches]
        wanted = [cache for cache in caches if cache.policy in ("pull", "pull-push")]
        with self._section("restore_cache", t("Restoring cache"), any_work=bool(wanted)):
            for cache in wanted:
                self._note(self._caches.restore(cache, root))

    def save_caches(self, values: Mapping[str, str], root: str) -> None:
        if not self._order.caches:
            return
        when = ("always", "on_success" if self._verdict.good else "on_failure")
        caches = [expand_cache(cache, values) for cache in self._order.caches if cache.when in when]
        wanted = [cache for cache in caches if cache.policy in ("push", "pull-push")]
        with self._section("archive_cache", t("Saving cache"), any_work=bool(wanted)):
            for cache in wanted:
                self._note(self._caches.save(cache, root))

    def unpack_dependencies(self, root: str) -> None:
        if not self._order.dependencies or self._verdict.canceled() or not self._verdict.good:
            return
        with self._section("download_artifacts", t("Unpacking artifacts of earlier jobs")):
            for job_id in self._order.dependencies:
                try:
                    files = self._artifacts.unpack(job_id, root)
                except PlumblineError as error:
                    self._verdict.fail(FailureReason.MISSING_DEPENDENCY, error.message)
                    return
                self._output.say(
                    nt("Unpacked {count} file of job {job}", "Unpacked {count} files of job {job}", files, job=job_id)
                )

    def begin(self, scratch: str) -> None:
        """What is in the working copy by now is of the repository, of a cache or of another job: no report of this
        job. ``scratch``: a folder of the same file system."""
        from plumbline.adapters.jobs.left_files import now_at

        with suppress(OSError):
            self._began = now_at(scratch)

    def find_reports(self, values: Mapping[str, str], root: str) -> None:
        """Note what looks like a report and is not asked for; the job is never worse for it."""
        from plumbline.adapters.jobs.left_files import find_reports

        asked = self._order.artifacts
        try:
            found = find_reports(root, expand_artifacts(asked, values) if asked is not None else None, self._began)
        except (OSError, PlumblineError):
            return
        except Exception:  # noqa: BLE001 (a job ends as it did, whatever is wrong with us)
            _log.exception("fault while reports of job %d were looked for", self._order.id)
            return
        self.found = tuple(one for one in found if self._verdict.shown(one.path) == one.path)

    def keep_artifacts(self, values: Mapping[str, str], root: str, *, take_found: bool = False) -> None:
        """``take_found``: what was found is kept as if ``artifacts:reports`` named it; else it is proposed."""
        taken: tuple[Report, ...] = ()
        if take_found:
            made = [one for one in self.found if one.format and not one.old]
            plain = [one for one in made if literal_prefix(one.path) == one.path]
            taken = tuple(Report(one.kind or one.format, (one.path,)) for one in plain)
        elif self.found:
            from plumbline.reports.discovery import proposal

            for line in proposal(self.found):
                self._output.say(line, YELLOW)
        if self._order.artifacts is None and not taken:
            return
        good = self._verdict.good
        section = "upload_artifacts_on_success" if good else "upload_artifacts_on_failure"
        wanted = expand_artifacts(self._order.artifacts or Artifacts(), values)
        wanted = replace(wanted, reports=(*wanted.reports, *taken))
        with self._section(section, t("Keeping artifacts"), timing="upload_artifacts"):
            self.kept = self._artifacts.keep(self._order.id, wanted, root, succeeded=good)
            self.kept = replace(self.kept, files=tuple(self._named(self.kept.files)))
            for file in self.kept.files:
                kind, size = file.kind, file.size
                said = nt("{kind}: {count} file, {size} bytes", "{kind}: {count} files, {size} bytes",
                          file.files, kind=kind, size=size)  # fmt: skip
                self._output.say(said)
            for warning in self.kept.warnings:
                self._verdict.warn(warning)
            if self.kept.failure is not None:
                self._verdict.fail(FailureReason.SCRIPT, self.kept.failure)

    def _named(self, files: Iterable[KeptFile]) -> Iterator[KeptFile]:
        """Those whose names may be shown: they are kept, and told to whoever may see the job."""
        for file in files:
            if self._verdict.shown(file.name) == file.name:
                yield file
            else:
                reason = t("its name has a secret in it, or is not UTF-8")
                self._verdict.warn(t("{path}: left out: {reason}", path=legible(file.name), reason=reason))

    def _note(self, use: CacheUse) -> None:
        self.cache_uses.append(use)
        if use.message is not None:
            self._verdict.warn(use.message)
        elif use.action == "restore" and not use.hit:
            self._output.say(t("No cache found for the key {key}", key=use.key))
        elif use.action == "restore":
            self._output.say(t("Restored {files} files of the cache {key}", files=use.files, key=use.hit))
        elif use.action == "unchanged":
            self._output.say(t("The cache {key} is unchanged", key=use.key))
        else:
            self._output.say(t("Saved {files} files in the cache {key}", files=use.files, key=use.key))

    @contextmanager
    def _section(self, name: str, title: Text, *, timing: str = "", any_work: bool = True) -> Iterator[None]:
        if not any_work:
            yield
            return
        begun = time.monotonic()
        self._output.begin(name, title)
        try:
            yield
        finally:
            self._timings[timing or name] = time.monotonic() - begun
            self._output.end(name)


def expand_cache(cache: Cache, values: Mapping[str, str]) -> Cache:
    """Key, prefix, paths, policy and fallback keys expanded; ``CACHE_FALLBACK_KEY`` is the last fallback key."""
    fallback = (*cache.fallback_keys, values.get("CACHE_FALLBACK_KEY", ""))
    key = replace(
        cache.key,
        text=runner_expand(cache.key.text, values),
        prefix=runner_expand(cache.key.prefix, values),
        files=_all(cache.key.files, values),
    )
    return replace(
        cache,
        key=key,
        paths=_all(cache.paths, values),
        policy=runner_expand(cache.policy, values),
        fallback_keys=_all(fallback, values),
    )


def expand_artifacts(artifacts: Artifacts, values: Mapping[str, str]) -> Artifacts:
    """Name, paths, exclusions and the paths of reports expanded."""
    reports = tuple(replace(report, paths=_all(report.paths, values)) for report in artifacts.reports)
    return replace(
        artifacts,
        name=runner_expand(artifacts.name, values),
        paths=_all(artifacts.paths, values),
        exclude=_all(artifacts.exclude, values),
        reports=reports,
    )


def _all(texts: tuple[str, ...], values: Mapping[str, str]) -> tuple[str, ...]:
    expanded = (runner_expand(text, values) for text in texts)
    return tuple(text for text in expanded if text)
