"""What connects a project with its forge: the credential it is read with, and the webhook that tells of changes."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.model.tree import NodeKind
from plumbline.web.estate import find
from plumbline.web.page import Ask, Redirect, Shown, does
from plumbline.web.pages.project import settings
from plumbline.web.pages.tree import page_of_settings
from plumbline.web.panels import keeps, scheme_on, written_credential


@does("/nodes/{node:int}/repository-credentials")
@keeps(page_of_settings)
def put_credential(ask: Ask) -> Redirect:
    credential, secret = written_credential(ask, ask.numbers["node"])
    ask.desk.put_repository_credential(ask.visitor, credential, secret)
    return _back(ask)


@does("/nodes/{node:int}/repository-credentials/remove")
def remove_credential(ask: Ask) -> Redirect:
    ask.desk.remove_repository_credential(ask.visitor, ask.numbers["node"], scheme_on(ask), ask.text("host"))
    return _back(ask)


@does("/projects/{node:int}/webhook")
@keeps(settings)
def renew_webhook(ask: Ask) -> Shown | Redirect:
    project = ask.numbers["node"]
    secret = ask.desk.renew_webhook(ask.visitor, project, ask.text("signing_token").strip())
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
    node, _ = find(ask, ask.numbers["node"])
    page = f"/projects/{node.id}/settings" if node.kind is NodeKind.PROJECT else f"/nodes/{node.id}"
    return Redirect(f"{page}#repository-credentials")


PART = (put_credential, remove_credential, renew_webhook)
