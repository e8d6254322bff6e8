"""What is different for API tokens: they end by being revoked, which each may do to itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from table_actors import ALL_ROLES, Actor
from table_call import INSTALLATION, TOKEN, Call
from table_expected import Answer

from plumbline.access import use_cases

if TYPE_CHECKING:
    from table_walk import Walker

NARROW = Actor(ALL_ROLES, ALL_ROLES, scopes=("assessment.run", "job.retry"), by=TOKEN)  # which no door takes


def test_a_token_does_not_sign_out(walker: Walker) -> None:
    [(found, response)] = walker.ask("DELETE /api/v1/session", [(Call(use_cases.SIGN_OUT, INSTALLATION), NARROW)])
    assert found is Answer.UNKNOWN, f"sign-out: {response.status}"


def test_a_token_revokes_itself_and_no_other(walker: Walker) -> None:
    own = walker.world.token(NARROW).split("_")[1]
    other = walker.world.token(Actor(ALL_ROLES, ALL_ROLES)).split("_")[1]
    calls = [Call(use_cases.REVOKE_OWN_TOKEN, numbers={"token": token}) for token in (other, own)]
    answers = walker.ask("DELETE /api/v1/me/tokens/{token}", [(call, NARROW) for call in calls])
    assert [found for found, _ in answers] == [Answer.FORBIDDEN, Answer.ALLOWED], "revoke-own-token"
