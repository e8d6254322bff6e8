"""People and their roles on pages, over a real server: refused as the API refuses it."""

from __future__ import annotations

import msgspec
import pytest


@pytest.mark.parametrize(
    ("form", "code", "why"),
    [
        ("/people/1/grant", "role-to-oneself", "Nobody grants a role to themselves."),
        ("/people/1/invitation", "link-to-oneself", "Nobody makes a link for themselves."),
    ],
)
def test_what_one_may_not_do_to_oneself_is_said_on_the_form_and_to_the_ledger(browser, server, form, code, why):
    answer = browser.post(form, role="viewer", node="0")
    assert answer.status_code == 403
    assert why in answer.text
    told = [msgspec.json.decode(one.body) for one in server.tools.ledger.ledger.read() if "access.refused" in one.type]
    [refusal] = [one["subject"]["content"] for one in told]
    assert (refusal["person"], refusal["permission"], refusal["reason"]) == ("ada", "page people", code)


def test_of_nobody_there_is_no_page(browser):
    assert "There is no person 7." in browser.ask("GET", "/people/7").text
    assert browser.post("/people/7/active", active="0").status_code == 404
