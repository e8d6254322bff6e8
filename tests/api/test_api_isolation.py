"""A server on a machine without a sandbox runs nobody's shell jobs, unless it was told to out loud."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest
from tests.api.test_api_operations import project, run_once
from tests.api.test_api_up import Up

from plumbline.adapters.executors.bwrap import bubblewrap
from plumbline.model.job import FailureReason, State
from plumbline.wiring.server import OpenServer, ServerSettings

pytestmark = pytest.mark.slow


@pytest.fixture
def without(monkeypatch):
    """A machine on which there is no bubblewrap."""
    real = shutil.which
    monkeypatch.setattr(shutil, "which", lambda name, *more: None if name == "bwrap" else real(name, *more))
    bubblewrap.cache_clear()
    yield
    bubblewrap.cache_clear()


def ran(api_class, tmp_path, isolation, **settings):
    """How the first job of a pipeline ended, and what its log says."""
    with OpenServer(ServerSettings(data=str(tmp_path / "data"), isolation=isolation)) as server:
        api = api_class(server)
        api.admin = api.token(api.person("ada", "admin"))
        number = project(api, tmp_path)
        if settings:
            api.ask("PATCH", f"/api/v1/nodes/{number}", token=api.admin, json={"settings": settings})
        pipeline, _ = run_once(api, number)
        with api.tools.units.store.view() as tx:
            [job] = [one for one in tx.jobs.of(pipeline.id) if one.name == "good"]
        return job, Path(tmp_path, f"data/logs/{pipeline.id}/{job.id}.log").read_text()


@pytest.mark.usefixtures("without")
def test_jobs_are_refused_by_themselves_with_the_reason_and_the_cure(api_class, tmp_path):
    job, log = ran(api_class, tmp_path, "auto")
    assert (job.state, job.result.reason) == (State.FAILED, FailureReason.RUNNER_SYSTEM)
    assert "bwrap is not installed" in log
    assert "--isolation none" in log
    assert "hello" not in log


@pytest.mark.usefixtures("without")
@pytest.mark.parametrize(("isolation", "settings"), [("none", {}), ("auto", {"ci.isolation": "none"})])
def test_they_run_where_an_operator_said_so(api_class, tmp_path, isolation, settings):
    job, log = ran(api_class, tmp_path, isolation, **settings)
    assert job.state is State.SUCCESS, log
    assert "without isolation" in log


@pytest.mark.usefixtures("without")
def test_a_node_cannot_make_auto_of_it(api_class, tmp_path):
    job, _ = ran(api_class, tmp_path, "none", **{"ci.isolation": "auto"})
    assert job.state is State.FAILED


@pytest.mark.skipif(not bubblewrap().works, reason="no sandbox here")
def test_a_tool_that_shows_the_server_is_refused_when_a_job_wants_it(api_class, tmp_path):
    job, log = ran(api_class, tmp_path, "auto", **{"ci.tools": [str(tmp_path / "data/keys")]})
    assert (job.state, job.result.reason) == (State.FAILED, FailureReason.RUNNER_SYSTEM)
    assert "The server keeps its own files there." in log


@pytest.mark.skipif(not bubblewrap().works, reason="no sandbox here")
def test_jobs_see_nothing_of_the_data_folder_but_their_own_objects(api_class, tmp_path):
    job, log = ran(api_class, tmp_path, "auto")
    assert job.state is State.SUCCESS, log
    assert "a bubblewrap sandbox" in log


@pytest.mark.parametrize(
    ("path", "options", "told"),
    [
        ("empty", (), "Jobs without an image are refused"),
        ("empty", ("--isolation", "none"), "Jobs without an image run without isolation"),
        ("", ("--isolation", "none"), "Jobs without an image run without isolation"),
    ],
)
def test_the_start_says_which_isolation_jobs_get(tmp_path, monkeypatch, path, options, told):
    if path:  # programs that the server needs, and no bwrap
        (tmp_path / path).mkdir()
        for name in ("git", "sh", "bash"):
            if found := shutil.which(name):
                (tmp_path / path / name).symlink_to(found)
        monkeypatch.setenv("PATH", str(tmp_path / path))
    server = Up(tmp_path / "data", *options)
    try:
        assert server.ask("GET", "/healthz")[0] == 200
    finally:
        server.end(signal.SIGTERM)
    assert told in Path(f"{tmp_path}/data.log").read_text()


@pytest.mark.skipif(not bubblewrap().works, reason="no sandbox here")
def test_the_start_says_that_there_is_a_sandbox(tmp_path):
    server = Up(tmp_path / "data", "--runners", "1")
    try:
        server.process.stdout.readline()
        assert "Jobs without an image run in a bubblewrap sandbox" in server.process.stdout.readline()
    finally:
        server.end(signal.SIGTERM)
    assert os.path.exists(tmp_path / "data")
