"""Who may see what, and who holds which rights, by what the server tells when people are given roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.facts.live import Live

from plumbline.flow.people.people import change_person
from plumbline.model.fact import UNDECIDED, Lack
from plumbline.model.person import Role

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.slow
SEE = ("team-members-with-read-access-to-delivery-state", "team-members-with-report-access",
       "members-of-all-teams-on-the-value-stream-with-report-access")  # fmt: skip
PIPELINES = "pipelines-whose-trigger-settings-are-readable-by-the-team"
GOVERNED = "repositories-governed-by-role-grants-no-shared-account"


@pytest.mark.parametrize("name", SEE)
def test_members_of_a_team_see_what_their_roles_show(live: Live, name: str) -> None:
    live.write("ann", "bob")
    assert live.fact(name).lack is Lack.NO_SOURCE  # nobody was ever given a role
    live.hire("ann", Role.DEVELOPER, address="ann@bank.example")
    assert live.fact(name).excluded == {UNDECIDED: 1}
    live.hire("bob", address="bob@bank.example")
    assert live.share(name) == (1, 2)
    live.grant("bob", Role.VIEWER, live.bank.id)
    assert live.share(name) == (2, 2)
    live.revoke("bob", Role.VIEWER, live.bank.id)
    assert live.share(name) == (1, 2)
    live.later(100)
    assert live.fact(name).lack is Lack.TOO_FEW  # nobody wrote anything lately


def test_a_pipeline_is_readable_by_the_team_where_each_of_them_may_see_it(live: Live) -> None:
    live.write("ann", "bob")
    live.hire("ann", Role.DEVELOPER, address="ann@bank.example")
    assert live.fact(PIPELINES).lack is Lack.NO_SOURCE
    live.run()
    assert live.fact(PIPELINES).lack is Lack.UNDECIDED  # whose address bob's is nobody said
    live.hire("bob", address="bob@bank.example")
    assert live.share(PIPELINES) == (0, 1)
    live.grant("bob", Role.VIEWER)
    assert live.share(PIPELINES) == (1, 1)


def test_metrics_are_readable_by_other_teams_where_each_of_those_may_see_them(live: Live) -> None:
    name = "teams-whose-metrics-are-readable-by-other-teams"
    live.write("ann")
    live.hire("ann", Role.VIEWER, address="ann@bank.example")
    assert live.fact(name, path="bank").lack is Lack.TOO_FEW
    live.add("apps", "")
    live.write("bob", path="bank/apps")
    live.hire("bob", Role.VIEWER, address="bob@bank.example", node=live.bank.id)
    assert live.share(name, path="bank") == (1, 2)
    live.grant("ann", Role.VIEWER, live.bank.id)
    assert live.share(name, path="bank") == (2, 2)


def test_a_repository_is_governed_by_roles_where_every_account_is_one_persons(live: Live) -> None:
    live.hire("ann", Role.DEVELOPER, login="ann")
    assert live.fact(GOVERNED).lack is Lack.NO_SOURCE  # no forge told who does anything
    live.request("open", 1, "ann")
    assert live.share(GOVERNED) == (1, 1)
    live.request("merge", 1, "team")
    assert live.fact(GOVERNED).lack is Lack.UNDECIDED  # an account that is nobody's
    live.hire("bob", login="team")
    assert live.share(GOVERNED) == (0, 1)  # somebody acts there who holds no role
    live.grant("bob", Role.DEVELOPER)
    assert live.share(GOVERNED) == (1, 1)


def test_who_is_switched_off_holds_no_rights_until_switched_on_again(live: Live) -> None:
    name = SEE[0]
    live.write("ann", "bob")
    for person in ("ann", "bob"):
        live.hire(person, Role.DEVELOPER, address=f"{person}@bank.example")
    assert live.share(name) == (2, 2)
    change_person(live.root, live.people, live.number("bob"), active=False)
    assert live.share(name) == (1, 2)
    change_person(live.root, live.people, live.number("bob"), title="Bob")
    assert live.share(name) == (1, 2)
    change_person(live.root, live.people, live.number("bob"), active=True)
    assert live.share(name) == (2, 2)


@pytest.mark.parametrize("text", ["The keepers are ann and dora.", "构建系统由ann和dora负责。"])
@pytest.mark.parametrize(
    ("name", "topic", "role"),
    [
        ("administration-rights-held-only-by-named-keepers", "statement-keepers-of-the-build-system", Role.OPERATOR),
        (
            "holders-of-administration-rights-who-are-named-keepers",
            "statement-duty-description-of-the-system-s-keepers",
            Role.MAINTAINER,
        ),
    ],
)
def test_keepers_are_who_an_accepted_statement_names(live: Live, name: str, topic: str, role: Role, text: str) -> None:
    live.hire("ann", role)
    assert live.fact(name).lack is Lack.NO_SOURCE
    filed = live.state(topic, text)
    assert live.fact(name).lack is Lack.NO_SOURCE  # nobody accepted it yet
    live.accept(filed)
    assert live.share(name) == (1, 1)
    live.hire("an", role)  # a part of a name is none
    assert live.share(name) == (1, 2)
    live.later(400)
    assert live.fact(name).lack is Lack.STALE
