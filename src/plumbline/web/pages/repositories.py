"""What connects a project with its forge: the credential it is read with, and the webhook that tells of changes."""

from __future__ import annotations

from plumbline.access import use_cases
from plumbline.flow.tree.bind_repository import renew_webhook
from plumbline.flow.tree.repository_credentials import put_repository_credential, remove_repository_credential
from plumbline.kernel import t
from plumbline.web.page import Ask, Redirect, Shown, does
from plumbline.web.panels import keeps, scheme_on, written_credential
from plumbline.web.tree import settings_address


@does("/nodes/{node:int}/repository-credentials", use_case=use_cases.WRITE_CREDENTIAL)
@keeps(settings_address)
def put_credential(ask: Ask) -> Redirect:
    put_repository_credential(ask.actor, ask.tools.tree, *written_credential(ask, ask.numbers["node"]))
    return _back(ask)


@does("/nodes/{node:int}/repository-credentials/remove", use_case=use_cases.REMOVE_CREDENTIAL)
def remove_credential(ask: Ask) -> Redirect:
    remove_repository_credential(ask.actor, ask.tools.tree, ask.numbers["node"], scheme_on(ask), ask.text("host"))
    return _back(ask)


@does("/projects/{node:int}/webhook", use_case=use_cases.RENEW_WEBHOOK)
@keeps("/projects/{node:int}/settings")
def renew(ask: Ask) -> Shown | Redirect:
    project = ask.numbers["node"]
    secret = renew_webhook(ask.actor, ask.tools.tree, project, ask.text("signing_token").strip())
    back = f"/projects/{project}/settings#webhook"
    if not secret:
        return Redirect(back)
    values = {
        "title": t("The secret of the webhook"),
        "text": t("Write it into the settings of the webhook in the forge; it is not shown again."),
        "secret": secret,
        "back": back,
        "here": back,
    }
    return Shown("once.html", values)


def _back(ask: Ask) -> Redirect:
    return Redirect(settings_address(ask).replace("{node:int}", str(ask.numbers["node"])) + "#repository-credentials")


PART = (put_credential, remove_credential, renew)
