"""A small bank on a real server, and browsers of the people in it."""

from __future__ import annotations

import re

from test_web_pages import Browser

from plumbline.flow.people.invitations import set_up_link
from plumbline.web import server_desk

PASSWORD = "quiet harbour morning"


def first_person(server):
    """Who signed up with the link that a new server prints."""
    made = Browser(server_desk(server.tools, "https://plumb.bank.example"))
    link = set_up_link(server.tools)
    assert link in made.ask("GET", f"/setup?key={link}").text
    _enter(made, "/setup", link=link, name="ada", title="Ada")
    return made


def administrator(server):
    """The same, who has made an organisation (1) and a project (2) below it."""
    made = first_person(server)
    made.post("/tree", kind="organisation", name="bank", title="Harbour Bank")
    made.post("/tree", kind="project", parent="1", name="core", url="https://gitlab.bank.example/pay/core.git")
    return made


def invited(server, by, name, role, node=1):
    """Somebody who has a role at a node."""
    page = by.post("/people", name=name, title=name.title()).text
    key = re.search(r"/welcome\?name=\w+&amp;key=([\w-]+)", page)[1]
    made = Browser(server_desk(server.tools))
    _enter(made, "/welcome", link=key, name=name)
    with server.tools.store.view() as tx:
        person = tx.people.named(name).id
    by.post(f"/people/{person}/grant", role=role, node=str(node))
    return made


def _enter(browser, page, **fields):
    answer = browser.ask("POST", page, data={"password": PASSWORD, **fields})
    assert answer.status_code == 303, answer.text
    browser.cookies = {"plumbline_session": answer.cookies["plumbline_session"]}
