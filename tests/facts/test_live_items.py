"""What registered tools tell of backups, withdrawn items, keepers' reviews, sets of rules and improvements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.facts.events import digest
from tests.facts.live import Live, publish, scan

from plumbline.model.fact import Lack
from plumbline.model.person import Role

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.slow


@pytest.fixture
def live(live: Live) -> Live:
    return live.watched()


def test_a_backup_is_as_old_as_the_newest_that_succeeded(live: Live) -> None:
    name = "age-of-the-last-successful-backup"
    assert live.fact(name).lack is Lack.NO_SOURCE
    live.told("backup.finished", "backup", {"outcome": "failure"})
    assert live.fact(name).lack is Lack.TOO_FEW
    live.told("backup.finished", "backup", {"outcome": "success"})
    live.later(2)
    live.told("backup.finished", "backup", {"outcome": "failure"})
    assert live.fact(name).value == pytest.approx(2 * 86_400, abs=60)


REVERTS, CLEAN = (
    "reverts-started-from-the-work-item-and-made-by-a-service",
    "time-from-withdrawal-to-a-clean-package-median",
)


def test_code_of_a_withdrawn_item_is_taken_back_by_a_service_and_packed_anew(live: Live) -> None:
    first = live.write("ann", message="PAY-1: pay")
    assert live.fact(REVERTS, 180).lack is Lack.NO_SOURCE
    live.told("ticket.closed.0.2.0", "PAY-1", {"uri": "https://t.example/1", "resolution": "withdrawn"})
    publish(live, "pkg:generic/core@1", "one")
    live.later(1)
    assert live.fact(REVERTS, 180).lack is Lack.TOO_FEW  # nothing was taken back
    assert live.fact(CLEAN, 180).values == (pytest.approx(86_400, abs=60),)  # so far
    by_hand = live.write("ann", message=f"Revert\n\nThis reverts commit {first}.")
    assert live.share(REVERTS, 180) == (0, 1)
    live.told("artifact.published.0.3.0", "pkg:generic/core@2", {}, {"digest": digest("two"), "commit": by_hand})
    live.later(9)
    assert live.fact(CLEAN, 180).values == (pytest.approx(86_400, abs=60),)
    second = live.write("ann", message="PAY-2: pay")
    live.told("ticket.closed.0.2.0", "PAY-2", {"uri": "https://t.example/2", "resolution": "withdrawn"})
    live.write("jenkins", message=f"PAY-2: revert\n\nThis reverts commit {second}.")
    assert live.share(REVERTS, 180) == (1, 2)


def test_changes_to_build_scripts_are_approved_by_a_keeper_that_a_statement_names(live: Live) -> None:
    name, topic = "changes-to-shared-modules-approved-by-a-named-keeper", "statement-keepers-of-the-build-scripts"
    for person in ("ann", "bob"):
        live.hire(person, Role.DEVELOPER, address=f"{person}@bank.example", login=person)
    live.observe()
    live.approve(1, "bob", "a" * 40)
    live.later(40)
    live.approve(2, "bob", live.merge("b1", {".gitlab-ci.yml": "build: {script: [make all]}\n"}, number=2))
    live.approve(3, "bob", live.merge("b2", {"code.py": "pass\n"}, number=3))
    live.observe()
    assert live.fact(name, 90).lack is Lack.NO_SOURCE
    live.accept(live.state(topic, "Kept by dora and bob."))
    assert live.share(name, 90) == (1, 1)
    live.merge("b3", {".gitlab-ci.yml": "build: {script: [make most]}\n"}, number=4)
    live.observe()
    assert live.share(name, 90) == (1, 2)


def test_sets_of_rules_are_renewed_when_another_one_is_used(live: Live) -> None:
    name = "age-of-the-last-recorded-rule-set-review"
    assert live.fact(name).lack is Lack.NO_SOURCE
    scan(live, "bank/core", rules=digest("1"))
    live.later(1)
    scan(live, "bank/core", rules=digest("1"))
    assert live.fact(name).lack is Lack.TOO_FEW
    scan(live, "bank/core", rules=digest("2"))
    live.later(200)
    scan(live, "bank/core", rules=digest("2"))
    assert live.fact(name).value == pytest.approx(200 * 86_400, abs=60)
    scan(live, "bank/core", rules=digest("1"))  # what was in use before is no new one
    scan(live, "bank/core", rules=digest("other"), tool="another")
    assert live.fact(name).value == pytest.approx(200 * 86_400, abs=60)


def test_improvements_are_closed_in_months(live: Live) -> None:
    name = "improvement-rounds-with-closed-items"

    def close(item: str, resolution: str = "done", **more: Any) -> None:
        said = {"uri": "https://t.example/1", "resolution": resolution, **more}
        live.told("ticket.closed.0.2.0", item, said)

    assert live.fact(name, 365).lack is Lack.NO_SOURCE
    close("PAY-1")
    assert live.fact(name, 365).lack is Lack.TOO_FEW
    close("PAY-2", ticketType="Bug")
    assert live.fact(name, 365).value == 0
    live.told("ticket.created.0.2.0", "PAY-3", {"summary": "s", "creator": "ann", "uri": "https://t.example/3",
                                                "ticketType": "Improvement"})  # fmt: skip
    close("PAY-3")
    close("PAY-4", labels=["improvement"])
    close("PAY-5", "withdrawn", labels=["improvement"])
    assert live.fact(name, 365).value == 1
    live.later(32)
    close("PAY-6", labels=["改进"])
    assert live.fact(name, 365).value == 2
