"""A session that ends while somebody writes, and addresses that lead into a page, in a real browser."""

from __future__ import annotations

import pytest
from web_server import PASSWORD

from plumbline.flow.pipelines.receive_webhook import receive_change
from plumbline.model.server import Webhook, WebhookKind

pytestmark = pytest.mark.slow


def end_sessions(bank, name="mei"):
    with bank.store.change() as tx:
        tx.sessions.remove_all(tx.people.named(name).id)


def sign_in(page, name="mei"):
    page.fill("[name=name]", name)
    page.fill("[name=password]", PASSWORD)
    page.click(".doorway button.primary")


@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
def test_an_address_into_a_page_survives_signing_in(visit, language):
    page = visit(language, signed_in=False, at="/tree?below=2#node-3")
    assert page.url.endswith("#node-3")
    sign_in(page)
    page.wait_for_url("**/tree?below=2#node-3")


def test_what_was_typed_outlives_the_session_that_ended_meanwhile(visit, bank):
    page = visit(at="/tree?below=2")
    page.select_option("[name=kind]", "system")
    page.select_option("[name=parent]", "1")
    page.fill("main [name=name]", "clearing")
    page.fill("main [name=title]", "清算系统 – a title that took long to find")
    end_sessions(bank)
    page.click("main form.stack button.primary")
    assert "Your session has ended" in page.locator("[role=alert]").inner_text()
    sign_in(page)
    page.wait_for_url("**/tree**")
    page.click("[data-put-back]")
    assert page.input_value("main [name=title]") == "清算系统 – a title that took long to find"
    assert page.input_value("main [name=kind]") == "system"
    page.click("main form.stack button.primary")
    page.locator(".notice.good").wait_for()
    assert page.locator("text=清算系统").count()
    page.goto("/tree")
    assert page.locator("main [data-put-back]").count() == 0
    assert page.evaluate("sessionStorage.length") == 0


def test_no_secret_is_kept_and_nobody_else_is_offered_what_was_typed(visit, bank):
    bank.person("li", "admin")
    page = visit(at="/projects/3/settings")
    page.fill("form[action='/nodes/3/variables'] [name=name]", "DEPLOY_TOKEN")
    page.fill("form[action='/nodes/3/variables'] [name=value]", "s3cret-value")
    end_sessions(bank)
    page.locator("form[action='/nodes/3/variables'] button").last.click()
    page.locator("[role=alert]").wait_for()
    kept = page.evaluate("JSON.stringify(Object.entries(sessionStorage))")
    assert "DEPLOY_TOKEN" in kept
    assert "s3cret" not in kept
    assert PASSWORD not in kept
    sign_in(page, "li")
    page.wait_for_url("**/projects/3/settings")
    assert page.locator("main [data-put-back]").count() == 0
    assert page.evaluate("sessionStorage.length") == 0


def test_the_light_of_a_connection_turns_green_by_itself(visit, bank):
    page = visit(at="/projects/3/connection")
    assert page.locator(".light-waits").count() == 1
    with bank.store.view() as tx:
        binding = tx.bindings.get(3)
    told = Webhook(forge="gitlab", delivery="1", kind=WebhookKind.PUSH, ref="main", before="", after="a" * 40)
    receive_change(bank.server.tools.pipelines, binding, told)
    page.locator(".light-on").wait_for()
    assert page.locator(".light-on code.ref").inner_text() == "main"
