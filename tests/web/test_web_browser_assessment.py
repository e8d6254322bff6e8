"""A grade in a real browser, in both languages: assessed, opened, mended, compared, and on a map; on a telephone."""

from __future__ import annotations

import pytest
from test_web_assessment import plant, somebody
from web_server import serving

pytestmark = pytest.mark.slow

WORDS = {
    "en": {"lang": "en", "possible": "Possible, if all that is unknown held", "unknown": "unknown",
           "what if": "What if", "waits": "waits for a second person", "proofs": "What assessors ask to see",
           "map": "Heat map of Core"},
    "zh_CN": {"lang": "zh-CN", "possible": "未知内容全部成立时可能达到", "unknown": "未知", "what if": "假设分析",
              "waits": "等待第二人", "proofs": "评估员要求查看的内容", "map": "Core 的热力图"},
}  # fmt: skip


@pytest.mark.parametrize("language", list(WORDS))
def test_assess_open_what_is_unknown_state_it_imagine_steps_compare_and_look_at_the_map(chromium, new_server, language):
    words, server = WORDS[language], new_server
    plant(server)
    mei = somebody(server, "mei", "assessor", "maintainer")
    assert mei.post("/language", language=language).status_code == 303
    assert mei.post("/nodes/3/variables", name="MODE", value="fast").status_code == 303  # the ledger has an entry
    wrong = []
    with serving(server) as url:
        context = chromium.new_context(base_url=url, viewport={"width": 390, "height": 844})
        context.add_cookies([{"name": name, "value": value, "url": url} for name, value in mei.cookies.items()])
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("request", lambda asked: asked.url.startswith(url) or wrong.append(f"asked {asked.url}"))
        page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
        page.on("console", lambda said: said.type == "error" and wrong.append(said.text))

        def sound():
            """The page is in the language, has a title, and is no wider than the telephone."""
            assert page.locator("html").get_attribute("lang") == words["lang"]
            assert not page.title().startswith(" ·")
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, page.url

        page.goto("/assessments")
        sound()
        page.locator("a.strong[href^='/assessments?node=3']").click()
        page.locator(".choice button.primary").click()
        page.wait_for_url("**/assessments/*")
        first = page.url
        assert words["possible"] in page.locator(".figures.big").inner_text()
        page.locator(".radar .possible-area").wait_for()
        sound()

        page.locator("a[href$='/items/cd.1.1.1']").click()
        page.locator(".criterion.j-unknown").first.wait_for()
        assert words["unknown"] in page.locator(".criterion.j-unknown .state").first.inner_text()
        sound()
        page.locator("a[href*='/statements?topic=']").first.click()
        topic = page.locator("[name=topic]").input_value()
        page.fill("[name=text]", "Held since May.")
        page.fill("[name=address]", "https://wiki.bank.example/rules")
        page.locator("#new button.primary").click()
        page.locator(f"table code:text-is('{topic}')").wait_for()
        assert words["waits"] in page.locator("table.rows").inner_text()
        sound()

        page.goto(f"{first}/roadmap")
        assert words["what if"] in page.locator("h2").first.inner_text()
        page.fill("[name=done]", "3")
        page.locator("[name=done]").blur()
        page.locator("tr.done").nth(2).wait_for()  # in place, without another page
        assert page.url == f"{first}/roadmap"
        sound()
        page.goto(f"{first}/proofs")
        assert words["proofs"] in page.locator("h2").first.inner_text()
        page.select_option("[name=level]", "2")
        page.locator("form.fields button").click()
        page.wait_for_url("**/proofs?level=2")
        assert set(page.locator("tbody td:nth-child(2)").all_inner_texts()) == {"2"}
        sound()

        page.goto("/assessments?node=3")
        page.locator(".choice button.primary").click()
        page.wait_for_url(lambda now: "/assessments/" in now and now != first)
        page.locator("[name=before]").wait_for()
        page.locator("form[action$='/changes'] button").click()
        page.wait_for_url("**/changes?before=*")
        assert page.locator("section.panel").count() == 2
        sound()
        page.goto("/nodes/2/grades")
        assert words["map"] in page.locator("h1").inner_text()
        assert page.locator(".heat .cell").count() > 5
        sound()
        context.close()
    assert wrong == []
