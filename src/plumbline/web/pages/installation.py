"""Variables and repository credentials that hold in the whole installation."""

from __future__ import annotations

from plumbline.access import Permission
from plumbline.model.tree import INSTANCE
from plumbline.web.page import Ask, Redirect, Shown, api_command, does, shows
from plumbline.web.panels import credentials_of, keeps, scheme_on, written_credential, written_variable


@shows("/installation")
def installation(ask: Ask) -> Shown:
    values = {
        "variables": ask.desk.variables(ask.visitor, INSTANCE),  # whoever may not see them is refused the page
        "writes": ask.desk.may(ask.visitor, Permission.VARIABLE_WRITE, INSTANCE),
        **credentials_of(ask, ()),
        "command": api_command(f"/nodes/{INSTANCE}/variables"),
    }
    return Shown("installation.html", values)


@does("/installation/variables")
@keeps(installation)
def put_variable(ask: Ask) -> Redirect:
    variable, value = written_variable(ask, INSTANCE)
    ask.desk.put_variable(ask.visitor, variable, value)
    return Redirect("/installation#variables")


@does("/installation/variables/remove")
def remove_variable(ask: Ask) -> Redirect:
    ask.desk.remove_variable(ask.visitor, INSTANCE, ask.text("name"), ask.text("scope"))
    return Redirect("/installation#variables")


@does("/installation/repository-credentials")
@keeps(installation)
def put_credential(ask: Ask) -> Redirect:
    credential, secret = written_credential(ask, INSTANCE)
    ask.desk.put_repository_credential(ask.visitor, credential, secret)
    return Redirect("/installation#repository-credentials")


@does("/installation/repository-credentials/remove")
def remove_credential(ask: Ask) -> Redirect:
    ask.desk.remove_repository_credential(ask.visitor, INSTANCE, scheme_on(ask), ask.text("host"))
    return Redirect("/installation#repository-credentials")


PART = (installation, put_variable, remove_variable, put_credential, remove_credential)
