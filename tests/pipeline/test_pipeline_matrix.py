"""Names and values of parallel jobs."""

from __future__ import annotations

from plumbline.pipeline.language.matrix import count, crossed, numbered, selects


def test_numbered_jobs_are_named_as_gitlab_names_them() -> None:
    assert [i.name for i in numbered("test", 3)] == ["test 1/3", "test 2/3", "test 3/3"]
    assert [(i.number, i.total) for i in numbered("test", 2)] == [(1, 2), (2, 2)]


def test_a_matrix_is_crossed_inside_a_map_and_joined_over_the_list() -> None:
    matrix = ({"OS": ("linux", "mac"), "ARCH": ("x86",)}, {"OS": ("windows",)})
    found = crossed("build", matrix)
    assert [i.name for i in found] == ["build: [linux, x86]", "build: [mac, x86]", "build: [windows]"]
    assert found[0].variables == (("OS", "linux"), ("ARCH", "x86"))
    assert [(i.number, i.total) for i in found] == [(1, 3), (2, 3), (3, 3)]


def test_a_huge_matrix_is_counted_without_being_made() -> None:
    axis = tuple(str(n) for n in range(1000))
    assert count(({"A": axis, "B": axis, "C": axis},)) == 10**9


def test_a_need_selects_the_instances_it_names() -> None:
    own = (("OS", "linux"), ("ARCH", "x86"))
    assert selects(((("OS", "linux"), ("ARCH", "x86")),), own)
    assert not selects(((("OS", "mac"), ("ARCH", "x86")),), own)
    assert not selects(((("OS", "linux"),),), own)
