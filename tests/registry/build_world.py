"""A bank in which a job of a tag builds an image and leaves an archive."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from tests.registry.registry_world import Bank, digest_of

from plumbline.access import SIGNED_OUT
from plumbline.flow.artifacts.attest import attest_due
from plumbline.flow.artifacts.guests import by_job
from plumbline.flow.pipelines.claim_jobs import claim_jobs, finish_job
from plumbline.flow.pipelines.create_pipeline import start_pipeline
from plumbline.flow.pipelines.tools import Wanted
from plumbline.model.job import JobResult, KeptFile, State
from plumbline.model.pipeline import Variable, VariableSource
from plumbline.model.server import Binding

if TYPE_CHECKING:
    from pathlib import Path

    from plumbline.flow.pipelines.claim_jobs import Claim

CI = """
build: {stage: build, image: "registry.example/python@sha256:%s", script: [make], artifacts: {paths: [out]}}
test: {stage: test, script: [make test], needs: [build]}
""" % ("b" * 64)
LOCK = '{"lockfileVersion": 3, "packages": {"node_modules/a": {"version": "1.0.0"}}}'
SECRET = "a secret that is nobody's business"
ARCHIVE = KeptFile(kind="archive", name="artifacts.zip", files=1, size=7, digest=digest_of(b"archive"))
REPORT = KeptFile(kind="junit", name="junit.xml", files=1, size=5, digest=digest_of(b"<a/>"))


class Builders(Bank):
    """``bank/pay`` has a repository with a lock file and a tag."""

    def __init__(self, folder: Path, database: str | None = None) -> None:
        super().__init__(folder / "data", database)
        home = folder / "repository"
        home.mkdir()
        (home / ".gitlab-ci.yml").write_text(CI)
        (home / "package-lock.json").write_text(LOCK)
        who = ["-c", "user.name=a", "-c", "user.email=a@b"]
        for words in (["init", "-q", "-b", "main"], ["add", "."], [*who, "commit", "-qm", "one"], ["tag", "v1"]):
            subprocess.run(["git", "-C", str(home), *words], check=True)
        with self.change() as tx:
            tx.bindings.put(Binding(project=self.pay.id, kind="git", url=str(home)))
        self.attestations = self.tools.attestations

    def begin(self, ref: str = "refs/tags/v1") -> Claim:
        """A pipeline whose first job runs."""
        given = Variable("TOKEN", SECRET, VariableSource.PIPELINE, masked=True)
        start_pipeline(self.tools.pipelines, Wanted(project=self.pay.id, ref=ref), variables=(given,), by=0)
        return self.claim()

    def claim(self) -> Claim:
        [claim] = claim_jobs(self.tools.pipelines, "test/1", 1, 10**12)
        return claim

    def push_from(self, claim: Claim, name: str = "bank/pay/app") -> str:
        actor = by_job(SIGNED_OUT, self.artifacts, claim.job.id, claim.job.fence)
        return self.push("v1", name=name, actor=actor)

    def end(self, claim: Claim, *kept: KeptFile, state: State = State.SUCCESS, **more: Any) -> None:
        result = JobResult(state=state, exit_code=0, kept=kept, **more)
        assert finish_job(self.tools.pipelines, claim.job.id, "test/1", claim.job.fence, result)

    def attest(self, steps: int = -1) -> int:
        """All that is due, or so many steps of it, as if the server was killed then."""
        done = 0
        for _ in attest_due(self.attestations):
            done += 1
            if done == steps:
                break
        return done

    def attested(self) -> list[tuple[str, str]]:
        """Short name of the predicate and the digest that it is about, as the ledger says it."""
        found = [one["subject"] for one in self.events("attestation.recorded")]
        return [(one["content"]["predicate"], one["content"]["subjects"][0]) for one in found]

    def with_tools(self, **changed: Any) -> None:
        import dataclasses

        self.attestations = dataclasses.replace(self.attestations, **changed)


def again(digest: str) -> str:
    """Another one."""
    return digest[:-1] + ("0" if digest[-1] != "0" else "1")


__all__ = ["ARCHIVE", "REPORT", "SECRET", "Builders", "again", "replace"]
