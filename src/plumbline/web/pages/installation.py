"""How the installation is, and the variables and repository credentials that hold in all of it."""

from __future__ import annotations

from plumbline.access import use_cases
from plumbline.flow.tree.read_tree import open_installation, permitted
from plumbline.flow.tree.repository_credentials import put_repository_credential, remove_repository_credential
from plumbline.flow.tree.variables import list_variables, put_variable, remove_variable
from plumbline.kernel import t
from plumbline.model.tree import INSTANCE
from plumbline.web.page import Ask, Page, Redirect, Shown, api_command, does, shows
from plumbline.web.panels import credentials_of, keeps, scheme_on, written_credential, written_variable
from plumbline.web.places import Entry, Group, Where

_DRAWN = "M2.5 3h11v7.5h-11zM6 13.5h4M8 10.5v3"


def _panels(ask: Ask) -> Shown:
    """Each panel for whoever may see what is in it."""
    asked = (use_cases.LIST_VARIABLES, use_cases.WRITE_VARIABLE, use_cases.VIEW_INSTALLATION, use_cases.LIST_SOURCES)
    sees, writes, state, sources = permitted(ask.actor, ask.tools.tree, INSTANCE, *asked)
    values = {
        "checks": ask.tools.readiness() if state else None,
        "variables": list_variables(ask.actor, ask.tools.tree, INSTANCE) if sees else None,
        "writes": writes,
        "sources": sources,
        **credentials_of(ask, ()),
        "command": api_command(f"/nodes/{INSTANCE}/variables"),
    }
    return Shown("installation.html", values)


@shows(
    "/installation",
    use_case=(use_cases.VIEW_INSTALLATION, use_cases.LIST_VARIABLES, use_cases.LIST_CREDENTIALS),
    entries=(Entry("installation", t("State and settings"), Group.OVERVIEW, Where.INSTALLATION, drawn=_DRAWN),),
)
def installation(ask: Ask) -> Shown:
    open_installation(ask.actor, ask.tools.tree)
    return _panels(ask)


_once_more = Page("GET", "/installation", _panels, (use_cases.WRITE_VARIABLE,))  # for a form that was refused


@does("/installation/variables", use_case=use_cases.WRITE_VARIABLE)
@keeps(_once_more)
def put(ask: Ask) -> Redirect:
    put_variable(ask.actor, ask.tools.tree, *written_variable(ask, INSTANCE))
    return Redirect("/installation#variables")


@does("/installation/variables/remove", use_case=use_cases.REMOVE_VARIABLE)
def remove(ask: Ask) -> Redirect:
    remove_variable(ask.actor, ask.tools.tree, INSTANCE, ask.text("name"), ask.text("scope"))
    return Redirect("/installation#variables")


@does("/installation/repository-credentials", use_case=use_cases.WRITE_CREDENTIAL)
@keeps(_once_more)
def put_credential(ask: Ask) -> Redirect:
    put_repository_credential(ask.actor, ask.tools.tree, *written_credential(ask, INSTANCE))
    return Redirect("/installation#repository-credentials")


@does("/installation/repository-credentials/remove", use_case=use_cases.REMOVE_CREDENTIAL)
def remove_credential(ask: Ask) -> Redirect:
    remove_repository_credential(ask.actor, ask.tools.tree, INSTANCE, scheme_on(ask), ask.text("host"))
    return Redirect("/installation#repository-credentials")


PART = (installation, put, remove, put_credential, remove_credential)
