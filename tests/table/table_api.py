"""Every operation of the API, with the use case it is and a question that ends in a harmless refusal where it can."""

from __future__ import annotations

from table_call import INSTALLATION, NODE, PROJECT, SESSION, Call

from plumbline.access import ROLES, Permission, use_cases
from plumbline.model.person import Role

_C, _P = use_cases, Permission
ADMINS = (_P.INSTANCE_MANAGE,)
NOBODY_ELSE = (_P.PEOPLE_MANAGE,)
NEW_PASSWORD = {"old": "{password}", "new": "another quiet morning"}
NO_PACK, NO_TOKEN = ("There is no pack",), ("There is no token",)
_LIST = {"shelf": "pipelines"}
_CREDENTIAL = {"scheme": "https", "host": "git.bank.example"}
MEMBER = {"person": "{member}"}  # who has a role at a node
AS_VIEWER = tuple(sorted(ROLES[Role.VIEWER].permissions))  # nobody hands out what they may not do

PIPELINES = {
    "GET /api/v1/pipelines": (
        Call(_C.LIST_PIPELINES, PROJECT, shows=(("{uid}", _C.VIEW_PIPELINE),)),
        Call(_C.LIST_PROJECT_PIPELINES, PROJECT, query={"project": "{posting}"}),
        Call(_C.LIST_NODE_PIPELINES, NODE, query={"node": "{core}"}),
    ),
    "GET /api/v1/pipelines/{pipeline}": (Call(_C.VIEW_PIPELINE, PROJECT),),
    "POST /api/v1/projects/{project}/pipelines": (Call(_C.RUN_PIPELINE, PROJECT, json={}),),
    "GET /api/v1/pipelines/{pipeline}/contracts": (Call(_C.VIEW_REPORTS, PROJECT),),
    "POST /api/v1/pipelines/{pipeline}/cancel": (Call(_C.CANCEL_PIPELINE, PROJECT),),
    "POST /api/v1/pipelines/{pipeline}/retry": (Call(_C.RETRY_PIPELINE, PROJECT),),
    "GET /api/v1/jobs/{job}": (Call(_C.VIEW_JOB, PROJECT),),
    "GET /api/v1/jobs/{job}/log": (Call(_C.READ_LOG, PROJECT),),
    "POST /api/v1/jobs/{job}/play": (Call(_C.PLAY_JOB, PROJECT),),
    "POST /api/v1/jobs/{job}/retry": (Call(_C.RETRY_JOB, PROJECT),),
    "POST /api/v1/jobs/{job}/cancel": (Call(_C.CANCEL_JOB, PROJECT),),
    "GET /api/v1/jobs/{job}/artifacts": (Call(_C.DOWNLOAD_ARTIFACTS, PROJECT),),
    "POST /api/v1/jobs/{job}/artifacts/keep": (Call(_C.KEEP_ARTIFACTS, PROJECT),),
    "DELETE /api/v1/jobs/{job}/artifacts/keep": (Call(_C.KEEP_ARTIFACTS, PROJECT),),
    "GET /api/v1/runners": (Call(_C.LIST_RUNNERS),),
    "GET /api/v1/artifacts": (Call(_C.LIST_REPOSITORIES, query={"text": "sha256:000000"}),),
    "GET /api/v1/pipelines/{pipeline}/artifacts": (Call(_C.VIEW_ARTIFACT, PROJECT),),
}

PROJECTS = {
    "GET /api/v1/projects/{project}/repository": (Call(_C.VIEW_REPOSITORY, PROJECT),),
    "POST /api/v1/projects/{project}/repository/test": (Call(_C.TEST_CONNECTION, PROJECT),),
    "PUT /api/v1/projects/{project}/repository": (
        Call(_C.BIND_REPOSITORY, PROJECT, json={"kind": "git", "url": "https://elsewhere.example/x.git"}),
        Call(_C.BIND_REPOSITORY, PROJECT, json={"kind": "git", "url": "/srv/x.git"}, met=ADMINS, again="binding"),
    ),
    "GET /api/v1/projects/{project}/proposal": (Call(_C.VIEW_REPOSITORY, PROJECT),),
    "POST /api/v1/projects/{project}/proposal": (Call(_C.RUN_PIPELINE, PROJECT),),
    "GET /api/v1/projects/{project}/deliveries": (Call(_C.LIST_DELIVERIES, PROJECT),),
    "GET /api/v1/projects/{project}/tellings": (Call(_C.LIST_TELLINGS, PROJECT),),
    "GET /api/v1/projects/{project}/schedules": (Call(_C.LIST_SCHEDULES, PROJECT),),
    "POST /api/v1/projects/{project}/schedules": (Call(_C.WRITE_SCHEDULE, PROJECT, json={"cron": "often"}),),
    "PUT /api/v1/schedules/{schedule}": (Call(_C.WRITE_SCHEDULE, PROJECT, json={"cron": "often"}),),
    "DELETE /api/v1/schedules/{schedule}": (Call(_C.REMOVE_SCHEDULE, PROJECT, again="schedule"),),
    "POST /api/v1/schedules/{schedule}/play": (Call(_C.PLAY_SCHEDULE, PROJECT),),
    "GET /api/v1/projects/{project}/resource_groups": (Call(_C.LIST_RESOURCE_GROUPS, PROJECT),),
    "PUT /api/v1/projects/{project}/resource_groups/{name}": (
        Call(_C.WRITE_RESOURCE_GROUP, PROJECT, json={"process_mode": "unordered"}, numbers={"name": "production"}),
    ),
    "GET /api/v1/projects/{project}/robots": (Call(_C.LIST_ROBOTS, PROJECT),),
    "POST /api/v1/projects/{project}/robots": (
        Call(_C.WRITE_ROBOT, PROJECT, json={"name": "x", "scopes": [], "expires": 1}),
    ),
    "DELETE /api/v1/projects/{project}/robots/{robot}": (
        Call(_C.WRITE_ROBOT, PROJECT, numbers={"robot": 471147}, passed=("The project has no robot",)),
    ),
    "POST /hooks/{forge}/{project}": (
        Call(_C.RECEIVE_WEBHOOK, PROJECT, raw=b"{}", numbers={"forge": "git"}, passed=("webhook-forged",)),
    ),
    "POST /hooks/{forge}/{project}/outcome": (
        Call(_C.RECEIVE_WEBHOOK, PROJECT, raw=b"{}", numbers={"forge": "git"}, passed=("webhook-forged",)),
    ),
}

NODES = {
    "GET /api/v1/nodes": (Call(_C.LIST_NODES, PROJECT, shows=(('"{path of posting}"', _C.VIEW_NODE),)),),
    "POST /api/v1/nodes": (
        Call(_C.CREATE_NODE, NODE, json={"kind": "system", "name": "x", "parent": "{core}"}),
        Call(_C.CREATE_NODE, json={"kind": "system", "name": "x"}),
        Call(_C.CREATE_NODE, met=ADMINS, json={
            "kind": "organisation", "name": "bank", "settings": {"ci.isolation": "none"}}),
        Call(_C.CREATE_PROJECT, NODE, json={"kind": "project", "name": "x.git", "parent": "{core}"}),
        Call(_C.CREATE_PROJECT, NODE, met=ADMINS, json={
            "kind": "project", "name": "posting", "parent": "{core}", "settings": {"ci.isolation": "none"}}),
    ),
    "GET /api/v1/nodes/{node}": (Call(_C.VIEW_NODE, NODE, shows=(('"{path of clearing}"', _C.VIEW_REPOSITORY),)),),
    "GET /api/v1/node": (Call(_C.VIEW_NODE, NODE, query={"path": "{path of core}"}),),
    "PATCH /api/v1/nodes/{node}": (
        Call(_C.CHANGE_SETTINGS, NODE, json={"settings": {"nope": 1}}),
        Call(_C.CHANGE_SETTINGS, NODE, json={"settings": {"ci.isolation": "none"}}, met=ADMINS, again="node"),
        Call(_C.RENAME_NODE, NODE, json={"name": "x.git"}),
        Call(_C.RENAME_PROJECT, PROJECT, json={"name": "x.git"}),
        Call(_C.MOVE_NODE, NODE, json={"name": "x.git", "parent": "{bank}"}),
        Call(_C.ARCHIVE_NODE, NODE, json={"archived": False}),
        Call(_C.ARCHIVE_NODE, NODE, json={"archived": False, "title": ""}, met=(_P.PROJECT_SETTINGS,)),
    ),
    "PUT /api/v1/nodes/{node}/star": (Call(_C.STAR_NODE, NODE),),
    "DELETE /api/v1/nodes/{node}/star": (Call(_C.STAR_NODE, NODE),),
    "GET /api/v1/settings": (Call(_C.LIST_SETTINGS),),
    "GET /api/v1/nodes/{node}/members": (Call(_C.LIST_MEMBERS, NODE),),
    "DELETE /api/v1/nodes/{node}": (Call(_C.DELETE_NODE, NODE, query={"path": "elsewhere"}, met=ADMINS),),
    "GET /api/v1/nodes/{node}/variables": (Call(_C.LIST_VARIABLES, NODE), Call(_C.LIST_VARIABLES)),
    "PUT /api/v1/nodes/{node}/variables/{name}": (
        Call(_C.WRITE_VARIABLE, NODE, json={"value": "short"}, numbers={"name": "NEW"}),
        Call(_C.WRITE_VARIABLE, json={"value": "short"}, numbers={"name": "NEW"}),
    ),
    "DELETE /api/v1/nodes/{node}/variables/{name}": (
        Call(_C.REMOVE_VARIABLE, NODE, numbers={"name": "NONE"}, passed=("There is no variable",)),
        Call(_C.REMOVE_VARIABLE, numbers={"name": "NONE"}, passed=("There is no variable",)),
    ),
    "GET /api/v1/nodes/{node}/repository-credentials": (Call(_C.LIST_CREDENTIALS, NODE), Call(_C.LIST_CREDENTIALS)),
    "PUT /api/v1/nodes/{node}/repository-credentials/{scheme}/{host}": (
        Call(_C.WRITE_CREDENTIAL, NODE, json={"secret": "two\nlines"}, numbers=_CREDENTIAL),
        Call(_C.WRITE_CREDENTIAL, json={"secret": "two\nlines"}, numbers=_CREDENTIAL),
    ),
    "DELETE /api/v1/nodes/{node}/repository-credentials/{scheme}/{host}": (
        Call(_C.REMOVE_CREDENTIAL, NODE, numbers=_CREDENTIAL, passed=("There is no credential",)),
        Call(_C.REMOVE_CREDENTIAL, numbers=_CREDENTIAL, passed=("There is no credential",)),
    ),
}  # fmt: skip

GRADES = {
    "GET /api/v1/packs": (Call(_C.LIST_PACKS),),
    "GET /api/v1/packs/{pack}": (Call(_C.LIST_PACKS, numbers={"pack": "nope"}, passed=NO_PACK),),
    "GET /api/v1/nodes/{node}/assessments": (Call(_C.LIST_NODE_ASSESSMENTS, NODE),),
    "POST /api/v1/nodes/{node}/assessments": (
        Call(_C.RUN_ASSESSMENT, NODE, json={"pack": "nope"}, passed=NO_PACK),
    ),
    "GET /api/v1/nodes/{node}/grades": (Call(_C.VIEW_GRADES, NODE, query={"pack": "nope"}, passed=NO_PACK),),
    **{
        f"GET /api/v1/assessments/{{seq}}{part}": (Call(_C.VIEW_ASSESSMENT, NODE),)
        for part in ("", "/items/{item}", "/roadmap", "/proofs", "/report.html", "/report.pdf")
    },
    "GET /api/v1/assessments/{seq}/changes": (Call(_C.VIEW_ASSESSMENT, NODE, query={"before": "{seq}"}),),
    "PUT /api/v1/nodes/{node}/roadmap": (
        Call(_C.PLAN_STEP, NODE, json={"pack": "continuous-delivery", "item": "nope", "level": "2"}),
    ),
    "GET /api/v1/assessments/{seq}/bundle": (Call(_C.EXPORT_ASSESSMENT, NODE),),
    "POST /api/v1/nodes/{node}/drills": (
        Call(_C.RECORD_DRILL, NODE, json={"kind": "rollback", "outcome": "success"}),
    ),
    "GET /api/v1/nodes/{node}/statements": (Call(_C.LIST_STATEMENTS, NODE),),
    "POST /api/v1/nodes/{node}/statements": (
        Call(_C.WRITE_STATEMENT, NODE, json={"topic": "nope", "text": "It holds."}),
    ),
    "POST /api/v1/nodes/{node}/statements/review": (
        Call(_C.REVIEW_STATEMENT, NODE, json={"statement": "{statement}", "decision": "accepted"}),
        Call(_C.WITHDRAW_STATEMENT, NODE, json={"statement": "{statement}", "decision": "withdrawn"}),
    ),
    "GET /api/v1/nodes/{node}/statements/file": (Call(_C.LIST_STATEMENTS, NODE, query={"digest": "{digest}"}),),
    "GET /api/v1/nodes/{node}/exemptions": (Call(_C.LIST_EXEMPTIONS, NODE),),
    "POST /api/v1/nodes/{node}/exemptions": (Call(_C.WAIVE_CRITERION, NODE, json={"rule": "nope", "reason": "x"}),),
    "POST /api/v1/nodes/{node}/exemptions/agree": (Call(_C.AGREE_EXEMPTION, NODE, json={"exemption": "{waiver}"}),),
}  # fmt: skip

PEOPLE = {
    "GET /api/v1/people": (Call(_C.LIST_PEOPLE),),
    "GET /api/v1/people/{person}": (Call(_C.VIEW_PERSON, numbers=MEMBER),),
    "POST /api/v1/people": (Call(_C.ADD_PERSON, json={"name": "target"}),),
    "POST /api/v1/people/{person}/invitation": (Call(_C.INVITE_PERSON),),
    "PATCH /api/v1/people/{person}": (Call(_C.CHANGE_PERSON, json={}),),
    "PUT /api/v1/people/{person}/roles": (
        Call(_C.GRANT_ROLE, NODE, json={"role": "viewer", "node": "{core}"}, scopes=AS_VIEWER),
        Call(_C.GRANT_ROLE, json={"role": "viewer"}, scopes=AS_VIEWER),
        Call(_C.GRANT_ROLE, NODE, json={"role": "auditor", "node": "{core}"}, met=NOBODY_ELSE),
    ),
    "DELETE /api/v1/people/{person}/roles": (
        Call(_C.REVOKE_ROLE, NODE, query={"role": "viewer", "node": "{core}"}, scopes=AS_VIEWER),
        Call(_C.REVOKE_ROLE, query={"role": "viewer"}, scopes=AS_VIEWER),
        Call(_C.REVOKE_ROLE, NODE, query={"role": "auditor", "node": "{core}"}, met=NOBODY_ELSE),
    ),
    "GET /api/v1/people/{person}/identities": (Call(_C.VIEW_PERSON, numbers=MEMBER),),
    "PUT /api/v1/people/{person}/identities": (Call(_C.LINK_IDENTITY, json={"name": "nobody"}),),
    "DELETE /api/v1/people/{person}/identities": (Call(_C.UNLINK_IDENTITY, query={"name": "nobody"}),),
    "GET /api/v1/tokens": (Call(_C.LIST_TOKENS),),
    "DELETE /api/v1/tokens/{token}": (Call(_C.REVOKE_TOKEN, passed=NO_TOKEN),),
    "GET /api/v1/me": (Call(_C.VIEW_ACCOUNT),),
    "PATCH /api/v1/me": (Call(_C.CHANGE_ACCOUNT, json={}),),
    "POST /api/v1/me/password": (Call(_C.CHANGE_PASSWORD, json=NEW_PASSWORD, again="password"),),
    "GET /api/v1/me/tokens": (Call(_C.VIEW_ACCOUNT),),
    "POST /api/v1/me/tokens": (Call(_C.CREATE_TOKEN, json={"name": "x", "scopes": ["nope"], "expires": 1}),),
    "DELETE /api/v1/me/tokens/{token}": (Call(_C.REVOKE_OWN_TOKEN, passed=NO_TOKEN),),
    "GET /api/v1/me/stars": (Call(_C.LIST_STARS),),
    "GET /api/v1/me/views/{shelf}": (Call(_C.LIST_VIEWS, numbers=_LIST),),
    "PUT /api/v1/me/views/{shelf}": (Call(_C.SAVE_VIEW, json={"name": "mine", "query": ""}, numbers=_LIST),),
    "DELETE /api/v1/me/views/{shelf}": (Call(_C.SAVE_VIEW, numbers=_LIST, query={"name": "mine"}),),
    "POST /api/v1/session": (Call(_C.SIGN_IN, json={"name": "target", "password": "{password}"}),),
    "DELETE /api/v1/session": (Call(_C.SIGN_OUT, again="session", by=SESSION),),
    "POST /api/v1/setup": (
        Call(_C.SET_UP, json={"link": "x", "name": "x", "password": "x"}, passed=("link-not-valid",)),
    ),
    "POST /api/v1/invitation": (
        Call(_C.ACCEPT_INVITATION, json={"link": "x", "name": "x", "password": "x"}, passed=("link-not-valid",)),
    ),
}

_OPEN = {"uid": "{collection}"}
_NO_CONTRACT = ("There is no contract",)
_NO_DIGEST = {"digest": "sha256:00"}
ATTESTATIONS = {
    "GET /api/v1/projects/{project}/artifacts/{digest}": (
        Call(_C.VIEW_ARTIFACT, PROJECT, numbers={"digest": "{manifest}"}),
    ),
    "POST /api/v1/projects/{project}/artifacts/{digest}/verification": (
        Call(_C.VERIFY_ARTIFACT, PROJECT, numbers=_NO_DIGEST, passed=("is no digest",)),
    ),
    "POST /api/v1/projects/{project}/artifacts/{digest}/export": (
        Call(_C.EXPORT_ARTIFACT, PROJECT, numbers=_NO_DIGEST, passed=("is no digest",)),
    ),
    "GET /api/v1/signing-keys": (Call(_C.READ_SIGNING_KEY),),
    "GET /api/v1/collections/{uid}/statement": (
        Call(_C.VIEW_RUN_STATEMENT, PROJECT, numbers=_OPEN, passed=("is not signed yet",)),
    ),
    "GET /api/v1/nodes/{node}/evidence-contracts": (Call(_C.LIST_EVIDENCE_CONTRACTS, NODE),),
    "PUT /api/v1/nodes/{node}/evidence-contracts": (Call(_C.SAVE_EVIDENCE_CONTRACT, NODE, json={"text": "x"}),),
    "POST /api/v1/nodes/{node}/evidence-contracts/check": (Call(_C.LIST_EVIDENCE_CONTRACTS, NODE, json={"text": "x"}),),
    "GET /api/v1/nodes/{node}/evidence-contracts/{name}": (
        Call(_C.LIST_EVIDENCE_CONTRACTS, NODE, numbers={"name": "nope"}, passed=_NO_CONTRACT),
    ),
    "POST /api/v1/nodes/{node}/evidence-contracts/{name}/retire": (
        Call(_C.SAVE_EVIDENCE_CONTRACT, NODE, numbers={"name": "nope"}, json={"reason": "x"}, passed=_NO_CONTRACT),
    ),
    "GET /api/v1/nodes/{node}/collections": (Call(_C.VIEW_COLLECTIONS, NODE),),
    "GET /api/v1/collections/{uid}": (Call(_C.VIEW_COLLECTIONS, PROJECT, numbers=_OPEN),),
    "GET /api/v1/collections/{uid}/slot": (
        Call(_C.VIEW_COLLECTIONS, PROJECT, numbers=_OPEN, query={"slot": "nope"}, passed=("There is no slot",)),
    ),
    "POST /api/v1/collections/{uid}/close": (Call(_C.CLOSE_COLLECTION, PROJECT, numbers=_OPEN, json={"reason": " "}),),
    "GET /api/v1/pipelines/{pipeline}/evidence": (Call(_C.VIEW_COLLECTIONS, PROJECT),),
    "POST /api/v1/evidence": (
        Call(_C.ADD_EVIDENCE, PROJECT, query={"kind": "junit", "project": "{posting}"}, raw=b"x"),
    ),
    "POST /api/v1/collections/{uid}/statement/export": (
        Call(_C.EXPORT_RUN_STATEMENT, PROJECT, numbers=_OPEN, passed=("is not signed yet",)),
    ),
}

LEDGER = {
    "GET /api/v1/ledger/entries": (Call(_C.SEARCH_LEDGER, shows=(('"some-rule"', _C.VIEW_LEDGER),)),),
    "GET /api/v1/ledger/entries/{seq}": (Call(_C.VIEW_ENTRY, NODE),),
    "POST /api/v1/ledger/export": (Call(_C.EXPORT_LEDGER, json={"who": "nobody"}),),
    "GET /api/v1/ledger/state": (Call(_C.VIEW_LEDGER),),
    "GET /api/v1/ledger/checkpoint": (Call(_C.VIEW_LEDGER, passed=("No checkpoint was made yet",)),),
    "GET /api/v1/ledger/checkpoints": (Call(_C.VIEW_LEDGER),),
    "POST /witness/add-checkpoint": (
        Call(_C.COSIGN_CHECKPOINT, raw=b"{}", passed=("This is not what a witness is asked with",)),
    ),
    "GET /api/v1/ledger/verification": (Call(_C.VERIFY_LEDGER),),
    "POST /api/v1/ledger/verification": (Call(_C.VERIFY_LEDGER, json={"whole": False}),),
    "POST /api/v1/ledger/events": (Call(_C.SEND_EVENT, raw=b"{}"),),
    "GET /api/v1/nodes/{node}/sources": (Call(_C.LIST_SOURCES, NODE),),
    "POST /api/v1/nodes/{node}/sources": (Call(_C.WRITE_SOURCE, NODE, json={"name": "x", "kinds": ["statement.*"]}),),
    "GET /api/v1/sources/{source}": (Call(_C.LIST_SOURCES, NODE),),
    "PUT /api/v1/sources/{source}": (Call(_C.WRITE_SOURCE, NODE, json={"kinds": ["statement.*"]}),),
    "POST /api/v1/sources/{source}/renew": (Call(_C.WRITE_SOURCE, NODE, json={}),),
    "DELETE /api/v1/sources/{source}": (Call(_C.REVOKE_SOURCE, NODE, again="source"),),
    "POST /api/v1/events": (Call(_C.RECEIVE_EVENTS, raw=b"{}", passed=("source-unknown",)),),
    "GET /api/v1/events/types": (Call(_C.READ_EVENT_TYPES),),
    "GET /api/v1/events/types/{type}": (
        Call(_C.READ_EVENT_TYPES, numbers={"type": "x"}, passed=("No event of the type",)),
    ),
    "GET /api/v1/resolve": (
        Call(_C.SEARCH, PROJECT, query={"q": "posting"}, shows=(("{path of posting}", _C.VIEW_NODE),)),
        Call(_C.SEARCH, PROJECT, query={"q": "{pipeline}"}, shows=(('"/pipelines/{pipeline}"', _C.VIEW_PIPELINE),)),
        Call(_C.SEARCH, PROJECT, query={"q": "{manifest}"}, shows=(("/artifacts/{manifest}", _C.VIEW_ARTIFACT),)),
        Call(_C.SEARCH, PROJECT, query={"q": "later"}, shows=(('"/jobs/', _C.VIEW_PIPELINE),)),
        Call(_C.SEARCH, INSTALLATION, query={"q": "developer-core"}, shows=(('"/people/{member}"', _C.VIEW_PERSON),)),
        Call(_C.SEARCH, NODE, query={"q": "{seq}"}, shows=(('"/ledger/{seq}"', _C.VIEW_ENTRY),)),
    ),
}

_QUARANTINE = {"owner": "mei", "reason": "A reason.", "until": 1}
_SETTLED = {"decision": "{settled}"}
_DECISION = {"findings": ["{finding}"], "act": "accept", "reason": "A reason."}

REPORTS = {
    "GET /api/v1/pipelines/{pipeline}/reports": (Call(_C.VIEW_REPORTS, PROJECT),),
    "GET /api/v1/pipelines/{pipeline}/summary": (Call(_C.VIEW_REPORTS, PROJECT),),
    "GET /api/v1/pipelines/{pipeline}/coverage": (Call(_C.VIEW_REPORTS, PROJECT),),
    "GET /api/v1/pipelines/{pipeline}/tests": (Call(_C.VIEW_REPORTS, PROJECT),),
    "GET /api/v1/reports/{report}": (Call(_C.VIEW_REPORTS, PROJECT),),
    "POST /api/v1/reports": (Call(_C.ADD_REPORT, PROJECT, query={"kind": "junit", "project": "{posting}"}, raw=b"x"),),
    "POST /api/v1/events/reports": (
        Call(_C.SEND_REPORT, query={"kind": "junit"}, raw=b"x", passed=("source-unknown",)),
    ),
    "GET /api/v1/nodes/{node}/standings": (
        Call(_C.LIST_STANDINGS, NODE, shows=(('"{path of posting}"', _C.LIST_STANDINGS),)),
    ),
    "GET /api/v1/projects/{project}/tests/{case}": (Call(_C.VIEW_REPORTS, PROJECT),),
    "GET /api/v1/projects/{project}/quarantines": (Call(_C.VIEW_REPORTS, PROJECT),),
    "PUT /api/v1/projects/{project}/tests/{case}/quarantine": (Call(_C.QUARANTINE_TEST, PROJECT, json=_QUARANTINE),),
    "DELETE /api/v1/projects/{project}/tests/{case}/quarantine": (Call(_C.QUARANTINE_TEST, PROJECT),),
    "GET /api/v1/nodes/{node}/findings": (Call(_C.LIST_FINDINGS, NODE, shows=(("finding-three", _C.LIST_FINDINGS),)),),
    "GET /api/v1/findings/{finding}": (Call(_C.VIEW_FINDINGS, PROJECT),),
    "GET /api/v1/projects/{project}/scans": (Call(_C.VIEW_FINDINGS, PROJECT),),
    "POST /api/v1/findings/decisions": (Call(_C.DECIDE_FINDING, PROJECT, json=_DECISION),),
    "POST /api/v1/decisions/{decision}/approve": (Call(_C.APPROVE_DECISION, PROJECT, numbers=_SETTLED),),
    "POST /api/v1/decisions/{decision}/reject": (Call(_C.APPROVE_DECISION, PROJECT, numbers=_SETTLED),),
}

_OVER = {"waiver": "{gate_waiver_over}"}
_NO_POLICY = {"numbers": {"name": "none"}, "passed": ("There is no policy",)}

GATES = {
    "GET /api/v1/nodes/{node}/policies": (Call(_C.LIST_POLICIES, NODE), Call(_C.LIST_POLICIES)),
    "GET /api/v1/nodes/{node}/policies/{name}": (Call(_C.LIST_POLICIES, NODE, **_NO_POLICY),),
    "PUT /api/v1/nodes/{node}/policies": (
        Call(_C.SAVE_POLICY, NODE, json={"text": "x"}),
        Call(_C.SAVE_POLICY, json={"text": "x"}),
    ),
    "POST /api/v1/nodes/{node}/policies/check": (Call(_C.LIST_POLICIES, NODE, json={"text": "x"}),),
    "POST /api/v1/nodes/{node}/policies/{name}/retire": (
        Call(_C.SAVE_POLICY, NODE, json={"reason": "A reason."}, **_NO_POLICY),
    ),
    "POST /api/v1/pipelines/{pipeline}/policies/try": (Call(_C.TRY_POLICY, PROJECT, json={"text": "x"}),),
    "POST /api/v1/projects/{project}/gates": (Call(_C.EVALUATE_GATE, PROJECT, json={}),),
    "GET /api/v1/projects/{project}/gates": (Call(_C.VIEW_EVALUATIONS, PROJECT, query={"commit": ""}),),
    "GET /api/v1/pipelines/{pipeline}/gates": (Call(_C.VIEW_EVALUATIONS, PROJECT),),
    "POST /api/v1/jobs/gate": (Call(_C.ASK_GATE_AS_JOB, json={}, passed=("unknown-credential",)),),
    "POST /api/v1/jobs/gate/words": (Call(_C.ASK_GATE_AS_JOB, json={}, passed=("unknown-credential",)),),
    "GET /api/v1/nodes/{node}/evaluations": (
        Call(_C.VIEW_EVALUATIONS, NODE, shows=(('"evaluation-1"', _C.VIEW_EVALUATIONS),)),
    ),
    "GET /api/v1/evaluations/{evaluation}": (Call(_C.VIEW_EVALUATIONS, PROJECT),),
    "POST /api/v1/evaluations/{evaluation}/replay": (Call(_C.VIEW_EVALUATIONS, PROJECT),),
    "GET /api/v1/evaluations/{evaluation}/export": (Call(_C.VIEW_EVALUATIONS, PROJECT),),
    "GET /api/v1/nodes/{node}/waivers": (Call(_C.LIST_WAIVERS, NODE), Call(_C.LIST_WAIVERS)),
    "POST /api/v1/nodes/{node}/waivers": (
        Call(_C.ASK_WAIVER, NODE, json={"rule_set": "build", "line": "passed", "reason": "A reason.", "ends": 1}),
    ),
    "GET /api/v1/waivers/{waiver}": (Call(_C.LIST_WAIVERS, PROJECT, numbers=_OVER),),
    "POST /api/v1/waivers/{waiver}/decide": (Call(_C.DECIDE_WAIVER, PROJECT, json={"agree": True}, numbers=_OVER),),
    "POST /api/v1/waivers/{waiver}/end": (Call(_C.END_WAIVER, PROJECT, numbers=_OVER),),
}

OPERATIONS = PIPELINES | PROJECTS | NODES | GRADES | PEOPLE | ATTESTATIONS | LEDGER | REPORTS | GATES
