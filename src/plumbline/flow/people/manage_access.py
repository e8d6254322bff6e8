"""Who there is, what they may do, and the tokens of their programs. Every act is an event in the same transaction."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from plumbline.access import ROLES, SECRET_BYTES, TOKEN_ID_BYTES, Actor, Permission, digest, may, write_token
from plumbline.evidence import timestamp
from plumbline.evidence.vocabulary import own_platform as events
from plumbline.flow.people.credentials import end_invitation, person_name, refusal
from plumbline.flow.people.invitations import invite
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.person import EVERY_SCOPE, ApiToken, Grant, Person, Role
from plumbline.model.tree import INSTANCE, Node, StoredVariable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.flow.event_writer import EventWriter
    from plumbline.flow.service import ServerTools
    from plumbline.kernel import Text
    from plumbline.model.ports.transaction import Transaction

LONGEST_TOKEN = 366 * 24 * 3600 * 1_000_000  # microseconds
MOST_TOKENS = 100  # of one person
LONGEST_VALUE = 65536  # characters of a variable
SHORTEST_MASKED = 8  # characters, as in GitLab
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")


def add_person(
    tools: ServerTools, tx: Transaction, moment: EventWriter, by: Actor, person: Person
) -> tuple[Person, str]:
    """Somebody new, and the secret of the link by which they set their password: shown once."""
    new = msgspec.structs.replace(person, name=person_name(person.name), created=moment.now)
    added = tx.people.add(new)
    moment.record(tx, added.name, events.PersonCreated(name=added.name, by=by.person.name))
    return added, invite(tools, tx, moment, by, added)


def change_person(tx: Transaction, moment: EventWriter, by: Actor, before: Person, after: Person) -> Person:
    """Switched off, a person's sessions, tokens and invitation end. The last administrator stays."""
    fields = tuple(
        name for name in ("title", "email", "language", "active") if getattr(before, name) != getattr(after, name)
    )
    if not fields:
        return before
    if before.active and not after.active:
        _keep_an_administrator(tx, before.id)
        tx.sessions.remove_all(before.id)
        end_invitation(tx, before.id)
        for token in tx.tokens.of(before.id):
            tx.tokens.revoke(token.id, moment.now)
        moment.record(tx, before.name, events.PersonDeactivated(by=by.person.name))
    tx.people.save(after)
    moment.record(tx, before.name, events.PersonChanged(by=by.person.name, fields=fields))
    return after


def grant_role(
    tx: Transaction, moment: EventWriter, by: Actor, person: Person, role: Role, ancestors: Sequence[Node]
) -> bool:
    """False where the person has it there already. Nobody gives what they may not do themselves, and nothing to
    themselves."""
    _may_hand_out(by, person, role, ancestors)
    node = ancestors[0].id if ancestors else INSTANCE
    if not tx.grants.add(Grant(person=person.id, node=node, role=role, by=by.person.id, at=moment.now)):
        return False
    moment.record(tx, person.name, events.RoleGranted(
        person=person.name, role=role.value, node=_place(ancestors), by=by.person.name))  # fmt: skip
    return True


def revoke_role(
    tx: Transaction, moment: EventWriter, by: Actor, person: Person, role: Role, ancestors: Sequence[Node]
) -> bool:
    """False where there was nothing to take. Who could not grant a role does not take it from others either; one's own
    roles everybody may give up."""
    node = ancestors[0].id if ancestors else INSTANCE
    if by.person.id != person.id:
        _may_hand_out(by, person, role, ancestors)
    if role is Role.ADMIN and node == INSTANCE:
        _keep_an_administrator(tx, person.id)
    if not tx.grants.remove(person.id, node, role):
        return False
    moment.record(tx, person.name, events.RoleRevoked(
        person=person.name, role=role.value, node=_place(ancestors), by=by.person.name))  # fmt: skip
    return True


def make_token(
    tools: ServerTools,
    tx: Transaction,
    moment: EventWriter,
    owner: Actor,
    name: str,
    scopes: Sequence[str],
    expires: int,
) -> tuple[ApiToken, str]:
    """A token of one's own, and its text: shown once. Raises PlumblineError ``token-wrong``."""
    known = {permission.value for permission in Permission} | {EVERY_SCOPE}
    unknown = [scope for scope in scopes if scope not in known]
    if unknown or not scopes:
        raise _wrong(t("'{scope}' is not a scope of a token.", scope=unknown[0] if unknown else ""),
                     t("Take '{all}', or permissions such as {one}.", all=EVERY_SCOPE, one="pipeline.run"))  # fmt: skip
    if not moment.now < expires <= moment.now + LONGEST_TOKEN:
        raise _wrong(t("A token ends within a year."), t("Choose an earlier day."))
    if sum(not token.revoked for token in tx.tokens.of(owner.person.id)) >= MOST_TOKENS:
        raise _wrong(t("Nobody needs more than {count} tokens.", count=MOST_TOKENS), t("Revoke those not in use."))
    if owner.scopes is not None:  # it would live on when the first one is revoked
        raise _wrong(t("A token cannot make another one."), t("Sign in, and make it there."))
    text, parts = write_token(tools.secret(TOKEN_ID_BYTES), tools.secret(SECRET_BYTES))
    token = ApiToken(
        id=parts.id,
        digest=digest(parts.secret),
        person=owner.person.id,
        name=name,
        scopes=tuple(scopes),
        created=moment.now,
        expires=expires,
    )
    tx.tokens.add(token)
    moment.record(tx, token.id, events.TokenCreated(
        person=owner.person.name, scopes=token.scopes, expires=timestamp(expires), name=name))  # fmt: skip
    return token, text


def revoke_token(tx: Transaction, moment: EventWriter, by: Actor, token: ApiToken) -> bool:
    """False where it was revoked already."""
    if not tx.tokens.revoke(token.id, moment.now):
        return False
    owner = tx.people.get(token.person)
    moment.record(tx, token.id, events.TokenRevoked(
        person=owner.name if owner else "unknown", by=by.person.name))  # fmt: skip
    return True


def variable_place(node: int, name: str, scope: str) -> str:
    """What the sealed value of a variable is bound to."""
    return f"variable/{node}/{scope}/{name}"


def put_variable(
    tools: ServerTools,
    tx: Transaction,
    moment: EventWriter,
    by: Actor,
    variable: StoredVariable,
    value: str,
    ancestors: Sequence[Node],
) -> bool:
    """Add or replace; whether it was new. Its value is sealed here and never shown again.

    Raises PlumblineError ``variable-name-wrong``, ``variable-too-long`` or ``variable-not-maskable``.
    """
    _check_variable(variable, value)
    place = variable_place(variable.node, variable.name, variable.scope)
    sealed = tools.vault.seal(value.encode("utf-8", "surrogateescape"), place)
    stored = msgspec.structs.replace(variable, sealed=sealed, changed=moment.now, changed_by=by.person.id)
    new = tx.variables.put(stored)
    moment.record(tx, f"{_place(ancestors)}:{variable.name}", events.VariableWritten(
        key=variable.name, node=_place(ancestors), by=by.person.name, masked=variable.masked,
        protected=variable.protected, scope=variable.scope))  # fmt: skip
    return new


def remove_variable(
    tx: Transaction, moment: EventWriter, by: Actor, ancestors: Sequence[Node], name: str, scope: str
) -> bool:
    node = ancestors[0].id if ancestors else INSTANCE
    if not tx.variables.remove(node, name, scope):
        return False
    moment.record(tx, f"{_place(ancestors)}:{name}", events.VariableRemoved(
        key=name, node=_place(ancestors), by=by.person.name))  # fmt: skip
    return True


def _check_variable(variable: StoredVariable, value: str) -> None:
    if not _VARIABLE.fullmatch(variable.name):
        raise PlumblineError(
            "variable-name-wrong",
            t("'{name}' cannot be the name of a variable.", name=variable.name[:100]),
            t("Use letters, digits and '_', beginning with a letter or '_'."),
            kind=ErrorKind.CONFIGURATION,
        )
    if len(value) > LONGEST_VALUE or "\0" in value:
        raise PlumblineError(
            "variable-too-long",
            t("The value of {name} is longer than {count} characters, or has a zero byte.", name=variable.name,
              count=LONGEST_VALUE),
            t("Keep what is larger in a file of the repository, or fetch it in the job."),
            kind=ErrorKind.CONFIGURATION,
        )  # fmt: skip
    if variable.masked and not any(len(line.strip()) >= SHORTEST_MASKED for line in value.splitlines()):
        raise PlumblineError(
            "variable-not-maskable",
            t("The value of {name} is too short to be masked: it would be hidden all over the logs.",
              name=variable.name),
            t("Take a value of {count} characters or more, or do not mask it.", count=SHORTEST_MASKED),
            kind=ErrorKind.CONFIGURATION,
        )  # fmt: skip


def _may_hand_out(by: Actor, person: Person, role: Role, ancestors: Sequence[Node]) -> None:
    """Administrators hand out every role where they are administrators; others only what they may do themselves."""
    if by.person.id == person.id:
        raise refusal("role-to-oneself", t("Nobody grants a role to themselves."), t("Ask somebody else to do it."))
    if may(by, Permission.PEOPLE_MANAGE, ancestors):
        return
    missing = [each for each in sorted(ROLES[role].permissions) if not may(by, each, ancestors)]
    if missing:
        raise refusal(
            "role-too-wide",
            t("The role {role} may do what {name} may not: {title}", role=ROLES[role].title, name=by.person.name,
              title=missing[0].meaning),
            t("An administrator can grant it."),
        )  # fmt: skip


def _keep_an_administrator(tx: Transaction, person: int) -> None:
    others = {grant.person for grant in tx.grants.having(Role.ADMIN) if grant.node == INSTANCE} - {person}
    if not any((found := tx.people.get(other)) and found.active for other in others):
        raise refusal(
            "last-administrator",
            t("There would be no administrator left."),
            t("Make somebody else an administrator first."),
        )


def _place(ancestors: Sequence[Node]) -> str:
    return ancestors[0].path if ancestors else "/"


def _wrong(message: Text, hint: Text) -> PlumblineError:
    return PlumblineError("token-wrong", message, hint, kind=ErrorKind.CONFIGURATION)
