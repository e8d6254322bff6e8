"""What a job's environment is made of: the server's own Python is no part of it."""

from __future__ import annotations

import os
import sys

import pytest

from plumbline.adapters.jobs.environment import base_environment, sandbox_environment


@pytest.fixture
def own(tmp_path, monkeypatch):
    """The virtual environment that Plumbline itself runs from, activated."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "plumbline"))
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "plumbline"))
    monkeypatch.setenv("PATH", f"{tmp_path}/plumbline/bin:/usr/local/bin:/usr/bin")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("activated", [True, False])
def test_what_a_job_installs_cannot_change_plumbline(own, activated):
    environ = base_environment(activated=activated)
    assert environ["PATH"] == "/usr/local/bin:/usr/bin"
    assert not {"VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME"} & environ.keys()


def test_it_is_known_by_where_links_lead_to(own, monkeypatch):
    (own / "plumbline/bin").mkdir(parents=True)
    (own / "link").symlink_to(own / "plumbline")
    monkeypatch.setenv("PATH", f"{own}/link/bin:/usr/bin")
    monkeypatch.setenv("VIRTUAL_ENV", f"{own}/link")
    assert base_environment(activated=True)["PATH"] == "/usr/bin"


def test_the_user_s_own_environment_is_theirs_and_a_server_has_none(own, monkeypatch):
    monkeypatch.setenv("VIRTUAL_ENV", f"{own}/project")
    monkeypatch.setenv("PATH", f"{own}/project/bin:{own}/plumbline/bin:/usr/bin")
    local = base_environment(activated=True)
    assert (local["PATH"], local["VIRTUAL_ENV"]) == (f"{own}/project/bin:/usr/bin", f"{own}/project")
    server = base_environment()
    assert (server["PATH"], "VIRTUAL_ENV" in server) == ("/usr/bin", False)


def test_a_python_of_the_system_is_everybody_s(monkeypatch):
    monkeypatch.setattr(sys, "prefix", "/usr")
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert base_environment()["PATH"] == "/usr/bin:/bin"


def test_a_sandbox_has_the_path_that_means_something_in_it():
    base = {"PATH": "/usr/local/go/bin:/root/.cargo/bin:/opt/x/bin", "HOME": "/root", "XDG_RUNTIME_DIR": "/run/user/0",
            "LANG": "C.UTF-8", "SSL_CERT_FILE": "/own.pem"}  # fmt: skip
    environ = sandbox_environment(base, ("/usr", "/opt/x"), ("/builds/.scratch/home/.cargo/bin",))
    folders = environ["PATH"].split(os.pathsep)
    assert folders[:3] == ["/builds/.scratch/home/.cargo/bin", "/usr/local/go/bin", "/opt/x/bin"]
    assert {"/usr/bin", "/bin", "/usr/sbin"} <= set(folders)
    assert "/root/.cargo/bin" not in folders
    assert not {"HOME", "XDG_RUNTIME_DIR"} & environ.keys()
    assert (environ["LANG"], environ["SSL_CERT_FILE"]) == ("C.UTF-8", "/own.pem")
