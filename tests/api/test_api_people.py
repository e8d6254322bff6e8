"""The way in, sessions, people, roles and tokens over HTTP."""

from __future__ import annotations

import json

from plumbline.flow.people.invitations import set_up_link

PASSWORD = "correct horse battery"


def first(api):
    link = set_up_link(api.tools.people)
    answer = api.post("/setup", json={"link": link, "name": "ada", "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    return {"plumbline_session": answer.cookies["plumbline_session"]}, {"X-CSRF-Token": answer.json()["csrf"]}


def test_the_first_person_signs_up_once(api):
    cookies, _csrf = first(api)
    assert api.get("/me", cookies=cookies).json()["person"]["name"] == "ada"
    assert set_up_link(api.tools.people) is None
    answer = api.post("/setup", json={"link": "x", "name": "eve", "password": PASSWORD})
    assert (answer.status_code, answer.json()["type"]) == (403, "link-not-valid")
    assert len(api.events("person.created")) == 1
    assert PASSWORD not in b"".join(entry.body for entry in api.tools.ledger.ledger.read()).decode()


def test_a_link_is_good_for_its_secret_only(api):
    set_up_link(api.tools.people)
    assert api.post("/setup", json={"link": "guess", "name": "eve", "password": PASSWORD}).status_code == 403
    assert api.post("/setup", json={"link": "x" * 64, "name": "e", "password": "short"}).status_code == 403


def test_a_weak_password(api):
    link = set_up_link(api.tools.people)
    for weak in ("short", "aaaaaaaaaaaaaaa", "ada-ada-ada-ada"):
        answer = api.post("/setup", json={"link": link, "name": "ada", "password": weak})
        assert (answer.status_code, answer.json()["type"]) == (422, "password-weak")


def test_a_session_needs_its_csrf_token_for_changes(api):
    cookies, csrf = first(api)
    body = {"kind": "organisation", "name": "bank"}
    answer = api.post("/nodes", cookies=cookies, json=body)
    assert (answer.status_code, answer.json()["type"]) == (403, "csrf-token-missing")
    assert api.post("/nodes", cookies=cookies, json=body, headers={"X-CSRF-Token": "0" * 64}).status_code == 403
    assert api.post("/nodes", cookies=cookies, json=body, headers=csrf).status_code == 201


def test_signing_out_ends_the_session(api):
    cookies, csrf = first(api)
    assert api.ask("DELETE", "/api/v1/session", cookies=cookies, headers=csrf).status_code == 204
    assert api.get("/me", cookies=cookies).status_code == 401


def test_the_cookie_is_kept_from_scripts_and_other_sites(api):
    link = set_up_link(api.tools.people)
    answer = api.post("/setup", json={"link": link, "name": "ada", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_failed_sign_ins_are_slowed_down_and_recorded(api):
    first(api)
    wrong = {"name": "ada", "password": "wrong"}
    statuses = [api.post("/session", json=wrong).status_code for _ in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    answer = api.post("/session", json={"name": "ada", "password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert len(api.events("person.signInFailed")) == 3


def test_a_browser_that_is_known_signs_in_however_many_others_failed(api):
    first(api)
    known = api.post("/session", json={"name": "ada", "password": PASSWORD})
    cookies = {"plumbline_browser": known.cookies["plumbline_browser"]}
    with api.tools.units.store.change() as tx:
        ada = tx.people.named("ada")
        for _ in range(12):
            tx.attempts.failed(f"account-at:127.0.0.0/24:{ada.password_changed}:ada", api.tools.units.clock())
    assert api.post("/session", json={"name": "ada", "password": PASSWORD}).status_code == 429
    again = api.post("/session", json={"name": "ada", "password": PASSWORD}, cookies=cookies)
    assert again.status_code == 201
    assert again.cookies["plumbline_browser"] != cookies["plumbline_browser"]
    [_, told] = again.headers.get_list("set-cookie")
    assert told.endswith("; Path=/; Max-Age=15552000; HttpOnly; SameSite=Strict")


def test_an_unknown_name_is_not_told_from_a_wrong_password(api):
    first(api)
    answers = [api.post("/session", json={"name": name, "password": "wrong"}) for name in ("ada", "nobody")]
    told = [{**answer.json(), "instance": ""} for answer in answers]
    assert told[0] == told[1]


def test_a_person_is_invited_and_gets_a_role(api):
    cookies, csrf = first(api)
    made = api.post("/people", cookies=cookies, headers=csrf, json={"name": "Bo"}).json()
    answer = api.post("/invitation", json={"link": made["link"], "name": "bo", "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    again = api.post("/invitation", json={"link": made["link"], "name": "bo", "password": PASSWORD})
    assert again.status_code == 403
    session = {"plumbline_session": answer.cookies["plumbline_session"]}
    assert api.get("/people", cookies=session).status_code == 403
    person = made["person"]["id"]
    granted = api.ask("PUT", f"/api/v1/people/{person}/roles", cookies=cookies, headers=csrf, json={"role": "auditor"})
    assert granted.json() == {"done": True}
    assert api.get("/people", cookies=session).status_code == 200
    [grant] = [each for each in api.events("role.granted") if each["subject"]["id"] == "bo"]
    assert grant["subject"]["content"]["by"] == "ada"
    taken = api.ask("DELETE", f"/api/v1/people/{person}/roles?role=auditor", cookies=cookies, headers=csrf)
    assert taken.json() == {"done": True}
    assert api.get("/people", cookies=session).status_code == 403


def test_a_new_link_for_who_has_none_or_lost_the_password(api):
    cookies, csrf = first(api)
    made = api.post("/people", cookies=cookies, headers=csrf, json={"name": "bo"}).json()
    path = f"/people/{made['person']['id']}/invitation"
    again = api.post(path, cookies=cookies, headers=csrf)
    assert again.status_code == 201, again.text
    used = [
        api.post("/invitation", json={"link": link, "name": "bo", "password": PASSWORD}).status_code
        for link in (made["link"], again.json()["link"])
    ]
    assert used == [403, 201]
    own = api.post("/people/1/invitation", cookies=cookies, headers=csrf)
    assert (own.status_code, own.json()["type"]) == (403, "link-to-oneself")
    api.ask("PATCH", "/api/v1/people/2", cookies=cookies, headers=csrf, json={"active": False})
    off = api.post(path, cookies=cookies, headers=csrf)
    assert (off.status_code, off.json()["type"]) == (409, "person-inactive")
    assert [one["subject"]["content"] for one in api.events("person.invited")] == [{"by": "ada"}] * 2


def test_a_token_without_the_right_to_grant_takes_over_nobody_with_roles(api):
    narrow = api.token(api.person("ada", "admin"), scopes=("people.manage",))
    boss, bo = api.person("boss", "admin"), api.person("bo")
    refused = api.post(f"/people/{boss.id}/invitation", token=narrow)
    assert (refused.status_code, refused.json()["type"]) == (403, "role-too-wide")
    assert api.post(f"/people/{bo.id}/invitation", token=narrow).status_code == 201


def test_nobody_raises_themselves_and_the_last_administrator_stays(api):
    cookies, csrf = first(api)
    own = api.ask("PUT", "/api/v1/people/1/roles", cookies=cookies, headers=csrf, json={"role": "operator"})
    assert (own.status_code, own.json()["type"]) == (403, "role-to-oneself")
    gone = api.ask("PATCH", "/api/v1/people/1", cookies=cookies, headers=csrf, json={"active": False})
    assert (gone.status_code, gone.json()["type"]) == (409, "last-administrator")
    gone = api.ask("DELETE", "/api/v1/people/1/roles?role=admin", cookies=cookies, headers=csrf)
    assert gone.status_code == 409


def test_a_maintainer_grants_no_more_than_they_have(api):
    bank = api.node("bank")
    maintainer = api.token(api.person("mei", "maintainer", node=bank.id))
    bo = api.person("bo")
    for role, status in (("developer", 200), ("admin", 403), ("security", 403)):
        answer = api.ask("PUT", f"/api/v1/people/{bo.id}/roles", token=maintainer, json={"role": role, "node": bank.id})
        assert answer.status_code == status, answer.text
    elsewhere = api.ask("PUT", f"/api/v1/people/{bo.id}/roles", token=maintainer, json={"role": "developer"})
    assert elsewhere.status_code == 403
    other = api.node("other")
    unseen = api.ask(
        "PUT", f"/api/v1/people/{bo.id}/roles", token=maintainer, json={"role": "viewer", "node": other.id}
    )
    assert (unseen.status_code, unseen.json()["detail"]) == (404, f"There is no node {other.id}.")


def test_a_token_is_shown_once_and_can_be_revoked(api):
    cookies, csrf = first(api)
    expires = api.tools.units.clock() + 3600_000_000
    body = {"name": "ci", "scopes": ["project.view"], "expires": expires}
    made = api.post("/me/tokens", cookies=cookies, headers=csrf, json=body)
    assert made.status_code == 201, made.text
    text, token = made.json()["text"], made.json()["token"]["id"]
    assert api.get("/nodes", token=text).status_code == 200
    assert text.rpartition("_")[2] not in api.get("/me/tokens", cookies=cookies).text
    wide = api.post("/me/tokens", token=text, json=body | {"scopes": ["all"]})
    assert (wide.status_code, wide.json()["type"]) == (403, "not-allowed")
    whole = api.post("/me/tokens", cookies=cookies, headers=csrf, json=body | {"scopes": ["all"]}).json()["text"]
    copy = api.post("/me/tokens", token=whole, json=body)
    assert (copy.status_code, copy.json()["type"]) == (422, "token-wrong")
    assert api.ask("DELETE", f"/api/v1/me/tokens/{token}", cookies=cookies, headers=csrf).status_code == 204
    assert api.get("/nodes", token=text).status_code == 401
    assert text.rpartition("_")[2] not in json.dumps(api.events("token"))


def test_the_value_of_a_variable_never_comes_out(api, admin):
    bank = api.node("bank")
    path = f"/api/v1/nodes/{bank.id}/variables/PASSWORD"
    answer = api.ask("PUT", path, token=admin, json={"value": "s3cr3t-value", "masked": True})
    assert answer.status_code == 200, answer.text
    listed = api.get(f"/nodes/{bank.id}/variables", token=admin)
    assert [one["name"] for one in listed.json()["variables"]] == ["PASSWORD"]
    everything = answer.text + listed.text + b"".join(entry.body for entry in api.tools.ledger.ledger.read()).decode()
    assert "s3cr3t-value" not in everything
    with api.tools.units.store.view() as tx:
        [stored] = tx.variables.at([bank.id])
    assert b"s3cr3t" not in stored.sealed
    assert api.ask("DELETE", path, token=admin).status_code == 204
    assert api.ask("DELETE", path, token=admin).status_code == 404
