"""Which place shell jobs get, on a machine with a sandbox and on one without."""

from __future__ import annotations

import pytest

from plumbline.adapters.executors import Setup, choose_place, isolation_of, refuse_with
from plumbline.adapters.executors.bwrap import Bubblewrap, bubblewrap
from plumbline.adapters.jobs import Host
from plumbline.kernel import PlumblineError, t
from plumbline.model.job_setup import JobSetup, JobView

CURE = t("Have it installed.")


@pytest.fixture
def without(monkeypatch, tmp_path):
    """A machine on which there is no sandbox."""
    monkeypatch.setenv("PATH", str(tmp_path))
    bubblewrap.cache_clear()
    yield
    bubblewrap.cache_clear()


def choose(wanted):
    return choose_place(wanted, Setup("group/app", ("/objects",)), CURE)


@pytest.mark.skipif(not bubblewrap().works, reason="no sandbox here")
@pytest.mark.parametrize("wanted", ["auto", "bwrap"])
def test_a_sandbox_where_one_works(wanted):
    place, notices = choose(wanted)
    assert (isinstance(place, Bubblewrap), notices) == (True, ())


@pytest.mark.skipif(not bubblewrap().works, reason="no sandbox here")
def test_people_are_told_of_tools_that_are_not_here():
    view = JobView(tools=("/opt/no-such-tool",))
    _, [notice] = choose_place("bwrap", Setup("group/app", (), JobSetup(view=view)), CURE)
    assert str(notice) == "Not on this machine, and so not shown to jobs: /opt/no-such-tool"


def test_none_where_none_is_wanted():
    assert choose("none") == (Host, ())


@pytest.mark.usefixtures("without")
def test_the_machine_itself_where_no_sandbox_works_and_people_are_told():
    place, [notice] = choose("auto")
    assert place is Host
    assert "bwrap is not installed" in str(notice)


@pytest.mark.usefixtures("without")
def test_a_server_never_takes_the_machine_itself_unless_it_is_named():
    """What runs jobs of others is told to do without isolation, or does without jobs."""
    with pytest.raises(PlumblineError) as refused:
        choose_place("auto", Setup("group/app"), CURE, shared=True)
    assert (refused.value.code, refused.value.hint) == ("no-isolation", CURE)
    assert choose_place("none", Setup("group/app"), CURE, shared=True) == (Host, ())
    with pytest.raises(PlumblineError):
        isolation_of("auto", CURE)
    assert not isolation_of("none", CURE)[0].isolates


def test_a_place_that_cannot_be_had_tells_each_job_why():
    error = PlumblineError("no-isolation", t("Nothing works."), CURE)
    with pytest.raises(PlumblineError) as refused:
        refuse_with(error)(None)
    assert refused.value is error


@pytest.mark.usefixtures("without")
def test_never_the_machine_itself_where_a_sandbox_was_asked_for():
    with pytest.raises(PlumblineError) as refused:
        choose("bwrap")
    assert (refused.value.code, refused.value.hint) == ("no-isolation", CURE)
    assert "bwrap is not installed" in str(refused.value)


@pytest.mark.parametrize("wanted", ["bubblewrap", "BWRAP", "", "True"])
def test_a_misspelt_isolation_is_refused_and_not_taken_for_another(wanted):
    with pytest.raises(PlumblineError) as refused:
        choose(wanted)
    assert refused.value.code == "unknown-isolation"
    assert "auto, bwrap, none" in str(refused.value)
