"""What a job names is masked and readable wherever it is kept: reports, keys of caches, warnings."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec
import pytest
from local_repositories import make_repository, opened

from plumbline.adapters.artifacts import LocalArtifacts
from plumbline.adapters.caches import LocalCaches
from plumbline.adapters.cancellation import PipeCancellation
from plumbline.adapters.jobs import LocalExecutor, LocalSettings
from plumbline.adapters.workspaces import LocalWorkspaces
from plumbline.model.coding import plain
from plumbline.model.job import JobOrder, ScriptStep, State
from plumbline.model.pipeline import Artifacts, Cache, CacheKey, Report, Variable

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow
SECRET = 'it\'s"quoted"x'


class Log:
    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data


def test_names_of_a_job(tmp_path: Path) -> None:
    repository = opened(make_repository(tmp_path / "r", {"a": "a"}))
    artifacts = LocalArtifacts(lambda job: f"{tmp_path}/store/{job}", lambda: repository.tracked)
    caches = LocalCaches(f"{tmp_path}/cache", repository, protected=False)
    workspaces = LocalWorkspaces(repository, str(tmp_path / "work"))
    executor = LocalExecutor(workspaces, artifacts, caches, LocalSettings(grace=1.0))
    script = (
        'echo "<x/>" > "$S.xml"; echo "<x/>" > fine.xml; echo "<x/>" > "$(printf "caf\\351.xml")"',
        'set -x; : "$S"; printf "%q\\n" "$S"; printf "it\\000\'s\\033]0;t\\007\\"quo\\033[1mted\\"x\\n"',
    )
    order = JobOrder(
        id=1,
        name="j",
        stage="test",
        steps=(ScriptStep(name="script", lines=script),),
        variables=(Variable("S", SECRET, masked=True),),
        caches=(Cache(key=CacheKey(text="k-$S"), paths=("absent-$S", "fine.xml")),),
        artifacts=Artifacts(paths=("nothing-$S",), reports=(Report(kind="junit", paths=("*.xml",)),)),
    )
    log = Log()
    cancel = PipeCancellation()
    result = executor.run(order, log, cancel)
    cancel.close()
    assert result.state is State.SUCCESS, log.data
    assert [file.name for file in result.kept] == ["reports/junit/fine.xml"]
    kept = msgspec.json.encode(result, enc_hook=plain)
    for word in (b"quoted", b"udce9"):
        assert word not in kept
        assert word not in log.data
    assert all("[MASKED]" in use.key for use in result.caches)
    assert os.listdir(tmp_path / "cache")
