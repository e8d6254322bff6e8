"""What somebody may try, to have less asked of them than is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from collection_world import SAST, UNIT, Due, contract

from plumbline.flow.contracts.status import list_collections
from plumbline.model.change import Event, MergeRequest
from plumbline.model.contract import OccasionKind
from plumbline.model.forge_news import ChangeAct

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE = ".plumbline/contract.yml"
CI = "test: {script: [make], rules: [{when: on_success}]}\n"


@pytest.fixture
def due(tmp_path: Path) -> Iterator[Due]:
    text = contract(SAST.replace("id: sast", "id: ours"), name="ours", occasion="{occasion: merge}")
    made = Due(tmp_path, files={FILE: text, ".gitlab-ci.yml": CI})
    yield made
    made.close()


def merging(due: Due, head: str, number: int, target: str) -> None:
    request = MergeRequest(iid=number, source_branch="fix", target_branch=target)
    due.start(due.project, event=Event.MERGE_REQUEST, ref="fix", sha=head, merge_request=request)


def needs(due: Due) -> list[str]:
    every = list_collections(due.ada, due.contracts, due.project)
    [seen] = [one for one in every if one.collection.occasion is OccasionKind.MERGE]
    return [one.need for one in seen.slots]


def test_a_merge_of_the_same_commit_elsewhere_takes_nothing_away(due: Due) -> None:
    due.save(UNIT, occasion="{occasion: merge, branches: [main]}")
    head = due.start(due.project).sha
    due.tell_change(ChangeAct.CREATED, head)
    merging(due, head, 8, "sandbox")
    assert needs(due) == ["unit"]
    merging(due, head, 7, "main")
    assert needs(due) == ["unit", "ours"]


def test_what_was_due_for_a_merge_stays_due_when_its_file_is_read(due: Due) -> None:
    due.save(UNIT, SAST, occasion="{occasion: merge, branches: [main]}")
    head = due.start(due.project).sha
    due.tell_change(ChangeAct.CREATED, head)
    due.save(UNIT, occasion="{occasion: merge, branches: [main]}")
    merging(due, head, 7, "main")
    assert needs(due) == ["unit", "sast", "ours"]
