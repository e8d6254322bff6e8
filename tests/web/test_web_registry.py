"""Pages of artifacts: what a registry holds, one artifact with its story, its verification and its end; robots."""

from __future__ import annotations

import re

import pytest
from artifact_examples import NAME, furnish_artifacts, publish_by_job, push_untagged
from report_examples import furnish_reports
from web_server import Bank, opened
from web_structure import flaws

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pushed(bank_folder, tmp_path_factory):
    """A bank with an image, an index and a package."""
    folder = tmp_path_factory.mktemp("pushed") / "data"
    with opened(folder, bank_folder) as server:
        bank = Bank(server, folder)
        rows = furnish_reports(bank)
        yield bank, rows | furnish_artifacts(bank, rows["told"])


def page(pushed, address, name="mei"):
    bank, rows = pushed
    answer = bank.browser(name).ask("GET", address.format(**rows))
    assert answer.status_code == 200, answer.text
    assert flaws(answer.text) == []
    return answer.text


def words(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_repositories_and_packages_stand_together_at_each_level(pushed):
    for address in ("/artifacts", "/nodes/1/artifacts", "/nodes/3/artifacts"):
        said = words(page(pushed, address))
        for part in (NAME, "1.4.1", f"{NAME}/all", "posting-cli", "2.0.0"):
            assert part in said


def test_versions_lead_to_their_digests_with_commands_to_copy(pushed):
    html = page(pushed, "/projects/3/repository?name=")
    assert html.index("1.4.1") < html.index("1.4.0")  # the newest first
    assert "podman pull" in html
    assert "curl" in page(pushed, "/nodes/3/artifacts")
    assert "posting.tar.gz" in page(pushed, "/projects/3/package?name=posting-cli")


def test_files_of_a_package_have_the_stages_that_they_earned(pushed):
    bank, rows = pushed
    name = publish_by_job(bank, rows["told"])
    assert "built" in words(page(pushed, f"/projects/3/package?name={name}"))


def test_a_repository_without_a_tag_is_not_said_to_be_empty(pushed):
    bank, _rows = pushed
    html = page(pushed, f"/projects/3/repository?name={push_untagged(bank)}")
    assert "Nothing in it has a tag" in html
    assert "is gone" not in html
    assert "Show 1 without a tag" in html
    assert "untagged=1" in html


def test_an_artifact_tells_where_it_came_from_and_what_it_earned(pushed):
    _bank, rows = pushed
    html = page(pushed, "/projects/3/artifacts/{image}")
    said = words(html)
    assert f'href="/pipelines/{rows["told"]}"' in html
    assert "unit tests" in said
    assert "Tests of its pipeline failed" in said  # not tested
    assert "application/vnd.cyclonedx+json" in said
    assert f"{NAME}:1.4.0" in said
    assert "image index" in words(page(pushed, "/projects/3/artifacts/{index}"))


def test_it_is_verified_with_one_click_and_no_statement_is_no_pass(pushed):
    bank, rows = pushed
    answer = bank.browser("mei").post(f"/projects/3/artifacts/{rows['image']}/verify")
    assert answer.status_code == 200, answer.text
    assert flaws(answer.text) == []
    said = words(answer.text)
    assert "nothing says how it was built, so nothing is verified" in said
    assert "Its bytes" in said
    taken = bank.browser("mei").post(f"/projects/3/artifacts/{rows['image']}/export")
    assert taken.headers["content-disposition"].startswith("attachment")


def test_it_goes_only_for_who_types_its_digest(pushed):
    bank, rows = pushed
    mei, digest = bank.browser("mei"), rows["file"]
    wrong = mei.post(f"/projects/3/artifacts/{digest}/delete", gone_digest="0" * 12)
    assert wrong.status_code == 422
    assert "not the first 12 characters" in wrong.text
    gone = mei.post(f"/projects/3/artifacts/{digest}/delete", gone_digest=digest[7:19])
    assert gone.status_code == 303
    assert mei.ask("GET", f"/projects/3/artifacts/{digest}").status_code == 404
    assert bank.browser("omar").post(f"/projects/3/artifacts/{rows['image']}/delete").status_code == 403


def test_a_tag_is_taken_away_and_the_artifact_stays(pushed):
    bank, rows = pushed
    address = f"/projects/3/artifacts/{rows['image']}"
    sent = bank.browser("mei").post(f"{address}/untag", repository=NAME, tag="1.4.0")
    assert sent.status_code == 303
    assert "It has no name" in page(pushed, address)


def test_a_robot_is_made_once_shown_once_and_revoked(pushed):
    bank, _ = pushed
    mei = bank.browser("mei")
    made = mei.post("/projects/3/robots", name="cluster-west", scope="pull", days="30")
    assert made.status_code == 200, made.text
    secret = re.search(r'id="secret">([^<]+)<', made.text)[1]
    listed = page(pushed, "/projects/3/robots")
    assert "cluster-west" in listed
    assert secret not in listed
    assert mei.post("/projects/3/robots", name="NO NAME", scope="pull", days="30").status_code == 422
    number = max(map(int, re.findall(r'name="robot" value="(\d+)"', listed)))
    assert mei.post("/projects/3/robots/revoke", robot=str(number)).status_code == 303
    assert "revoked" in page(pushed, "/projects/3/robots")
    assert "Make a token" not in page(pushed, "/projects/3/robots", "omar")


def test_the_chain_and_the_search_know_its_digest(pushed):
    _, rows = pushed
    short = rows["image"][7:19]
    assert f"/projects/3/artifacts/{rows['image']}" in page(pushed, "/nodes/3")
    assert f"/projects/3/artifacts/{rows['image']}" in page(pushed, f"/search?q={short}")
    assert "/projects/3/artifacts/" in page(pushed, "/search?q=1.4.1")
    assert f"/projects/3/artifacts/{rows['image']}" in page(pushed, "/pipelines/{told}")
