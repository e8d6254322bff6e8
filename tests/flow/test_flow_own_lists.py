"""What people set for themselves: stars, and views of lists."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from door_tools import House

from plumbline.flow.people import saved_views
from plumbline.flow.tree import stars
from plumbline.kernel import PlumblineError
from plumbline.model.person import Role
from plumbline.model.tree import NodeKind


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path / "data")
    with made.server:
        made.bank = made.node("bank")
        made.core = made.node("core", NodeKind.PROJECT, made.bank)
        made.cards = made.node("cards", NodeKind.PROJECT, made.bank)
        made.mei = made.standing(made.person("mei", Role.VIEWER, node=made.core.id))
        made.ada = made.standing(made.person("ada", Role.ADMIN))
        yield made


def test_one_stars_what_one_sees_and_no_longer_has_it_at_hand_when_one_sees_it_no_more(house):
    tree = house.tools.tree
    stars.star(house.mei, tree, house.core.id)
    stars.star(house.mei, tree, house.bank.id)  # the way to what mei sees
    stars.star(house.mei, tree, house.core.id)
    with pytest.raises(PlumblineError) as caught:
        stars.star(house.mei, tree, house.cards.id)
    assert caught.value.code == "not-found"
    assert stars.starred(house.mei, tree) == [house.core.id, house.bank.id]
    assert stars.starred(house.ada, tree) == []
    with tree.units.store.change() as tx:
        tx.grants.remove(house.mei.person.id, house.core.id, Role.VIEWER)
    assert stars.starred(house.standing(house.mei.person), tree) == []
    stars.unstar(house.mei, tree, house.core.id)
    assert stars.starred(house.mei, tree) == [house.bank.id]


def test_stars_and_views_have_an_end(house, monkeypatch):
    monkeypatch.setattr(stars, "MOST", 1)
    monkeypatch.setattr(saved_views, "MOST", 1)
    stars.star(house.ada, house.tools.tree, house.core.id)
    with pytest.raises(PlumblineError, match="You starred 1 nodes") as caught:
        stars.star(house.ada, house.tools.tree, house.bank.id)
    assert caught.value.code == "too-many-stars"
    people = house.tools.people
    saved_views.save_view(house.ada, people, "pipelines", "red", "state=failed")
    saved_views.save_view(house.ada, people, "pipelines", "red", "state=failed&ref=main")
    with pytest.raises(PlumblineError) as caught:
        saved_views.save_view(house.ada, people, "pipelines", "other", "")
    assert caught.value.code == "too-many-views"
    assert [view.query for view in saved_views.list_views(house.ada, people, "pipelines")] == ["state=failed&ref=main"]
    assert saved_views.list_views(house.mei, people, "pipelines") == []
    with pytest.raises(PlumblineError) as caught:
        saved_views.save_view(house.ada, people, "projects", "", "")
    assert caught.value.code == "name-missing"
    with pytest.raises(PlumblineError) as caught:  # so that nobody has more of them than there are lists
        saved_views.save_view(house.ada, people, "whatever", "red", "")
    assert caught.value.code == "no-such-list"
    saved_views.remove_view(house.ada, people, "pipelines", "red")
    assert saved_views.list_views(house.ada, people, "pipelines") == []
