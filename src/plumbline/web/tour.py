"""The first steps as pages show them: what each is for, and where it is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.flow.tour import Step, has_left_tour, view_tour
from plumbline.flow.tree.read_tree import where_to_add
from plumbline.kernel import Text, t

if TYPE_CHECKING:
    from plumbline.flow.tour import Tour
    from plumbline.web.page import Ask

_STEPS = {
    Step.PROJECT: (t("Your organisation, and a project in it"),
                   t("The tree says who belongs where; roles and grades follow it.")),
    Step.REPOSITORY: (t("The repository of the project"),
                      t("Bind it, test the connection, and say how pushes are told of.")),
    Step.GREEN: (t("A first green pipeline"),
                 t("Push a commit with a .gitlab-ci.yml; one is proposed where there is none.")),
    Step.PEOPLE: (t("Who may do what"),
                  t("Invite people and give them roles, so that one decides and another one carries out.")),
    Step.ASSESSMENT: (t("A first assessment"),
                      t("Grade a node from the evidence that there is by now; what is missing is named.")),
}  # fmt: skip


class Shown(NamedTuple):
    title: Text
    about: Text
    path: str
    done: bool
    next: bool  # the first one that is not done


class Panel(NamedTuple):
    steps: tuple[Shown, ...]
    done: int
    left: bool


def panel_of(ask: Ask) -> Panel:
    """All five steps, whether they are done or not."""
    tour = view_tour(ask.actor, ask.tools)
    after = next((step for step in Step if step not in tour.done), None)
    steps = tuple(Shown(*_STEPS[step], _path(step, tour), step in tour.done, step is after) for step in Step)
    return Panel(steps, len(tour.done), tour.left)


def on_home(ask: Ask) -> Panel | None:
    """For whoever may add projects, until it is done or they do not want it there."""
    if has_left_tour(ask.actor, ask.tools) or not where_to_add(ask.actor, ask.tools.tree):
        return None
    panel = panel_of(ask)
    return None if panel.done == len(panel.steps) else panel


def _path(step: Step, tour: Tour) -> str:
    project = f"/projects/{tour.project}" if tour.project else "/tree"
    match step:
        case Step.PROJECT:
            return "/tree"
        case Step.REPOSITORY:
            return f"{project}/connection" if tour.project else project
        case Step.GREEN:
            return project
        case Step.PEOPLE:
            return "/people"
        case Step.ASSESSMENT:
            return "/assessments"
