"""What a history shows, as it stands on a terminal."""

from __future__ import annotations

import pytest
from tests.observation.histories import commit, history

from plumbline.cli.display.history import figure_lines, figures_plain, sparkline
from plumbline.cli.display.table import cells
from plumbline.cli.display.words import Paint
from plumbline.kernel.text import in_language
from plumbline.observation import history_figures, observe_history

END = 1_700_000_000
DAY = 86_400


@pytest.fixture(scope="module")
def figures():
    commits = [commit("c0", at=END - 364 * DAY, paths="a.py")]
    for number in range(1, 3000):
        at = END - 364 * DAY + number * 10_000
        commits.append(commit(f"c{number}", f"c{number - 1}", at, "feat: x (#1)", "a.py", author=f"A{number % 7}"))
    raw = history(*commits, head="c2999", tags=" ".join(f"v1.{n}=c{n}@{END - n * 9}" for n in range(1, 40)))
    return history_figures(observe_history(raw), END, set())


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("width", [80, 100, 0])
def test_every_line_fits(figures, language, width):
    with in_language(language):
        lines = list(figure_lines(figures, END, "group/name", Paint(False), width))
    assert len(lines) > len(figures)
    assert width == 0 or max(map(cells, lines)) <= width
    assert not any("…" in line or "\x1b" in line for line in lines)


def test_what_a_line_says(figures):
    lines = {line[:28].strip(): line for line in figure_lines(figures, END, "group/name", Paint(False), 100)}
    assert "no published band" in lines["commits"]
    assert " 3,000 " in lines["commits"]
    assert " no data " in lines["life of a branch, median"]
    assert " under half say so [3]" in lines["commits naming a reviewer"]
    assert "https://dora.dev/quickcheck/" in {line.strip() for line in lines.values()}


def test_for_programs(figures):
    told = figures_plain(figures, END)
    assert (told["begin"], told["end"]) == ("2022-11-14T22:13:20Z", "2023-11-14T22:13:20Z")
    by_key = {one["key"]: one for one in told["figures"]}
    assert len(by_key) == len(figures) == 28
    assert by_key["commits"]["band"] is None
    assert by_key["branch-life-90"]["value"] is None
    assert by_key["releases"]["band"]["key"] == "below-weekly"
    assert (by_key["releases"]["unit"], by_key["releases"]["sample"], len(by_key["releases"]["months"])) == (
        "1/month",
        39,
        12,
    )


def test_bars():
    assert sparkline([None, 0, 1, 4, 8]) == "·▁▂▅█"
    assert sparkline([0, 0]) == "▁▁"
    assert sparkline([None, None]) == "··"
