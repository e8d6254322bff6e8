"""What is too long or too large is said with what was typed, before it is sent where scripts run."""

from __future__ import annotations

import re

import pytest
from web_server import Browser

from plumbline.flow.tree.repository_credentials import LONGEST_KEY
from plumbline.flow.tree.variables import LONGEST_VALUE
from plumbline.model.tree import INSTANCE
from plumbline.web.limits import LARGEST_AT_THE_DOOR, LARGEST_FORM

VARIABLES = "/installation/variables"


def test_the_longest_value_goes_through_in_every_script_and_one_letter_more_is_kept(browser):
    for letter in ("中", "\n", "𠮷"):
        value = letter * (LONGEST_VALUE - 8) + "s3cret-x"
        assert browser.post(VARIABLES, name="LONG", value=value, masked="1").status_code == 303, letter
    answer = browser.post(VARIABLES, name="LONG", value="中" * (LONGEST_VALUE + 1))
    assert answer.status_code == 422
    assert "中" * (LONGEST_VALUE + 1) in answer.text


def test_the_longest_key_goes_through(browser):
    given = {"scheme": "ssh", "host": "git.bank.example", "known_hosts": "# 中\n" + "#" * (LONGEST_KEY - 4)}
    answer = browser.post("/installation/repository-credentials", secret="\n" * LONGEST_KEY, **given)
    assert answer.status_code == 422
    assert "This is not a private key." in answer.text


def test_a_form_that_is_too_large_is_shown_once_more_with_what_was_typed(browser):
    answer = browser.post(VARIABLES, name="BIG", scope="prod", value="x" * LARGEST_FORM)
    assert answer.status_code == 413
    assert "This form is too large" in answer.text
    assert "what you typed is still there" in answer.text
    assert 'value="BIG"' in answer.text
    assert "x" * LARGEST_FORM in answer.text
    assert "BIG" not in browser.ask("GET", "/installation").text


@pytest.mark.parametrize("most", [LARGEST_FORM, 2 * LARGEST_FORM])
def test_what_is_too_large_needs_the_token_of_its_session_too(browser, most):
    answer = browser.post(VARIABLES, csrf="0" * 64, name="BIG", value="x" * most)
    assert answer.status_code == (403 if most == LARGEST_FORM else 413)
    assert ("x" * 100 in answer.text) == (most == LARGEST_FORM)  # kept for whoever sent it from a page of ours
    assert "BIG" not in browser.ask("GET", "/installation").text


def test_what_is_far_too_large_and_what_has_no_page_are_told_alone(browser):
    for path, size in ((VARIABLES, 2 * LARGEST_FORM), ("/people/1/active", LARGEST_FORM)):
        answer = browser.post(path, name="x" * size)
        assert answer.status_code == 413
        assert "This form is too large" in answer.text
        assert "x" * 100 not in answer.text


def test_less_is_taken_at_the_door(server):
    answer = Browser(server).ask("POST", "/sign-in", data={"name": "x" * LARGEST_AT_THE_DOOR, "password": "y"})
    assert answer.status_code == 413
    assert answer.headers.get("set-cookie") is None


def test_pages_say_the_limits_of_the_server(browser):
    page = browser.ask("GET", "/installation").text
    assert f'data-largest="{LARGEST_FORM}"' in page
    assert re.search(rf'<textarea name="value"[^>]* data-longest="{LONGEST_VALUE}"', page)
    for name in ("secret", "known_hosts"):
        assert re.search(rf'<textarea name="{name}"[^>]* data-longest="{LONGEST_KEY}"', page)
    browser.cookies = {}
    assert f'data-largest="{LARGEST_AT_THE_DOOR}"' in browser.ask("GET", "/sign-in").text


@pytest.mark.parametrize(("field", "value"), [("title", "x" * 256), ("email", "a\tb"), ("title", "a\nb")])
def test_names_are_one_line(browser, field, value):
    answer = browser.post("/people", **{"name": "omar", field: value})
    assert answer.status_code == 422
    assert "is longer than 255 characters, or has signs that no line has." in answer.text
    assert 'name="name" value="omar"' in answer.text


def people(bank):
    with bank.store.view() as tx:
        return tx.people.count()


@pytest.mark.slow
class TestInABrowser:
    def test_what_is_too_long_is_said_beside_the_button_and_not_sent(self, visit, bank):
        page = visit()
        page.goto("/nodes/1/settings")
        form = page.locator("form[action='/nodes/1/variables']")
        form.locator("[name=name]").fill("CERTIFICATE")
        form.locator("textarea").fill("x" * (LONGEST_VALUE + 1))
        form.locator("button").click()
        note = form.locator("[role=alert]")
        assert note.inner_text() == (
            f"Nothing was sent: 'Value' has {LONGEST_VALUE + 1} characters, and at most {LONGEST_VALUE} are taken."
        )
        assert page.evaluate("document.activeElement.name") == "value"
        form.locator("textarea").fill("𠮷" * LONGEST_VALUE)  # as many letters as the server counts
        form.locator("button").click()
        page.wait_for_url("**/nodes/1/settings#variables")
        with bank.store.view() as tx:
            assert [one.name for one in tx.variables.at([1])] == ["CERTIFICATE"]

    def test_a_form_that_is_too_large_is_not_sent(self, visit, bank):
        page = visit("zh-CN")
        page.goto("/people")
        page.fill("main form[action='/people'][method=post] [name=name]", "omar-2")
        page.locator("main [name=title]").evaluate("(field, most) => { field.value = 'x'.repeat(most); }", LARGEST_FORM)
        page.click("main form[action='/people'][method=post] button")
        assert "未发送" in page.locator("main form [role=alert]").inner_text()
        assert page.url.endswith("/people")
        assert people(bank) == 2
        page.locator("main [name=title]").fill("Omar")
        page.click("main form[action='/people'][method=post] button")
        page.locator(".secret").wait_for()
        assert people(bank) == 3

    def test_going_back_keeps_what_was_typed_but_secrets(self, visit, bank):
        page = visit()
        page.goto("/nodes/1/settings")
        form = page.locator("form[action='/nodes/1/repository-credentials']")
        for name, value in (("host", "git.bank.example"), ("username", "deploy"), ("secret", "s3cret")):
            form.locator(f"[name={name}]").fill(value)
        with bank.store.change() as tx:
            [grant] = tx.grants.of(1)
            tx.grants.remove(1, INSTANCE, grant.role)
        form.locator("button").click()
        page.locator(".refusal").wait_for()
        with bank.store.change() as tx:
            tx.grants.add(grant)
        page.go_back()
        form.wait_for()
        kept = [form.locator(f"[name={name}]").input_value() for name in ("host", "username", "secret")]
        assert kept == ["git.bank.example", "deploy", ""]
