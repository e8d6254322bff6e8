"""Every page, what is done on pages, and the streams they listen to, as :mod:`table_api` has the operations."""

from __future__ import annotations

from hashlib import sha256

from table_api import ADMINS, MEMBER, NEW_PASSWORD, NO_PACK, NO_TOKEN, NOBODY_ELSE
from table_call import INSTALLATION, NODE, PROJECT, TOKEN, Call

from plumbline.access import Permission, use_cases

_C, _P = use_cases, Permission
_CREDENTIAL = {"scheme": "https", "host": "git.bank.example"}
_SHORT = {"name": "NEW", "value": "short", "masked": "1"}
_LINES = {**_CREDENTIAL, "secret": "two\nlines"}
_AT_NODE = (  # what is shown of a node, and what can be done there
    ("VAR_{name}", _C.LIST_VARIABLES),
    ("git-{name}.example", _C.LIST_CREDENTIALS),
    ('action="/nodes/{node}/variables"', _C.WRITE_VARIABLE),
    ('action="/nodes/{node}/repository-credentials"', _C.WRITE_CREDENTIAL),
    ('action="/nodes/{node}/title"', _C.CHANGE_SETTINGS),
    ('action="/nodes/{node}/settings"', _C.CHANGE_SETTINGS),
    ('action="/nodes/{node}/archive"', _C.ARCHIVE_NODE),
    ('value="ci.isolation"', _C.CHANGE_SETTINGS, _P.INSTANCE_MANAGE),
)
_LEDGER_OF_NODE = ('"/ledger?scope=', _C.SEARCH_LEDGER)
_WATCHED = {"pipeline": "{watched}", "job": "{watched job}"}
_ASKED, _JUDGED = {"waiver": "{gate_waiver_shown}"}, {"uid": "{evaluation}"}
_COLLECTED, _OVER = {"uid": "{collection}"}, {"waiver": "{gate_waiver_over}"}
_MENU = (
    ('href="/runners"', _C.LIST_RUNNERS),
    ('href="/people"', _C.LIST_PEOPLE),
    ('href="/installation"', _C.VIEW_INSTALLATION),
)

PIPELINES = {
    "GET /": (Call(_C.LIST_NODES, PROJECT, shows=(
        ('"{path of posting}"', _C.VIEW_REPOSITORY), ("/pipelines/{pipeline}", _C.LIST_PIPELINES))),),
    "GET /estate": (Call(_C.LIST_NODES, PROJECT, shows=(
        ('"{path of posting}"', _C.VIEW_REPOSITORY), ("/pipelines/{pipeline}", _C.LIST_PIPELINES))),),
    "GET /work": (Call(_C.LIST_PIPELINES, PROJECT),),
    "GET /pipelines": (Call(_C.LIST_PIPELINES, PROJECT, shows=(("/pipelines/{pipeline}", _C.LIST_PIPELINES),)),),
    "GET /projects": (Call(_C.LIST_PIPELINES, PROJECT, shows=(('"/projects/{posting}"', _C.LIST_PIPELINES),)),),
    "GET /nodes/{node:int}/projects": (
        Call(_C.VIEW_NODE, NODE, shows=(('"/projects/{clearing}"', _C.LIST_PIPELINES),), besides=(_C.LIST_PIPELINES,)),
    ),
    "GET /nodes/{node:int}/pipelines": (Call(_C.LIST_NODE_PIPELINES, NODE),),
    "GET /projects/{node:int}": (Call(_C.LIST_PROJECT_PIPELINES, PROJECT, shows=(
        _LEDGER_OF_NODE, ('"/assessments?node={posting}"', _C.LIST_NODE_ASSESSMENTS),
        ('href="/projects/{posting}/run"', _C.RUN_PIPELINE))),),
    "GET /projects/{node:int}/run": (Call(_C.RUN_PIPELINE, PROJECT),),
    "GET /projects/{node:int}/refs": (Call(_C.RUN_PIPELINE, PROJECT),),
    "POST /projects/{node:int}/run": (Call(_C.RUN_PIPELINE, PROJECT),),
    "GET /pipelines/{pipeline:int}": (Call(_C.VIEW_PIPELINE, PROJECT, numbers=_WATCHED, shows=(
        ("/pipelines/{watched}/cancel", _C.CANCEL_PIPELINE), ("/jobs/{manual job}/play", _C.PLAY_JOB),
        ("/jobs/{watched job}/retry", _C.RETRY_JOB))),),
    "GET /pipelines/{pipeline:int}/file": (
        Call(_C.VIEW_CONFIGURATION, PROJECT, query={"name": "no.yml"}, passed=("was not made of",)),),
    "POST /pipelines/{pipeline:int}/cancel": (Call(_C.CANCEL_PIPELINE, PROJECT),),
    "POST /pipelines/{pipeline:int}/retry": (Call(_C.RETRY_PIPELINE, PROJECT),),
    "GET /jobs/{job:int}": (
        Call(_C.VIEW_JOB, PROJECT, numbers=_WATCHED, shows=(
            ("/jobs/{watched job}/retry", _C.RETRY_JOB), ("/jobs/{watched job}/artifacts/keep", _C.KEEP_ARTIFACTS),
            ("/jobs/{watched job}/artifacts/file", _C.DOWNLOAD_ARTIFACTS))),
        Call(_C.VIEW_JOB, PROJECT, numbers={"job": "{manual job}"}, shows=(
            ("/jobs/{manual job}/play", _C.PLAY_JOB), ("/jobs/{manual job}/cancel", _C.CANCEL_JOB))),
    ),
    **{f"GET /jobs/{{job:int}}/{part}": (Call(_C.READ_LOG, PROJECT),) for part in
       ("lines", "error", "raw", "search", "live")},
    "POST /jobs/{job:int}/play": (Call(_C.PLAY_JOB, PROJECT),),
    "POST /jobs/{job:int}/retry": (Call(_C.RETRY_JOB, PROJECT),),
    "POST /jobs/{job:int}/cancel": (Call(_C.CANCEL_JOB, PROJECT),),
    "GET /jobs/{job:int}/artifacts/file": (Call(_C.DOWNLOAD_ARTIFACTS, PROJECT, query={"name": "artifacts.zip"}),),
    "POST /jobs/{job:int}/artifacts/keep": (Call(_C.KEEP_ARTIFACTS, PROJECT),),
    "POST /jobs/{job:int}/artifacts/let-go": (Call(_C.KEEP_ARTIFACTS, PROJECT),),
    "GET /runners": (Call(_C.LIST_RUNNERS),),
}  # fmt: skip

REPORTS = {
    "GET /pipelines/{pipeline:int}/tests": (Call(_C.VIEW_REPORTS, PROJECT, numbers=_WATCHED),),
    "GET /projects/{node:int}/tests": (Call(_C.VIEW_REPORTS, PROJECT),),
    "GET /projects/{node:int}/tests/{case:int}": (Call(_C.VIEW_REPORTS, PROJECT),),
    "POST /projects/{node:int}/tests/{case:int}/quarantine": (
        Call(_C.QUARANTINE_TEST, PROJECT, form={"owner": "mei", "reason": "it waits"}),),
    "POST /projects/{node:int}/tests/{case:int}/release": (Call(_C.QUARANTINE_TEST, PROJECT),),
}  # fmt: skip
_ACT = {"act": "accept", "reason": "it is known"}
REPORTS |= {
    "GET /tests": (Call(_C.LIST_STANDINGS),),
    "GET /findings": (Call(_C.LIST_STANDINGS),),
    "GET /nodes/{node:int}/tests": (Call(_C.LIST_STANDINGS, NODE),),
    "GET /nodes/{node:int}/findings": (Call(_C.LIST_STANDINGS, NODE),),
    "GET /pipelines/{pipeline:int}/coverage": (Call(_C.VIEW_REPORTS, PROJECT, numbers=_WATCHED),),
    "GET /pipelines/{pipeline:int}/coverage/file": (
        Call(_C.VIEW_REPORTS, PROJECT, numbers=_WATCHED, query={"report": "999999", "path": "x"},
             passed=("There is no report",)),),
    "GET /projects/{node:int}/coverage": (Call(_C.VIEW_REPORTS, PROJECT),),
    "GET /projects/{node:int}/components": (Call(_C.VIEW_REPORTS, PROJECT),),
    "GET /pipelines/{pipeline:int}/contracts": (Call(_C.VIEW_REPORTS, PROJECT, numbers=_WATCHED),),
    "GET /pipelines/{pipeline:int}/findings": (Call(_C.VIEW_FINDINGS, PROJECT, numbers=_WATCHED),),
    "GET /projects/{node:int}/findings": (Call(_C.VIEW_FINDINGS, PROJECT),),
    "GET /findings/{finding:int}": (Call(_C.VIEW_FINDINGS, PROJECT),),
    "POST /projects/{node:int}/findings/decide": (
        Call(_C.DECIDE_FINDING, PROJECT, form={"finding": "{finding}", **_ACT}),),
    "POST /findings/{finding:int}/decide": (Call(_C.DECIDE_FINDING, PROJECT, form=_ACT),),
    "POST /findings/{finding:int}/agree": (
        Call(_C.APPROVE_DECISION, PROJECT, form={"decision": "{settled}", "agree": "1"}),),
}  # fmt: skip

_IMAGE = {"digest": "{manifest}"}
_FILE = {"digest": f"sha256:{sha256(b'').hexdigest()}"}  # of a package
ARTIFACTS = {
    "GET /artifacts": (Call(_C.LIST_REPOSITORIES, PROJECT, shows=(("{path of posting}", _C.LIST_ARTIFACTS),)),),
    "GET /nodes/{node:int}/artifacts": (Call(_C.LIST_ARTIFACTS, NODE),),
    "GET /projects/{node:int}/repository": (Call(_C.LIST_ARTIFACTS, PROJECT, query={"name": ""}),),
    "GET /projects/{node:int}/package": (Call(_C.LIST_ARTIFACTS, PROJECT, query={"name": "app"}),),
    "GET /projects/{node:int}/artifacts/{digest}": (Call(_C.VIEW_ARTIFACT, PROJECT, numbers=_IMAGE),),
    "POST /projects/{node:int}/artifacts/{digest}/untag": (
        Call(_C.DELETE_ARTIFACT, PROJECT, numbers=_IMAGE, form={"repository": "{path of posting}", "tag": "none"},
             passed=("has no tag",)),),
    "POST /projects/{node:int}/artifacts/{digest}/delete": (
        Call(_C.DELETE_ARTIFACT, PROJECT, numbers=_IMAGE), Call(_C.DELETE_PACKAGE, PROJECT, numbers=_FILE)),
    "POST /projects/{node:int}/artifacts/{digest}/verify": (Call(_C.VERIFY_ARTIFACT, PROJECT, numbers=_IMAGE),),
    "POST /projects/{node:int}/artifacts/{digest}/export": (Call(_C.EXPORT_ARTIFACT, PROJECT, numbers=_IMAGE),),
    "GET /projects/{node:int}/robots": (Call(_C.LIST_ROBOTS, PROJECT),),
    "POST /projects/{node:int}/robots": (Call(_C.WRITE_ROBOT, PROJECT, form={"name": "NO NAME", "days": "1"}),),
    "POST /projects/{node:int}/robots/revoke": (
        Call(_C.WRITE_ROBOT, PROJECT, form={"robot": "999999"}, passed=("has no robot",)),),
}  # fmt: skip

PROJECTS = {
    "GET /projects/{node:int}/settings": (Call(_C.VIEW_NODE, PROJECT, shows=(
        *_AT_NODE, ("ref-of-delivery", _C.LIST_DELIVERIES), ("elsewhere.example/posting.git", _C.VIEW_REPOSITORY),
        ('action="/projects/{posting}/repository"', _C.BIND_REPOSITORY),
        ('action="/projects/{posting}/webhook"', _C.RENEW_WEBHOOK))),),
    "POST /projects/{node:int}/repository": (
        Call(_C.BIND_REPOSITORY, PROJECT, form={"kind": "git", "url": "https://elsewhere.example/x.git"}),
        Call(_C.BIND_REPOSITORY, PROJECT, form={"kind": "git", "url": "/srv/x.git"}, met=ADMINS, again="binding"),
    ),
    "POST /projects/{node:int}/webhook": (Call(_C.RENEW_WEBHOOK, PROJECT, form={"signing_token": "no"}),),
    "GET /projects/{node:int}/connection": (Call(_C.LIST_DELIVERIES, PROJECT, shows=(
        ("ref-of-delivery", _C.LIST_DELIVERIES), ("elsewhere.example/posting.git", _C.VIEW_REPOSITORY),
        ('action="/projects/{posting}/repository"', _C.BIND_REPOSITORY)), besides=(_C.LIST_TELLINGS,)),),
    "POST /projects/{node:int}/connection/test": (Call(_C.TEST_CONNECTION, PROJECT),),
    "POST /projects/{node:int}/connection/secret": (Call(_C.RENEW_WEBHOOK, PROJECT, again="binding"),),
    "POST /projects/{node:int}/connection/hook": (Call(_C.BIND_REPOSITORY, PROJECT, met=ADMINS),),
    "GET /projects/{node:int}/proposal": (Call(_C.VIEW_REPOSITORY, PROJECT, shows=(
        ('action="/projects/{posting}/proposal"', _C.RUN_PIPELINE),)),),
    "POST /projects/{node:int}/proposal": (Call(_C.RUN_PIPELINE, PROJECT),),
    "GET /projects/{node:int}/schedules": (Call(_C.LIST_SCHEDULES, PROJECT, shows=(
        ('action="/projects/{posting}/schedules"', _C.WRITE_SCHEDULE), ("/schedules/switch", _C.WRITE_SCHEDULE),
        ("/schedules/remove", _C.REMOVE_SCHEDULE), ("/schedules/play", _C.PLAY_SCHEDULE))),),
    "POST /projects/{node:int}/schedules": (Call(_C.WRITE_SCHEDULE, PROJECT, form={"cron": "often"}),),
    "POST /projects/{node:int}/schedules/switch": (
        Call(_C.WRITE_SCHEDULE, PROJECT, form={"schedule": "{schedule}", "active": "1"}),
    ),
    "POST /projects/{node:int}/schedules/remove": (
        Call(_C.REMOVE_SCHEDULE, PROJECT, form={"schedule": "{schedule}"}, again="schedule"),
    ),
    "POST /projects/{node:int}/schedules/play": (Call(_C.PLAY_SCHEDULE, PROJECT, form={"schedule": "{schedule}"}),),
}  # fmt: skip

NODES = {
    "GET /tour": (Call(_C.LIST_NODES, PROJECT, besides=(_C.VIEW_ACCOUNT,)),),
    "POST /tour": (Call(_C.CHANGE_ACCOUNT, form={"left": "0"}),),
    "GET /tree": (
        Call(_C.LIST_NODES, PROJECT, shows=(
            ('"/projects/{posting}"', _C.VIEW_REPOSITORY), ('class="state s-', _C.LIST_PIPELINES))),
        Call(_C.LIST_NODES, NODE, shows=(('<option value="{core}"', _C.CREATE_PROJECT),)),
        Call(_C.LIST_NODES, shows=(('<option value="0"', _C.CREATE_NODE), ('href="/ledger"', _C.SEARCH_LEDGER))),
    ),
    "POST /tree": (
        Call(_C.CREATE_NODE, NODE, form={"kind": "system", "name": "x", "parent": "{core}"}),
        Call(_C.CREATE_NODE, form={"kind": "system", "name": "x"}),
        Call(_C.CREATE_PROJECT, NODE, form={"kind": "project", "name": "x.git", "parent": "{core}"}),
        Call(_C.BIND_REPOSITORY, NODE, met=ADMINS, again="count", form={
            "kind": "project", "name": "made-{count}", "parent": "{core}", "url": "/srv/made-{count}.git"}),
    ),
    "GET /nodes/{node:int}": (Call(_C.VIEW_NODE, NODE, shows=(
        _LEDGER_OF_NODE, ('"/tree?below={core}"', _C.CREATE_PROJECT)), besides=(_C.LIST_PIPELINES,)),),
    "GET /nodes/{node:int}/settings": (Call(_C.VIEW_NODE, NODE, shows=_AT_NODE),),
    "GET /nodes/{node:int}/environments": (Call(_C.VIEW_NODE, NODE, besides=(_C.LIST_PIPELINES,)),),
    "GET /environments": (Call(_C.LIST_PIPELINES, PROJECT),),
    "POST /nodes/{node:int}/star": (Call(_C.STAR_NODE, NODE),),
    "POST /nodes/{node:int}/settings": (
        Call(_C.CHANGE_SETTINGS, NODE, form={"setting": "nope", "setting_value": "1"}),
        Call(_C.CHANGE_SETTINGS, NODE, form={"setting": "ci.isolation", "setting_value": "none"}, met=ADMINS,
             again="node"),
    ),
    "POST /nodes/{node:int}/settings/remove": (Call(_C.CHANGE_SETTINGS, NODE, form={"setting": "nope"}),),
    "POST /nodes/{node:int}/title": (Call(_C.CHANGE_SETTINGS, NODE, form={"new_title": ""}),),
    "POST /nodes/{node:int}/archive": (Call(_C.ARCHIVE_NODE, NODE, form={"archived": "0"}),),
    "GET /nodes/{node:int}/place": (
        Call(_C.VIEW_NODE, NODE, shows=(
            ('name="new_name"', _C.RENAME_NODE),
            ('id="delete"', _C.DELETE_NODE, _P.INSTANCE_MANAGE))),
        Call(_C.VIEW_NODE, PROJECT, shows=(('name="new_name"', _C.RENAME_PROJECT),)),
    ),
    "POST /nodes/{node:int}/place": (
        Call(_C.RENAME_NODE, NODE, form={"new_name": "x.git", "old_path": "{path of core}"}),
        Call(_C.RENAME_PROJECT, PROJECT, form={"new_name": "x.git", "old_path": "{path of posting}"}),
        Call(_C.MOVE_NODE, NODE, form={"new_name": "x.git", "parent": "{bank}", "old_path": "{path of core}"}),
    ),
    "GET /nodes/{node:int}/members": (Call(_C.LIST_MEMBERS, NODE, shows=(('id="grant"', _C.GRANT_ROLE),)),),
    "POST /nodes/{node:int}/members": (
        Call(_C.GRANT_ROLE, NODE, form={"person": "author", "role": "viewer"}),
        Call(_C.GRANT_ROLE, NODE, form={"person": "author", "role": "auditor"}, met=NOBODY_ELSE),
    ),
    "POST /nodes/{node:int}/members/revoke": (
        Call(_C.REVOKE_ROLE, NODE, form={"person": "{person}", "role": "viewer"}),
        Call(_C.REVOKE_ROLE, NODE, form={"person": "{person}", "role": "auditor"}, met=NOBODY_ELSE),
    ),
    "POST /nodes/{node:int}/delete": (Call(_C.DELETE_NODE, NODE, form={"gone_path": "elsewhere"}, met=ADMINS),),
    "POST /nodes/{node:int}/variables": (Call(_C.WRITE_VARIABLE, NODE, form=_SHORT),),
    "POST /nodes/{node:int}/variables/remove": (Call(_C.REMOVE_VARIABLE, NODE, form={"name": "NONE", "scope": "*"}),),
    "POST /nodes/{node:int}/repository-credentials": (Call(_C.WRITE_CREDENTIAL, NODE, form=_LINES),),
    "POST /nodes/{node:int}/repository-credentials/remove": (Call(_C.REMOVE_CREDENTIAL, NODE, form=_CREDENTIAL),),
    "GET /nodes/{node:int}/sources": (Call(_C.LIST_SOURCES, NODE, shows=(
        ("source-of-core", _C.LIST_SOURCES), ('post" action="/nodes/{core}/sources"', _C.WRITE_SOURCE))),),
    "POST /nodes/{node:int}/sources": (
        Call(_C.WRITE_SOURCE, NODE, form={"kind": "generic", "name": "x", "kinds": "statement.*"}),
    ),
    "GET /sources/{source:int}": (Call(_C.LIST_SOURCES, NODE, shows=(
        ('action="/sources/{source}"', _C.WRITE_SOURCE), ('action="/sources/{source}/revoke"', _C.REVOKE_SOURCE))),),
    "POST /sources/{source:int}": (
        Call(_C.WRITE_SOURCE, NODE, form={"kind": "generic", "kinds": "statement.*"}),
    ),
    "POST /sources/{source:int}/renew": (Call(_C.WRITE_SOURCE, NODE),),
    "POST /sources/{source:int}/revoke": (Call(_C.REVOKE_SOURCE, NODE, again="source"),),
    "GET /installation": (Call(_C.VIEW_INSTALLATION, shows=(
        ('id="state"', _C.VIEW_INSTALLATION), ("VAR_all", _C.LIST_VARIABLES),
        ('href="/nodes/0/sources"', _C.LIST_SOURCES),
        ("git-all.example", _C.LIST_CREDENTIALS), ('action="/installation/variables"', _C.WRITE_VARIABLE),
        ('action="/installation/repository-credentials"', _C.WRITE_CREDENTIAL))),),
    "POST /installation/variables": (Call(_C.WRITE_VARIABLE, form=_SHORT),),
    "POST /installation/variables/remove": (Call(_C.REMOVE_VARIABLE, form={"name": "NONE", "scope": "*"}),),
    "POST /installation/repository-credentials": (Call(_C.WRITE_CREDENTIAL, form=_LINES),),
    "POST /installation/repository-credentials/remove": (Call(_C.REMOVE_CREDENTIAL, form=_CREDENTIAL),),
}  # fmt: skip

GRADES = {
    "GET /assessments": (
        Call(_C.LIST_ASSESSMENTS, NODE, shows=(
            ("/assessments/{seq}", _C.LIST_ASSESSMENTS), ("continuous-delivery", _C.LIST_PACKS))),
        Call(
            _C.LIST_NODE_ASSESSMENTS,
            NODE,
            query={"node": "{core}"},
            shows=(("/assessments/{seq}", _C.LIST_ASSESSMENTS), ('action="/nodes/{core}/assess"', _C.RUN_ASSESSMENT)),
        ),
    ),
    "POST /nodes/{node:int}/assess": (Call(_C.RUN_ASSESSMENT, NODE, form={"pack": "nope"}, passed=NO_PACK),),
    "GET /nodes/{node:int}/grades": (Call(_C.VIEW_GRADES, NODE),),
    **{
        f"GET /assessments/{{seq:int}}{part}": (Call(_C.VIEW_ASSESSMENT, NODE),)
        for part in ("", "/items/{item}", "/roadmap", "/proofs", "/report.html", "/report.pdf")
    },
    "GET /assessments/{seq:int}/changes": (Call(_C.VIEW_ASSESSMENT, NODE, query={"before": "{seq}"}),),
    "POST /nodes/{node:int}/roadmap": (
        Call(_C.PLAN_STEP, NODE, form={"pack": "continuous-delivery", "step": "nope 2", "assessment": "1"}),
    ),
    "GET /assessments/{seq:int}/bundle": (Call(_C.EXPORT_ASSESSMENT, NODE),),
    "GET /nodes/{node:int}/topics": (Call(_C.LIST_STATEMENTS, NODE),),
    "GET /nodes/{node:int}/statements": (
        Call(_C.LIST_STATEMENTS, NODE, shows=(
            ('action="/nodes/{core}/statements"', _C.WRITE_STATEMENT), ("statements/review", _C.REVIEW_STATEMENT),
            ('action="/nodes/{core}/drills"', _C.RECORD_DRILL))),
    ),
    "POST /nodes/{node:int}/statements": (Call(_C.WRITE_STATEMENT, NODE, form={"topic": "nope", "text": "x"}),),
    "POST /nodes/{node:int}/drills": (Call(_C.RECORD_DRILL, NODE, form={"kind": "rollback", "outcome": "success"}),),
    "POST /nodes/{node:int}/statements/review": (
        Call(_C.REVIEW_STATEMENT, NODE, form={"statement": "{statement}", "decision": "accepted"}),
        Call(_C.WITHDRAW_STATEMENT, NODE, form={"statement": "{statement}", "decision": "withdrawn"}),
    ),
    "GET /nodes/{node:int}/statements/file": (Call(_C.LIST_STATEMENTS, NODE, query={"digest": "{digest}"}),),
    "GET /nodes/{node:int}/exemptions": (
        Call(_C.LIST_EXEMPTIONS, NODE, shows=(
            ('action="/nodes/{core}/exemptions"', _C.WAIVE_CRITERION), ("exemptions/agree", _C.AGREE_EXEMPTION))),
    ),
    "POST /nodes/{node:int}/exemptions": (Call(_C.WAIVE_CRITERION, NODE, form={"rule": "nope", "reason": "x"}),),
    "POST /nodes/{node:int}/exemptions/agree": (Call(_C.AGREE_EXEMPTION, NODE, form={"exemption": "{waiver}"}),),
}  # fmt: skip

_WAIVED = {"rule_set": "build", "line": "nope", "reason": "A reason.", "until": "2001-01-01"}
GATES = {
    "GET /nodes/{node:int}/policies": (Call(_C.LIST_POLICIES, NODE, shows=(
        ('"/nodes/{core}/policy"', _C.SAVE_POLICY),)), Call(_C.LIST_POLICIES)),
    "GET /nodes/{node:int}/policy": (Call(_C.LIST_POLICIES, NODE, query={"name": "build"}, shows=(
        ('action="/nodes/{core}/policy/retire"', _C.SAVE_POLICY),)),),
    "POST /nodes/{node:int}/policy": (Call(_C.SAVE_POLICY, NODE, form={"text": "policy: ["}),),
    "POST /nodes/{node:int}/policy/check": (Call(_C.LIST_POLICIES, NODE, form={"text": "policy: ["}),),
    "POST /nodes/{node:int}/policy/try": (
        Call(_C.TRY_POLICY, PROJECT, form={"text": "policy: [", "pipeline": "{watched}"}),),
    "POST /nodes/{node:int}/policy/retire": (Call(_C.SAVE_POLICY, NODE, form={"name": "build", "reason": ""}),),
    "GET /nodes/{node:int}/gates": (Call(_C.VIEW_EVALUATIONS, NODE, shows=(
        ("/evaluations/{evaluation}", _C.VIEW_EVALUATIONS),)),),
    "GET /pipelines/{pipeline:int}/gates": (Call(_C.VIEW_EVALUATIONS, PROJECT, numbers=_WATCHED, shows=(
        ('action="/projects/{posting}/gates"', _C.EVALUATE_GATE),)),),
    "GET /projects/{node:int}/gates": (Call(_C.VIEW_EVALUATIONS, PROJECT, query={"commit": "ab" * 20}),),
    "POST /projects/{node:int}/gates": (
        Call(_C.EVALUATE_GATE, PROJECT, form={"act": "pipeline", "pipeline": "{watched}"}),),
    "GET /evaluations/{uid}": (Call(_C.VIEW_EVALUATIONS, PROJECT, numbers=_JUDGED),),
    "GET /evaluations/{uid}/file": (Call(_C.VIEW_EVALUATIONS, PROJECT, numbers=_JUDGED),),
    "GET /nodes/{node:int}/waivers": (Call(_C.LIST_WAIVERS, NODE, shows=(
        ('action="/nodes/{core}/waivers"', _C.ASK_WAIVER),)), Call(_C.LIST_WAIVERS)),
    "POST /nodes/{node:int}/waivers": (Call(_C.ASK_WAIVER, PROJECT, form=_WAIVED),),
    "GET /waivers/{waiver:int}": (Call(_C.LIST_WAIVERS, PROJECT, numbers=_ASKED, shows=(
        ('action="/waivers/{gate_waiver_shown}/decide"', _C.DECIDE_WAIVER),)),),
    "POST /waivers/{waiver:int}/decide": (
        Call(_C.DECIDE_WAIVER, PROJECT, numbers=_OVER, form={"agree": "1"}),),
    "POST /waivers/{waiver:int}/end": (Call(_C.END_WAIVER, PROJECT, numbers=_OVER),),
    "GET /threats": (Call(_C.READ_THREAT_MODEL),),
    "GET /nodes/{node:int}/evidence-contracts": (Call(_C.LIST_EVIDENCE_CONTRACTS, NODE, shows=(
        ('"/nodes/{core}/evidence-contract"', _C.SAVE_EVIDENCE_CONTRACT),)), Call(_C.LIST_EVIDENCE_CONTRACTS)),
    "GET /nodes/{node:int}/evidence-contract": (Call(_C.LIST_EVIDENCE_CONTRACTS, NODE, shows=(
        ('action="/nodes/{core}/evidence-contract"', _C.SAVE_EVIDENCE_CONTRACT),)),),
    "POST /nodes/{node:int}/evidence-contract": (
        Call(_C.SAVE_EVIDENCE_CONTRACT, NODE, form={"text": "contract: ["}),),
    "POST /nodes/{node:int}/evidence-contract/check": (
        Call(_C.LIST_EVIDENCE_CONTRACTS, NODE, form={"text": "contract: ["}),),
    "POST /nodes/{node:int}/evidence-contract/retire": (
        Call(_C.SAVE_EVIDENCE_CONTRACT, NODE, form={"name": "due"}, passed=("There is no contract due",)),),
    "GET /nodes/{node:int}/evidence": (Call(_C.VIEW_COLLECTIONS, NODE, shows=(
        ('"/collections/{collection}"', _C.VIEW_COLLECTIONS),)),),
    "GET /pipelines/{pipeline:int}/evidence": (Call(_C.VIEW_COLLECTIONS, PROJECT),),
    "GET /collections/{uid}": (Call(_C.VIEW_COLLECTIONS, PROJECT, numbers=_COLLECTED, shows=(
        ('action="/collections/{collection}/close"', _C.CLOSE_COLLECTION),)),),
    "POST /collections/{uid}/close": (Call(_C.CLOSE_COLLECTION, PROJECT, numbers=_COLLECTED, form={"reason": ""}),),
    "GET /collections/{uid}/statement": (Call(_C.VIEW_RUN_STATEMENT, PROJECT, numbers=_COLLECTED),),
    "POST /collections/{uid}/statement": (Call(_C.EXPORT_RUN_STATEMENT, PROJECT, numbers=_COLLECTED),),
}  # fmt: skip

PEOPLE = {
    "GET /people": (Call(_C.LIST_PEOPLE, shows=(('method="post" action="/people"', _C.ADD_PERSON),)),),
    "POST /people": (Call(_C.ADD_PERSON, form={"name": "target"}),),
    "GET /people/{person:int}": (
        Call(_C.VIEW_PERSON, numbers=MEMBER, shows=(
            ("/people/{member}/active", _C.CHANGE_PERSON), ("/people/{member}/invitation", _C.INVITE_PERSON),
            ('<option value="0">', _C.GRANT_ROLE), ("/people/{member}/link", _C.LINK_IDENTITY))),
    ),
    "POST /people/{person:int}/active": (Call(_C.CHANGE_PERSON, form={"active": "1"}),),
    "POST /people/{person:int}/invitation": (Call(_C.INVITE_PERSON),),
    "POST /people/{person:int}/grant": (
        Call(_C.GRANT_ROLE, NODE, form={"role": "viewer", "node": "{core}"}),
        Call(_C.GRANT_ROLE, form={"role": "viewer", "node": "0"}),
        Call(_C.GRANT_ROLE, NODE, form={"role": "auditor", "node": "{core}"}, met=NOBODY_ELSE),
    ),
    "POST /people/{person:int}/revoke": (
        Call(_C.REVOKE_ROLE, NODE, form={"role": "viewer", "node": "{core}"}),
        Call(_C.REVOKE_ROLE, form={"role": "viewer", "node": "0"}),
        Call(_C.REVOKE_ROLE, NODE, form={"role": "auditor", "node": "{core}"}, met=NOBODY_ELSE),
    ),
    "POST /people/{person:int}/link": (Call(_C.LINK_IDENTITY, form={"identity": "nobody"}),),
    "POST /people/{person:int}/unlink": (Call(_C.UNLINK_IDENTITY, form={"identity": "nobody"}),),
    "GET /me": (Call(_C.VIEW_ACCOUNT),),
    "POST /me/tokens": (Call(_C.CREATE_TOKEN, form={"name": "x", "scope": "read", "days": "9999"}),),
    "POST /me/tokens/revoke": (Call(_C.REVOKE_OWN_TOKEN, form={"token": "{token}"}, passed=NO_TOKEN),),
    "POST /views": (Call(_C.SAVE_VIEW, form={"shelf": "pipelines", "name": "mine", "next": "/pipelines"}),),
    "POST /views/remove": (
        Call(_C.SAVE_VIEW, form={"shelf": "pipelines", "name": "mine", "next": "/pipelines"}),
    ),
    "POST /me/password": (Call(_C.CHANGE_PASSWORD, form=NEW_PASSWORD, again="password"),),
    "POST /language": (Call(_C.CHOOSE_LANGUAGE, form={"language": "en"}),),
    "GET /setup": (Call(_C.SET_UP, passed=("/sign-in",)),),
    "POST /setup": (Call(_C.SET_UP, form={"link": "x", "name": "x", "password": "x"}),),
    "GET /sign-in": (Call(_C.SIGN_IN),),
    "POST /sign-in": (Call(_C.SIGN_IN, form={"name": "target", "password": "{password}"}),),
    "GET /welcome": (Call(_C.ACCEPT_INVITATION),),
    "POST /welcome": (Call(_C.ACCEPT_INVITATION, form={"link": "x", "name": "x", "password": "x"}),),
    "POST /sign-out": (Call(_C.SIGN_OUT, again="session"),),
    "GET /roles": (Call(_C.READ_ROLES, shows=_MENU),),
}  # fmt: skip

LEDGER = {
    "GET /ledger": (Call(_C.SEARCH_LEDGER, shows=(("plumb ledger verify", _C.VIEW_LEDGER),)),),
    "POST /ledger/verify": (Call(_C.VERIFY_LEDGER),),
    "POST /ledger/export": (Call(_C.EXPORT_LEDGER, form={"who": "nobody"}),),
    "GET /ledger/{seq:int}": (Call(_C.VIEW_ENTRY, NODE),),
    "GET /ledger/{seq:int}/raw": (Call(_C.VIEW_ENTRY, NODE),),
    **{
        path: (
            Call(_C.SEARCH, PROJECT, query={"q": "posting"}, shows=(("{path of posting}", _C.VIEW_NODE),)),
            Call(_C.SEARCH, PROJECT, query={"q": "{pipeline}"}, shows=(('"/pipelines/{pipeline}"', _C.VIEW_PIPELINE),)),
            Call(_C.SEARCH, PROJECT, query={"q": "{manifest}"}, shows=(("/artifacts/{manifest}", _C.VIEW_ARTIFACT),)),
            Call(_C.SEARCH, PROJECT, query={"q": "later"}, shows=(('"/jobs/', _C.VIEW_PIPELINE),)),
            Call(
                _C.SEARCH, INSTALLATION, query={"q": "developer-core"}, shows=(('"/people/{member}"', _C.VIEW_PERSON),)
            ),
            Call(_C.SEARCH, NODE, query={"q": "{seq}"}, shows=(('"/ledger/{seq}"', _C.VIEW_ENTRY),)),
        )
        for path in ("GET /resolve", "GET /search")
    },
    "GET /packs/{pack}/items/{code}": (Call(_C.LIST_PACKS),),
    "GET /live": (Call(_C.FOLLOW_CHANGES),),
    "GET /design": (Call(_C.READ_DESIGN),),
    "GET /live/now": (Call(_C.FOLLOW_CHANGES),),
    "GET /api/console": (Call(_C.USE_API_CONSOLE),),
}

BESIDES = {  # what the application answers that is neither an operation nor a page
    "GET /static/{name:path}": (Call(_C.LOAD_STATIC, numbers={"name": "app.js"}),),
    "GET /healthz": (Call(_C.CHECK_HEALTH),),
    "GET /readyz": (Call(_C.CHECK_HEALTH),),
    "GET /metrics": (Call(_C.READ_METRICS, by=TOKEN),),
    "GET /api/openapi.json": (Call(_C.READ_API_DOCUMENT),),
}

PAGES = PIPELINES | REPORTS | ARTIFACTS | PROJECTS | NODES | GRADES | GATES | PEOPLE | LEDGER
