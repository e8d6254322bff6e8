"""The tour of first steps: on the first page of whoever may add projects, until it is done or sent away."""

from __future__ import annotations

from web_server import add_person, browser_of


def test_the_first_steps_stand_on_the_first_page_until_they_are_sent_away(browser):
    home = browser.ask("GET", "/").text
    assert "First steps" in home
    assert "0 of 5 done" in home.replace("\u2068", "").replace("\u2069", "")
    answer = browser.post("/tree", kind="organisation", name="bank")
    answer = browser.post("/tree", kind="project", parent="1", name="core")
    home = browser.ask("GET", "/").text.replace("\u2068", "").replace("\u2069", "")
    assert "1 of 5 done" in home
    assert '<li class="tour-next">' in home
    assert '<a href="/projects/2/connection">' in home
    answer = browser.post("/tour", left="1")
    assert answer.headers["location"] == "/"
    assert "tour-title" not in browser.ask("GET", "/").text
    again = browser.ask("GET", "/tour").text
    assert "tour-title" in again
    assert 'href="/tour"' in browser.ask("GET", "/me").text  # where it is found
    assert browser.post("/tour", left="0").headers["location"] == "/tour"
    assert "tour-title" in browser.ask("GET", "/").text
    assert "tour-title" not in browser.ask("GET", "/?kiosk=1").text


def test_who_adds_nothing_is_not_shown_what_there_is_to_add(server, browser):
    browser.post("/tree", kind="organisation", name="bank")
    add_person(server, "omar", "viewer")
    omar = browser_of(server, "omar")
    assert "tour-title" not in omar.ask("GET", "/").text
    assert "tour-title" in omar.ask("GET", "/tour").text
