"""Every kind of forge is told in the same way: one suite for all of them, against simulators."""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import TYPE_CHECKING

import pytest
from tests.adapters.forges.forge_servers import CHANGE, COMMIT, OURS, PROJECT, TOKEN, Answer, ForgeServer

from plumbline.adapters.forges import forges
from plumbline.adapters.forges.telling import tellers
from plumbline.adapters.forges.telling._judging import waiting_time
from plumbline.model.telling import GATES, Comment, CommitState, ForgePlace, Hindrance, NotToldError, Said, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.model.ports.telling import Teller

MARKER = "<!-- plumbline:gates:0123456789abcdef01234567 -->"
SOMEBODY = 5
STATES = {"gitlab": ("success", "pending", "failed", "failed")}


@pytest.fixture(params=sorted(tellers()))
def server(request: pytest.FixtureRequest) -> Iterator[ForgeServer]:
    made = ForgeServer(request.param)
    yield made
    made.close()


@pytest.fixture
def teller(server: ForgeServer) -> Teller:
    return tellers()[server.kind]


def place(server: ForgeServer, token: str = TOKEN, path: str = PROJECT) -> ForgePlace:
    return ForgePlace(server.url, path, token, inner=True)


def a_status(state: CommitState = CommitState.FAILURE, commit: str = COMMIT, text: str = "refused: 1 of 2") -> Status:
    return Status(commit=commit, context=GATES, url="https://plumb.bank.example/pipelines/3/gates",
                  said={"merge": Said(state=state, text=text)})  # fmt: skip


def a_comment(text: str = "refused", change: str = CHANGE) -> Comment:
    return Comment(change=change, marker=MARKER, commit=COMMIT,
                   said={"merge": Said(state=CommitState.FAILURE, text=text)})  # fmt: skip


def hindered(act: object, *args: object) -> NotToldError:
    with pytest.raises(NotToldError) as caught:
        act(*args)  # type: ignore[operator]
    assert TOKEN not in f"{caught.value} {caught.value.said} {caught.value.fields}"
    return caught.value


def test_each_is_a_kind_of_forge() -> None:
    assert set(tellers()) == set(forges()) - {"git"}


def test_a_state_is_told_in_the_words_of_the_forge(server: ForgeServer, teller: Teller) -> None:
    for state in CommitState:
        teller.status(place(server), a_status(state))
    words = STATES.get(server.kind, tuple(state.value for state in CommitState))
    assert tuple(server.states(GATES)) == words
    assert server.statuses[-1]["description"] == "refused: 1 of 2"
    assert server.statuses[-1]["target_url"].endswith("/pipelines/3/gates")


def test_the_same_state_twice_is_no_fault(server: ForgeServer, teller: Teller) -> None:
    teller.status(place(server), a_status(CommitState.PENDING))
    teller.status(place(server), a_status(CommitState.PENDING))
    assert set(server.states(GATES)) == {"pending"}


def test_a_long_line_is_cut_to_what_the_forge_takes(server: ForgeServer, teller: Teller) -> None:
    teller.status(place(server), a_status(text="不通过 " * 100))
    assert len(server.statuses[0]["description"]) == 140


def test_a_comment_is_written_once_and_then_edited(server: ForgeServer, teller: Teller) -> None:
    first = teller.comment(place(server), a_comment("one"), "")
    assert teller.comment(place(server), a_comment("two"), first) == first
    assert server.texts() == [f"{MARKER}\n\ntwo"]


def test_without_its_id_it_is_found_by_marker_and_author(server: ForgeServer, teller: Teller) -> None:
    first = teller.comment(place(server), a_comment("one"), "")
    assert teller.comment(place(server), a_comment("two"), "") == first
    assert server.texts() == [f"{MARKER}\n\ntwo"]


def test_a_copied_marker_makes_no_comment_ours(server: ForgeServer, teller: Teller) -> None:
    theirs = f"{MARKER}\n\nall gates pass"
    copied = server.says(SOMEBODY, theirs)
    server.says(OURS, f"> {MARKER} is how it begins")  # by our user, and not ours
    made = teller.comment(place(server), a_comment(), "")
    assert made != str(copied)
    assert server.texts(SOMEBODY) == [theirs]
    assert server.texts()[1:] == [f"{MARKER}\n\nrefused"]


def test_an_id_that_is_not_ours_edits_nothing(server: ForgeServer, teller: Teller) -> None:
    theirs = server.says(SOMEBODY, "mine")
    made = teller.comment(place(server), a_comment(), str(theirs))
    assert made != str(theirs)
    assert server.texts(SOMEBODY) == ["mine"]


def test_a_comment_that_was_removed_is_written_anew(server: ForgeServer, teller: Teller) -> None:
    first = teller.comment(place(server), a_comment("one"), "")
    server.comments[CHANGE].clear()
    second = teller.comment(place(server), a_comment("two"), first)
    assert second != first
    assert server.texts() == [f"{MARKER}\n\ntwo"]


def test_where_the_answer_is_lost_none_is_written_twice(server: ForgeServer, teller: Teller) -> None:
    server.loses = 1
    error = hindered(teller.comment, place(server), a_comment("one"), "")
    assert error.hindrance is Hindrance.AGAIN
    teller.comment(place(server), a_comment("two"), "")
    assert server.texts() == [f"{MARKER}\n\ntwo"]


def test_of_two_that_are_ours_the_older_is_edited(server: ForgeServer, teller: Teller) -> None:
    first = server.says(OURS, f"{MARKER}\n\none")
    server.says(OURS, f"{MARKER}\n\none")
    assert teller.comment(place(server), a_comment("two"), "") == str(first)
    assert len(server.texts()) == 2


@pytest.mark.parametrize("before", [0, 49, 50, 51, 149])
def test_it_is_found_behind_many_others(server: ForgeServer, teller: Teller, before: int) -> None:
    for number in range(before):
        server.says(SOMEBODY, f"comment {number}")
    first = teller.comment(place(server), a_comment("one"), "")
    assert teller.comment(place(server), a_comment("two"), "") == first
    assert len(server.texts()) == 1


def test_a_comment_of_nobody_is_not_ours(server: ForgeServer, teller: Teller) -> None:
    server.says(SOMEBODY, MARKER)
    server.comments[CHANGE][0]["user"] = server.comments[CHANGE][0]["author"] = None
    server.comments[CHANGE].append(server.comments[CHANGE].pop())
    made = teller.comment(place(server), a_comment(), "")
    assert server.comments[CHANGE][-1]["id"] == int(made)


@pytest.mark.parametrize(
    ("answer", "code", "hindrance", "after"),
    [
        (Answer(429, {}, {"Retry-After": "17"}), "forge-limits", Hindrance.LATER, 17),
        (Answer(429, {}), "forge-limits", Hindrance.LATER, 60),
        (Answer(429, {}, {"Retry-After": "soon"}), "forge-limits", Hindrance.LATER, 60),
        (Answer(429, {}, {"Retry-After": "9" * 30}), "forge-limits", Hindrance.LATER, 86_400),
        (Answer(403, {}, {"Retry-After": "5"}), "forge-limits", Hindrance.LATER, 5),
        (Answer(403, {}, {"X-RateLimit-Remaining": "0"}), "forge-limits", Hindrance.LATER, 60),
        (Answer(500, {}), "forge-busy", Hindrance.AGAIN, 0),
        (Answer(502, b"<html>no json</html>"), "forge-busy", Hindrance.AGAIN, 0),
        (Answer(503, {}, {"Retry-After": "30"}), "forge-busy", Hindrance.AGAIN, 30),
        (Answer(409, {}), "forge-busy", Hindrance.AGAIN, 0),
        (Answer(401, {"message": f"bad token {TOKEN}"}), "forge-token-refused", Hindrance.PROJECT, 0),
        (Answer(403, {"message": "insufficient_scope"}), "forge-token-refused", Hindrance.PROJECT, 0),
        (Answer(404, {}), "forge-not-found", Hindrance.ROW, 0),
        (Answer(301, {}, {"Location": "https://elsewhere.example/"}), "forge-moved", Hindrance.ROW, 0),
        (Answer(422, {"message": "\x1b[31mno\u202e"}), "forge-refused", Hindrance.ROW, 0),
    ],
)
def test_what_an_answer_means(  # noqa: PLR0913, PLR0917 - what is given and what it means
    server: ForgeServer, teller: Teller, answer: Answer, code: str, hindrance: Hindrance, after: float
) -> None:
    server.next_answers = [answer]
    error = hindered(teller.status, place(server), a_status())
    assert (error.code, error.hindrance, error.after) == (code, hindrance, after)
    assert error.said.isprintable()
    assert len(server.asked) == 1


def test_a_date_to_wait_for() -> None:
    now = time.time()
    assert waiting_time({"retry-after": formatdate(now + 90, usegmt=True)}, now) == pytest.approx(90, abs=1)
    assert waiting_time({"retry-after": formatdate(now - 90, usegmt=True)}, now) == 0
    assert waiting_time({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(now) + 40)}, now) == pytest.approx(
        40, abs=1
    )


def test_a_revoked_token_is_told_as_one(server: ForgeServer, teller: Teller) -> None:
    server.tokens.clear()
    assert hindered(teller.status, place(server), a_status()).hindrance is Hindrance.PROJECT
    assert hindered(teller.comment, place(server), a_comment(), "").hindrance is Hindrance.PROJECT
    assert hindered(teller.comment, place(server), a_comment(), "101").hindrance is Hindrance.PROJECT


def test_no_redirect_takes_the_token_elsewhere(server: ForgeServer, teller: Teller) -> None:
    other = ForgeServer(server.kind)
    server.next_answers = [lambda asked: Answer(307, {}, {"Location": other.url + asked.path})]
    assert hindered(teller.status, place(server), a_status()).code == "forge-moved"
    assert other.asked == []
    other.close()


def test_what_is_not_there(server: ForgeServer, teller: Teller) -> None:
    assert hindered(teller.status, place(server, path="bank/other"), a_status()).hindrance is Hindrance.ROW
    assert hindered(teller.status, place(server), a_status(commit="d" * 40)).hindrance is Hindrance.ROW
    assert hindered(teller.comment, place(server), a_comment(change="8"), "").hindrance is Hindrance.ROW


@pytest.mark.parametrize("body", [b"{", b"[1]", b'{"id": "41"}', b'{"id": true}', b"null"])
def test_an_answer_that_cannot_be_read_writes_nothing(server: ForgeServer, teller: Teller, body: bytes) -> None:
    server.next_answers = [Answer(200, body), Answer(200, body)]
    assert hindered(teller.comment, place(server), a_comment(), "").code == "forge-unreadable"
    assert server.texts() == []


def test_a_token_that_may_not_ask_who_it_is_writes_no_comment(server: ForgeServer, teller: Teller) -> None:
    """Else it could not be found again, and there would be two."""

    def no(_: object) -> Answer:
        return Answer(403, {"message": "Resource not accessible by integration"})

    server.next_answers = [no, no]
    assert hindered(teller.comment, place(server), a_comment(), "").code in ("forge-nobody", "forge-token-refused")
    assert server.texts() == []


def test_this_machine_is_asked_only_where_it_is_named(server: ForgeServer, teller: Teller) -> None:
    error = hindered(teller.status, ForgePlace(server.url, PROJECT, TOKEN, inner=False), a_status())
    assert error.code == "forge-refused-host"
    assert server.asked == []


def test_nobody_listens(server: ForgeServer, teller: Teller) -> None:
    server.close()
    error = hindered(teller.status, place(server), a_status())
    assert (error.code, error.hindrance) == ("forge-unreachable", Hindrance.AGAIN)


def test_a_path_is_one_path(server: ForgeServer, teller: Teller) -> None:
    hindered(teller.status, place(server, path="bank/../../user?x=#"), a_status())
    assert "/../" not in server.asked[-1].path or server.kind != "gitlab"
    assert "?" not in server.asked[-1].path
