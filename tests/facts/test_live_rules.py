"""Rules that are set at nodes, and what runs, is published and is named, held against them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.facts.events import digest, sha
from tests.facts.live import Live

from plumbline.flow.pipelines.cancel_retry_play import play_job
from plumbline.flow.tree.manage_tree import change_node
from plumbline.model.fact import UNDECIDED, Lack

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def set_(live: Live, node: int, **settings: object) -> None:
    change_node(live.root, live.tree, node, settings={key.replace("__", "."): value for key, value in settings.items()})


def publish(live: Live, purl: str) -> None:
    live.told("artifact.published.0.3.0", purl, {}, {"digest": digest(purl), "commit": sha("a")})


def test_repositories_live_in_the_system_where_the_most_of_them_are(live: Live) -> None:
    name = "repositories-of-the-product-that-live-in-the-registered-system"
    assert live.share(name) == (1, 1)
    live.add("apps", "https://git.bank.example/bank/apps.git")
    live.add("cards", "https://git.bank.example/bank/cards.git")
    assert live.share(name, path="bank") == (2, 3)
    live.add("new", "")
    assert live.share(name, path="bank") == (2, 4)
    assert live.fact(name, path="bank/new").lack is Lack.NO_SOURCE
    change_node(live.root, live.tree, live.project, archived=True)
    assert live.share(name, path="bank") == (2, 3)
    change_node(live.root, live.tree, live.project, archived=False)
    assert live.share(name, path="bank") == (2, 4)


def test_a_branch_model_is_registered_at_a_node_or_above_it(live: Live) -> None:
    name = "repositories-with-a-registered-branch-model"
    assert live.share(name) == (0, 1)
    set_(live, live.bank.id, repository__branches=["main", "release/*"])
    assert live.share(name) == (1, 1)
    set_(live, live.project, repository__branches=None)
    assert live.share(name) == (1, 1)
    set_(live, live.bank.id, repository__branches=None)
    assert live.share(name) == (0, 1)


def test_names_are_held_against_a_rule_where_there_is_one(live: Live) -> None:
    name = "repository-names-that-match-the-registered-rule"
    assert live.fact(name).lack is Lack.NO_SOURCE
    set_(live, live.bank.id, repository__names=["pay-*", "core"])
    live.add("pay-apps", "")
    live.add("payments", "")
    assert live.share(name, path="bank") == (2, 3)


@pytest.mark.parametrize(
    ("name", "days", "key", "rule"),
    [
        ("artifacts-whose-version-fits-the-registered-rule", 90, "artifact__versions", "*.*.*"),
        ("artifacts-whose-path-fits-the-registered-layout", None, "artifact__places", "pkg:maven/com.bank/*"),
        ("outputs-that-fit-the-artifact-layout", 90, "artifact__places", "pkg:maven/com.bank/*"),
    ],
)
def test_packages_are_held_against_a_rule_where_there_is_one(
    live: Live, name: str, days: int | None, key: str, rule: str
) -> None:
    live.later(-1)
    publish(live, "pkg:maven/com.bank/core@1.4.0?type=jar")
    live.later(30)
    publish(live, "pkg:maven/com.bank/core@1.4.1")
    assert live.fact(name, days).lack is Lack.NO_SOURCE
    set_(live, live.bank.id, **{key: [rule]})
    assert live.share(name, days) == (2, 2)
    publish(live, "pkg:npm/tool@latest")
    assert live.share(name, days) == (2, 3)


IMAGES = "jobs-that-ran-in-a-registered-versioned-image-or-template"


@pytest.mark.parametrize(
    ("job", "settings", "share"),
    [
        ("image: reg.bank/jdk:21.0.2", {}, (0, 1)),
        ("image: reg.bank/jdk:21.0.2", {"ci__container_images": ["reg.bank/*"]}, (1, 1)),
        ("image: reg.bank/jdk:latest", {"ci__container_images": ["reg.bank/*"]}, (0, 1)),
        ("image: reg.bank/jdk", {"ci__container_images": ["reg.bank/*"]}, (0, 1)),
        (f"image: reg.bank/jdk@sha256:{'a' * 64}", {"ci__container_images": ["reg.bank/*"]}, (1, 1)),
        ("image: reg.bank:5000/jdk", {"ci__container_images": ["reg.bank*"]}, (0, 1)),
        ("tags: []", {"ci__container_images": ["reg.bank/*"]}, (0, 1)),
        ("tags: []", {"ci__container_default_image": "reg.bank/jdk:21.0.2"}, (1, 1)),
        ("image: $WHICH", {"ci__container_images": ["reg.bank/*"]}, (None, None)),
    ],
)
def test_jobs_run_in_registered_images_of_a_fixed_version(
    tmp_path: Path, job: str, settings: dict[str, object], share: tuple[int | None, int | None]
) -> None:
    live = Live(tmp_path, {".gitlab-ci.yml": f"build: {{script: [make], {job}}}\n"})
    set_(live, live.bank.id, **settings)
    live.run()
    live.later(30)
    live.run()
    found = live.fact(IMAGES, 90)
    doubled = tuple(None if one is None else 2 * one for one in share)
    assert (found.numerator, found.denominator) == doubled
    assert found.excluded == ({UNDECIDED: 2} if share[0] is None else {})
    live.close()


def test_a_pipeline_uses_a_template_where_it_includes_one_of_another_project(tmp_path: Path) -> None:
    name = "pipeline-definitions-that-use-a-shared-module-or-template"
    live = Live(tmp_path, {
        ".gitlab-ci.yml": "include: [{local: own.yml}]\nbuild: {script: [make]}\n", "own.yml": "lint: {script: [b]}\n",
    })  # fmt: skip
    assert live.fact(name).lack is Lack.NO_SOURCE
    live.run()
    assert live.share(name) == (0, 1)
    shared = live.repository("shared", {"java.yml": ".java: {script: [make]}\n"})
    live.add("shared", str(shared))
    live.commit({".gitlab-ci.yml": "include: [{project: bank/shared, file: java.yml}]\nbuild: {extends: .java}\n"})
    live.run(by=live.root)
    assert live.share(name) == (1, 1)
    live.close()


def test_release_builds_run_in_a_pool_that_says_what_it_is_for(live: Live) -> None:
    name = "release-builds-inside-a-registered-pool-with-a-stated-purpose"
    live.register_runner("pool/1", "java", "release")
    live.register_runner("any/1")
    live.later(30)
    live.run()
    assert live.fact(name, 90).lack is Lack.NO_SOURCE  # nothing was released
    live.release("1.0")
    for runner, share in (("any/1", (0, 2)), ("pool/1", (1, 3))):
        live.runner_name = runner
        live.run()
        assert live.share(name, 90) == share


def test_a_pipeline_is_labelled_where_it_has_a_name_of_its_own(live: Live) -> None:
    name = "pipelines-labelled-with-a-build-type"
    assert live.fact(name).lack is Lack.NO_SOURCE
    live.run()
    assert live.share(name) == (0, 1)
    live.commit({".gitlab-ci.yml": "workflow: {name: release build}\nbuild: {script: [make]}\n"})
    live.run()
    assert live.share(name) == (1, 1)


def test_a_hand_over_is_started_by_another_system_or_by_hand(tmp_path: Path) -> None:
    name = "hand-over-steps-started-by-an-event-of-another-system"
    text = "build: {script: [make]}\nship: {stage: deploy, when: manual, script: [make]}\n"
    live = Live(tmp_path, {".gitlab-ci.yml": text})
    assert live.fact(name, 90).lack is Lack.NO_SOURCE
    made = live.run()
    live.later(40)
    assert live.share(name, 90) == (1, 1)
    live.run(by=live.root)
    assert live.share(name, 90) == (1, 2)
    [ship] = [job for job in live.jobs(made.id) if job.name == "ship"]
    play_job(live.root, live.server, ship.id)
    live.go_on()
    assert live.share(name, 90) == (1, 3)
    live.close()
