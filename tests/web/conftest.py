"""Servers in temporary folders, each a copy of one that was set up before; and a browser where there is one."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from web_server import URL, Bank, Browser, first_person, furnish, opened, serving

from plumbline.adapters.store import now

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
)


@pytest.fixture(scope="session")
def new_folder(tmp_path_factory):
    """Of a server on which nobody signed up yet."""
    folder = tmp_path_factory.mktemp("new") / "data"
    with opened(folder):
        return folder


@pytest.fixture(scope="session")
def first_folder(new_folder, tmp_path_factory):
    """Of a server with its first person, and the cookies of theirs."""
    folder = tmp_path_factory.mktemp("first") / "data"
    with opened(folder, new_folder, URL) as server:
        return folder, first_person(server).cookies


@pytest.fixture(scope="session")
def bank_folder(new_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bank") / "data"
    with opened(folder, new_folder) as server:
        furnish(Bank(server, folder))
        return folder


@pytest.fixture
def new_server(new_folder, tmp_path):
    with opened(tmp_path / "data", new_folder) as server:
        yield server


@pytest.fixture
def server(first_folder, tmp_path):
    with opened(tmp_path / "data", first_folder[0], URL) as server:
        yield server


@pytest.fixture
def browser(server, first_folder):
    """Of the first person of an installation that is empty else."""
    return Browser(server, **first_folder[1])


@pytest.fixture
def clock():
    """That the bank goes by."""
    return now


@pytest.fixture
def bank(bank_folder, tmp_path, clock):
    """Harbour Bank."""
    with opened(tmp_path / "data", bank_folder, clock=clock) as server:
        yield Bank(server, tmp_path / "data")


@pytest.fixture(scope="module")
def chromium():
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine: `make browser` installs one")
    api = pytest.importorskip("playwright.sync_api", reason="Playwright for Python is not installed")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, bank):
    """``visit(language)`` is a page of mei's browser; what it asked elsewhere or complained of fails."""
    contexts, wrong = [], []
    with serving(bank.server) as url:

        def opened(language="en-GB", *, signed_in=True, at="/"):
            context = chromium.new_context(base_url=url, locale=language, viewport={"width": 1280, "height": 800})
            contexts.append(context)
            page = context.new_page()
            page.set_default_timeout(60_000)
            page.on("request", lambda asked: asked.url.startswith(url) or wrong.append(f"asked {asked.url}"))
            page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
            page.on("console", lambda said: "Security Policy" in said.text and wrong.append(said.text))
            if signed_in:
                cookies = bank.browser("mei").cookies
                context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
            if at:
                page.goto(at)
            return page

        yield opened
        for context in contexts:
            context.close()
    assert wrong == []
