"""Generic packages over HTTP, as GitLab's API has them."""

from __future__ import annotations

import pytest
from tests.registry.registry_door import Door, basic, in_pieces
from tests.registry.registry_world import digest_of

BASE = "/api/v4/projects/bank%2Fpay/packages"
FILE = f"{BASE}/generic/app/1.0/app.tar.gz"


@pytest.fixture
def mei(door: Door) -> str:
    return door.token(door.mei)


def test_are_published_and_downloaded_in_parts_too(door: Door, mei: str) -> None:
    data = b"0123456789" * 100_000
    put = door.ask("PUT", FILE, headers={"PRIVATE-TOKEN": mei}, content=in_pieces(data[:5], data[5:]))
    assert (put.status_code, put.json()) == (201, {"message": "201 Created"})
    for address in (FILE, FILE.replace("bank%2Fpay", str(door.pay.id))):
        got = door.ask("GET", address, headers={"Authorization": basic(mei)})
        assert (got.status_code, got.content) == (200, data)
    part = door.ask("GET", FILE, headers={"JOB-TOKEN": mei, "Range": "bytes=2-4"})
    assert (part.status_code, part.content) == (206, b"234")
    head = door.ask("HEAD", FILE, token=mei)
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(data)))


def test_the_file_is_told_where_it_is_asked_for(door: Door, mei: str) -> None:
    put = door.ask("PUT", f"{FILE}?select=package_file", token=mei, content=b"x")
    told = put.json()
    assert (told["file_name"], told["size"], told["file_sha256"]) == ("app.tar.gz", 1, digest_of(b"x")[7:])


def test_are_listed_and_deleted_by_whom_may(door: Door, mei: str) -> None:
    door.ask("PUT", FILE, token=mei, content=b"x")
    [found] = door.ask("GET", BASE, token=mei, params={"package_name": "app"}).json()
    assert (found["name"], found["version"], found["package_type"]) == ("app", "1.0", "generic")
    [file] = door.ask("GET", f"{BASE}/{found['id']}/package_files", token=mei).json()
    assert file["package_id"] == found["id"]
    address = f"{BASE}/{found['id']}"
    assert door.ask("DELETE", address, token=door.token(door.dev)).status_code == 403
    assert door.ask("DELETE", address, token=mei).status_code == 204
    assert door.ask("GET", BASE, token=mei).json() == []
    door.ask("PUT", FILE, token=mei, content=b"x")
    assert door.ask("DELETE", FILE, token=mei).status_code == 204


def test_other_bytes_under_the_same_name_are_refused(door: Door, mei: str) -> None:
    door.ask("PUT", FILE, token=mei, content=b"x")
    assert door.ask("PUT", FILE, token=mei, content=b"x").status_code == 201
    refused = door.ask("PUT", FILE, token=mei, content=b"y")
    assert (refused.status_code, refused.json()["error"]) == (409, "package-immutable")


def test_who_may_not_see_the_project_is_told_that_it_is_not_there(door: Door) -> None:
    stranger, viewer = door.token(door.stranger), door.token(door.viewer)
    for address in (FILE, FILE.replace("bank%2Fpay", "no%2Fwhere"), FILE.replace("bank%2Fpay", "99999")):
        answer = door.ask("GET", address, token=stranger)
        assert (answer.status_code, answer.json()["message"]) == (404, "There is no such project.")
    assert door.ask("PUT", FILE, token=viewer, content=b"x").status_code == 403
    assert door.ask("GET", FILE).status_code == 401


@pytest.mark.parametrize("name", ["..", "%2e%2e", "a%2Fb", "a b", "é", "%00"])
def test_names_that_are_tricks(door: Door, mei: str, name: str) -> None:
    for address in (f"{BASE}/generic/{name}/1.0/f", f"{BASE}/generic/a/1.0/{name}"):
        assert door.ask("PUT", address, token=mei, content=b"x").status_code in (400, 404, 405)
