"""Columns that stay in line whatever is in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.cli.display.table import cells, cut, marked, pad, table


@pytest.mark.parametrize(
    ("text", "width"),
    [("abc", 3), ("流水线", 6), ("作业 1/3", 8), ("é", 1), ("e\u0301", 1), ("✓", 1), ("", 0), ("\u200b", 0)],
)
def test_cells(text, width):
    assert cells(text) == width


@given(st.text(alphabet="ab流水线é✓ ", max_size=20), st.integers(1, 25))
def test_cut_and_padded_text_has_exactly_its_width(text, width):
    assert cells(cut(text, width)) <= width
    assert cells(pad(cut(text, width), width)) == width


def test_columns_line_up_with_chinese_names():
    lines = table(
        ("阶段", "作业", "用时"), [("build", "编译", "1.0s"), ("测试", "unit", "12.0s")], right=frozenset({2})
    )
    assert lines == [
        "阶段   作业   用时",
        "build  编译   1.0s",
        "测试   unit  12.0s",
    ]


def test_long_cells_are_cut_except_in_the_last_column():
    assert table(("a", "b"), [("x" * 9, "y" * 9)], limit=5)[1] == "xxxx…  yyyyyyyyy"


def test_signs_that_turn_a_line_are_shown_as_their_code_points():
    assert table(("a", "b"), [("fix\u202etset", "x\u2067y")])[1] == "fix<U+202E>tset  x<U+2067>y"
    assert table(("a", "b"), [("a\x1b[31mb", "c\x07d")])[1] == "a<U+001B>[31mb  c<U+0007>d"
    assert marked("\x1b[31m\u200fשלום 分支\x1b[0m") == "\x1b[31m<U+200F>שלום 分支\x1b[0m"
