"""Servers that share a folder have names of their own, and find them again."""

from __future__ import annotations

import shutil
import subprocess
import sys

from plumbline.adapters.replicas import take_name

TAKE = "import sys, os; from plumbline.adapters.replicas import take_name; print(take_name(sys.argv[1])[0], flush=1); "
WAIT = "sys.stdin.read()"
FORK = "os.fork() and os.kill(os.getpid(), 9); sys.stdin.read()"


def other(folder, then):
    process = subprocess.Popen(
        [sys.executable, "-c", TAKE + then, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    return process, process.stdout.readline().strip()


def test_names_differ_while_servers_live_and_are_found_again(tmp_path):
    name, give_back = take_name(str(tmp_path))
    process, second = other(tmp_path, WAIT)
    assert len({name, second}) == 2
    assert all(len(one) == 12 for one in (name, second))
    give_back()
    third, again = other(tmp_path, WAIT)
    assert again == name
    for one in (process, third):
        one.communicate()
    assert take_name(str(tmp_path))[0] == name


def test_what_a_killed_server_had_forked_does_not_keep_its_name(tmp_path):
    process, name = other(tmp_path, FORK)
    assert process.wait(10) == -9
    own, give_back = take_name(str(tmp_path))
    assert own == name
    give_back()
    process.communicate()


def test_a_copy_of_the_folder_has_a_name_of_its_own(tmp_path):
    """Else its server would take the jobs of the first one for those that it left itself."""
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    name, give_back = take_name(str(here))
    shutil.copytree(here, there)
    copied, end = take_name(str(there))
    assert copied != name
    end()
    assert take_name(str(there))[0] == copied
    give_back()
    here.rename(tmp_path / "moved")
    assert take_name(str(tmp_path / "moved"))[0] == name


def test_a_name_of_an_older_version_stays(tmp_path):
    (tmp_path / "replica").write_text("0123456789ab\n")
    for _ in range(2):
        name, give_back = take_name(str(tmp_path))
        assert name == "0123456789ab"
        give_back()
