"""Every page of the shelf in a real browser, in both languages, both themes and at both sizes: no fault."""

from __future__ import annotations

import pytest
from page_checks import FIRST_LOAD, faults
from page_examples import AT_FIRST, AT_THE_DOOR, EXAMPLES, FILES, furnish_every_kind, new_rows
from web_server import Bank, opened, serving

from plumbline.web import all_pages

pytestmark = pytest.mark.long

LANGUAGES = {"en": "en-GB", "zh-CN": "zh-CN"}
OTHERS = "/api/console"  # Swagger UI, unchanged: its page is ours, and what it draws is not
HEAVY = 3 << 20


@pytest.fixture(scope="module")
def estate(bank_folder, new_folder, tmp_path_factory):
    """Address of the page and language -> a page of the browser that is there, and what it complained of."""
    folder = tmp_path_factory.mktemp("estate")
    with opened(folder / "data", bank_folder) as server, opened(folder / "new", new_folder) as new:
        bank = Bank(server, folder / "data")
        rows = furnish_every_kind(bank) | new_rows(new)
        with serving(server) as url, serving(new) as new_url:
            yield Estate(bank, rows, url, new_url)


class Estate:
    def __init__(self, bank, rows, url, new_url):
        self.bank, self.rows, self.url, self.new_url = bank, rows, url, new_url

    def context(self, chromium, path, **more):
        """A browser's, of whoever sees that page."""
        url = self.new_url if path in AT_FIRST else self.url
        made = chromium.new_context(base_url=url, color_scheme="light", reduced_motion="reduce", **more)
        if path not in (*AT_FIRST, *AT_THE_DOOR):
            cookies = self.bank.browser("mei").cookies
            made.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
        return made

    def addresses(self, path):
        return [address.format(**self.rows) for address in EXAMPLES[path]]


def test_every_page_of_the_shelf_has_an_example():
    shown = {page.path for page in all_pages() if page.method == "GET"}
    assert shown == EXAMPLES.keys() | FILES.keys()


@pytest.mark.parametrize("path", EXAMPLES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_has_no_fault(chromium, estate, path, language):
    context, found, said = estate.context(chromium, path, locale=LANGUAGES[language]), [], []
    page = context.new_page()
    page.on("pageerror", lambda error: said.append(f"script: {error}"))
    page.on("console", lambda told: told.type == "error" and said.append(told.text))
    for address in estate.addresses(path):
        page.set_viewport_size({"width": 1280, "height": 800})
        answer = page.goto(address)
        assert answer.status == 200, address
        assert page.title().strip(" ·"), address
        if path != OTHERS:
            found += [f"{address} {language} {one}" for one in [*faults(page, language, most=FIRST_LOAD), *said]]
        said.clear()
    context.close()
    assert found == []


@pytest.mark.parametrize("path", [path for path in EXAMPLES if path != OTHERS])
def test_a_page_is_read_without_a_script(chromium, estate, path):
    context = estate.context(chromium, path, java_script_enabled=False)
    page = context.new_page()
    for address in estate.addresses(path):
        page.goto(address)
        assert page.locator("h1").first.inner_text().strip(), address
        assert len(page.locator("main").inner_text()) > 40, address
    context.close()
