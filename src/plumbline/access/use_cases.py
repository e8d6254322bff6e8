"""Who may do what: one table of use cases, each with the permission it takes and where.

A use case is what a person does, whichever door they come through: routes and pages that do the same share one. The
rules, which hold for every use case:

1. What is at a node that somebody may not see does not exist for them, whatever they ask for.
2. What somebody may see and not do is refused.
3. An API token narrows what its owner may do, never what its owner may see.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

import msgspec

from plumbline.access.duties import (
    AUTHOR_ACCEPTS,
    DECIDER_AGREES,
    EXEMPTER_AGREES,
    GRANTS_TO_SELF,
    INVITES_SELF,
    STATER_REVIEWS,
    WAIVER_AGREES,
    Duty,
)
from plumbline.access.permissions import Permission
from plumbline.kernel import Text, t

_P = Permission


class Place(StrEnum):
    """Where the permission of a use case has to be held."""

    NODE = "node"  # of the object, or above it; INSTANCE stands for a node above all others
    NODE_OR_BELOW = "node_or_below"  # as NODE, or anywhere below: whoever sees a project sees the way to it. INSTANCE
    # is above every node: of what is asked for all of them, only that is shown for which the permission is held
    WHERE_VISIBLE = "where_visible"  # nowhere, but what is listed is only what the permission is held for
    INSTALLATION = "installation"
    SELF = "self"  # anybody who is signed in: it is about themselves, or the same for all
    ANYBODY = "anybody"  # also who is not signed in; what is sent may have to prove itself
    OPERATOR_OF_MACHINE = "operator_of_machine"  # whoever may read and write the data folder; no server is asked

    @property
    def meaning(self) -> Text:
        return _MEANINGS[self]


_MEANINGS = {
    Place.NODE: t("at the node, or above it"),
    Place.NODE_OR_BELOW: t("at the node, above it, or anywhere below it"),
    Place.WHERE_VISIBLE: t("everybody who is signed in; only that is listed for which they have the permission"),
    Place.INSTALLATION: t("in the whole installation"),
    Place.SELF: t("everybody who is signed in"),
    Place.ANYBODY: t("everybody, also who is not signed in"),
    Place.OPERATOR_OF_MACHINE: t("who may read and write the data folder on the server's machine"),
}


class Also(NamedTuple):
    """A further permission that a use case takes where a condition holds."""

    permission: Permission
    at: Place
    when: Text


class UseCase(msgspec.Struct, frozen=True):
    """``whole``: an API token needs the scope ``all``, since its owner's account is none of the others."""

    name: str
    title: Text
    permission: Permission | None = None
    at: Place = Place.NODE
    duty: Duty | None = None  # two acts on one thing that take two persons
    also: tuple[Also, ...] = ()
    whole: bool = False


_OPERATORS = Also(_P.INSTANCE_MANAGE, Place.INSTALLATION, t("a setting is set by who runs the server"))

# The organisation tree, and what is set at its nodes
LIST_NODES = UseCase("list-nodes", t("See the organisation tree and how its projects are doing."), _P.PROJECT_VIEW,
                     Place.WHERE_VISIBLE)  # fmt: skip
VIEW_NODE = UseCase("view-node", t("See one node with what holds there."), _P.PROJECT_VIEW, Place.NODE_OR_BELOW)
CREATE_NODE = UseCase("create-node", t("Add a node below another, or an organisation at the top."), _P.TREE_WRITE,
                      also=(_OPERATORS,))  # fmt: skip
CREATE_PROJECT = UseCase("create-project", t("Register a project below a node."), _P.PROJECT_CREATE,
                         also=(_OPERATORS,))  # fmt: skip
CHANGE_SETTINGS = UseCase("change-settings", t("Change a node's title or settings."), _P.PROJECT_SETTINGS,
                          also=(_OPERATORS,))  # fmt: skip
ARCHIVE_NODE = UseCase("archive-node", t("Archive a node, or take it back."), _P.PROJECT_ARCHIVE, also=(
    Also(_P.PROJECT_SETTINGS, Place.NODE, t("its title or settings are changed with it")),))  # fmt: skip
STAR_NODE = UseCase("star-node", t("Star a node, so that one has it at hand, or take the star back."),
                    _P.PROJECT_VIEW, Place.NODE_OR_BELOW, whole=True)  # fmt: skip
RENAME_NODE = UseCase("rename-node", t("Give a node another name; what is below it goes along."), _P.TREE_WRITE)
RENAME_PROJECT = UseCase("rename-project", t("Give a project another name."), _P.PROJECT_SETTINGS)
MOVE_NODE = UseCase("move-node", t("Put a node below another one, for which the permission is needed as well."),
                    _P.TREE_WRITE)  # fmt: skip
DELETE_NODE = UseCase("delete-node", t("Delete a node, with its pipelines, logs and artifacts."), _P.PROJECT_ARCHIVE,
                      also=(Also(_P.INSTANCE_MANAGE, Place.INSTALLATION, t("always")),))  # fmt: skip
LIST_SETTINGS = UseCase("list-settings", t("See what can be set at a node."), at=Place.SELF)
LIST_VARIABLES = UseCase("list-variables", t("See which variables hold at a node, without their values."),
                         _P.VARIABLE_VIEW)  # fmt: skip
WRITE_VARIABLE = UseCase("write-variable", t("Set a variable at a node."), _P.VARIABLE_WRITE)
REMOVE_VARIABLE = UseCase("remove-variable", t("Remove a variable of a node."), _P.VARIABLE_WRITE)
LIST_CREDENTIALS = UseCase("list-credentials", t("See which credentials of private repositories hold at a node."),
                           _P.VARIABLE_VIEW)  # fmt: skip
WRITE_CREDENTIAL = UseCase("write-credential", t("Set the credential for private repositories of a host at a node."),
                           _P.VARIABLE_WRITE)  # fmt: skip
REMOVE_CREDENTIAL = UseCase("remove-credential", t("Remove a credential of private repositories from a node."),
                            _P.VARIABLE_WRITE)  # fmt: skip

# Projects: their repositories and schedules
VIEW_REPOSITORY = UseCase("view-repository", t("See the repository of a project."), _P.PROJECT_VIEW)
BIND_REPOSITORY = UseCase("bind-repository", t("Give a project its repository."), _P.PROJECT_SETTINGS, also=(
    Also(_P.INSTANCE_MANAGE, Place.INSTALLATION, t("it is named by a path on the server's machine")),))  # fmt: skip
RENEW_WEBHOOK = UseCase("renew-webhook", t("Make a new secret for the webhook of a project."), _P.PROJECT_SETTINGS)
TEST_CONNECTION = UseCase("test-connection", t("Ask a project's repository whether it answers, and what is there."),
                          _P.PROJECT_SETTINGS)  # fmt: skip
LIST_DELIVERIES = UseCase("list-deliveries", t("See what forges told of a project, and what came of it."),
                          _P.PROJECT_SETTINGS)  # fmt: skip
LIST_TELLINGS = UseCase("list-tellings", t("See what forges were told of a project's gates, and what came of it."),
                        _P.PROJECT_VIEW)  # fmt: skip
LIST_SCHEDULES = UseCase("list-schedules", t("See what starts pipelines of a project by the clock."), _P.PIPELINE_VIEW)
WRITE_SCHEDULE = UseCase("write-schedule", t("Add a schedule, change it, pause it."), _P.SCHEDULE_WRITE)
REMOVE_SCHEDULE = UseCase("remove-schedule", t("Remove a schedule."), _P.SCHEDULE_WRITE)
PLAY_SCHEDULE = UseCase("play-schedule", t("Start the pipeline of a schedule now."), _P.PIPELINE_RUN)
LIST_RESOURCE_GROUPS = UseCase("list-resource-groups",
                               t("See the resource groups of a project, and which jobs have them."),
                               _P.PIPELINE_VIEW)  # fmt: skip
WRITE_RESOURCE_GROUP = UseCase("write-resource-group", t("Set in which order pipelines get a resource group."),
                               _P.PROJECT_SETTINGS)  # fmt: skip
RECEIVE_WEBHOOK = UseCase("receive-webhook", t("Tell of a change, as webhooks of forges do."), at=Place.ANYBODY)

# Pipelines and jobs
LIST_PIPELINES = UseCase("list-pipelines", t("See the newest pipelines of all projects."), _P.PIPELINE_VIEW,
                         Place.WHERE_VISIBLE)  # fmt: skip
LIST_PROJECT_PIPELINES = UseCase("list-project-pipelines", t("See a project with its pipelines."), _P.PIPELINE_VIEW)
LIST_NODE_PIPELINES = UseCase("list-node-pipelines", t("See the pipelines of the projects below a node."),
                              _P.PIPELINE_VIEW, Place.NODE_OR_BELOW)  # fmt: skip
VIEW_PIPELINE = UseCase("view-pipeline", t("See one pipeline with all attempts at its jobs."), _P.PIPELINE_VIEW)
VIEW_CONFIGURATION = UseCase("view-configuration", t("Read the files that a pipeline was made of."), _P.PIPELINE_VIEW)
RUN_PIPELINE = UseCase("run-pipeline", t("Start a pipeline of a branch or a tag."), _P.PIPELINE_RUN)
CANCEL_PIPELINE = UseCase("cancel-pipeline", t("Cancel a pipeline and what it started."), _P.PIPELINE_CANCEL)
RETRY_PIPELINE = UseCase("retry-pipeline", t("Run every job again that failed or was canceled."), _P.JOB_RETRY)
VIEW_JOB = UseCase("view-job", t("See one attempt at one job."), _P.PIPELINE_VIEW)
READ_LOG = UseCase("read-log", t("Read what a job printed."), _P.PIPELINE_VIEW)
PLAY_JOB = UseCase("play-job", t("Start a manual job, or a delayed one before its time."), _P.JOB_PLAY)
RETRY_JOB = UseCase("retry-job", t("Run a job that ended once more."), _P.JOB_RETRY)
CANCEL_JOB = UseCase("cancel-job", t("Cancel a job. One that has ended stays as it is."), _P.PIPELINE_CANCEL)
DOWNLOAD_ARTIFACTS = UseCase("download-artifacts", t("Download a file that a job left."),
                             _P.ARTIFACT_DOWNLOAD)  # fmt: skip
KEEP_ARTIFACTS = UseCase("keep-artifacts", t("Keep what a job left for ever, or let it go by its time."), _P.JOB_RETRY)
LIST_RUNNERS = UseCase(
    "list-runners", t("See the runners with the jobs they hold."), _P.RUNNER_VIEW, Place.NODE_OR_BELOW
)

# Reports
VIEW_REPORTS = UseCase("view-reports", t("See what tests, coverage and other reports of a project said."),
                       _P.PIPELINE_VIEW)  # fmt: skip
LIST_STANDINGS = UseCase("list-standings",
                         t("See how the projects below a node stand by their tests, coverage and scans."),
                         _P.PIPELINE_VIEW, Place.NODE_OR_BELOW)  # fmt: skip
ADD_REPORT = UseCase("add-report", t("Add a report that was made elsewhere to a commit or a pipeline."),
                     _P.REPORT_WRITE)  # fmt: skip
SEND_REPORT = UseCase("send-report", t("Send a report, as a registered source of evidence does."), at=Place.ANYBODY)
QUARANTINE_TEST = UseCase("quarantine-test",
                          t("Put a test case into quarantine until a day, with an owner and a reason, or take it out."),
                          _P.TEST_QUARANTINE)  # fmt: skip
VIEW_FINDINGS = UseCase("view-findings", t("See what scans of a project found, and what was decided about it."),
                        _P.PIPELINE_VIEW)  # fmt: skip
LIST_FINDINGS = UseCase("list-findings", t("See what scans of the projects below a node found."), _P.PIPELINE_VIEW,
                        Place.NODE_OR_BELOW)  # fmt: skip
# What is due, gates, waivers
LIST_EVIDENCE_CONTRACTS = UseCase("list-evidence-contracts",
                                  t("See which evidence has to be there at a node, and what could never come."),
                                  _P.PROJECT_VIEW, Place.NODE_OR_BELOW)  # fmt: skip
SAVE_EVIDENCE_CONTRACT = UseCase("save-evidence-contract",
                                 t("Say which evidence has to be there at a node and below, or retire what is said."),
                                 _P.CONTRACT_WRITE)  # fmt: skip
VIEW_COLLECTIONS = UseCase("view-collections", t("See what was due, what came, and who is silent."), _P.PIPELINE_VIEW,
                           Place.NODE_OR_BELOW)  # fmt: skip
CLOSE_COLLECTION = UseCase("close-collection", t("Close a collection of evidence before its time, with a reason."),
                           _P.COLLECTION_CLOSE)  # fmt: skip
ADD_EVIDENCE = UseCase("add-evidence", t("Add evidence that was made elsewhere to a commit or a pipeline."),
                       _P.REPORT_WRITE)  # fmt: skip
VIEW_RUN_STATEMENT = UseCase("view-run-statement", t("Take the signed statement about a run away."),
                             _P.PIPELINE_VIEW)  # fmt: skip
EXPORT_RUN_STATEMENT = UseCase("export-run-statement",
                               t("Take a statement about a run along, with the entries of the ledger that it rests "
                                 "on."),
                               _P.LEDGER_EXPORT)  # fmt: skip
LIST_POLICIES = UseCase("list-policies", t("See which policies hold at a node."), _P.PROJECT_VIEW,
                        Place.NODE_OR_BELOW)  # fmt: skip
SAVE_POLICY = UseCase("save-policy", t("Write a policy at a node, or retire one."), _P.POLICY_WRITE)
TRY_POLICY = UseCase("try-policy", t("Try a policy against what is known of a past run."), _P.PIPELINE_VIEW)
VIEW_EVALUATIONS = UseCase("view-evaluations", t("See what gates said, and what it rests on."), _P.PIPELINE_VIEW,
                           Place.NODE_OR_BELOW)  # fmt: skip
EVALUATE_GATE = UseCase("evaluate-gate", t("Have the gates of a commit or pipeline evaluated."), _P.GATE_EVALUATE)
ASK_GATE_AS_JOB = UseCase("ask-gate-as-job", t("Ask, as a job with its own token, what the gates of its pipeline say."),
                          at=Place.ANYBODY)  # fmt: skip
LIST_WAIVERS = UseCase("list-waivers", t("See what was waived, by whom, and until when."), _P.PROJECT_VIEW,
                       Place.NODE_OR_BELOW)  # fmt: skip
ASK_WAIVER = UseCase("ask-waiver", t("Ask for a line of a policy or contract to be waived."), _P.WAIVER_ASK)
DECIDE_WAIVER = UseCase("decide-waiver", t("Agree with what somebody else asked to be waived, or refuse it."),
                        _P.WAIVER_AGREE, duty=WAIVER_AGREES)  # fmt: skip
END_WAIVER = UseCase("end-waiver", t("End a waiver before its time."), _P.WAIVER_AGREE)
READ_THREAT_MODEL = UseCase("read-threat-model", t("See how the judge could be cheated, and what stands against it."),
                            at=Place.SELF)  # fmt: skip
DECIDE_FINDING = UseCase("decide-finding",
                         t("Accept a finding until a day, call it a false alarm, or take that back, with a reason."),
                         _P.FINDING_DECIDE, duty=AUTHOR_ACCEPTS)  # fmt: skip
APPROVE_DECISION = UseCase("approve-decision", t("Agree, as a second person, with what was decided about a finding."),
                           _P.FINDING_DECIDE, duty=DECIDER_AGREES)  # fmt: skip

# Artifacts
LIST_REPOSITORIES = UseCase("list-repositories", t("See which repositories of artifacts there are."),
                            _P.ARTIFACT_DOWNLOAD, Place.WHERE_VISIBLE)  # fmt: skip
PULL_ARTIFACT = UseCase("pull-artifact", t("Pull from a repository of artifacts, and see its tags."),
                        _P.ARTIFACT_DOWNLOAD)  # fmt: skip
PUSH_ARTIFACT = UseCase("push-artifact", t("Push to a repository of artifacts, and move its tags."), _P.ARTIFACT_WRITE,
                        also=(Also(_P.ARTIFACT_DELETE, Place.NODE, t("the tag is protected")),))  # fmt: skip
DELETE_ARTIFACT = UseCase("delete-artifact", t("Delete a tag or a manifest that nothing refers to."),
                          _P.ARTIFACT_DELETE)  # fmt: skip
LIST_ARTIFACTS = UseCase("list-artifacts", t("See which artifacts and packages the projects at a node have."),
                         _P.ARTIFACT_DOWNLOAD, Place.NODE_OR_BELOW)  # fmt: skip
VIEW_ARTIFACT = UseCase("view-artifact", t("See where an artifact came from, what it earned and who uses it."),
                        _P.ARTIFACT_DOWNLOAD)  # fmt: skip
DOWNLOAD_PACKAGE = UseCase("download-package", t("Download a file of a package, and see its versions."),
                           _P.ARTIFACT_DOWNLOAD)  # fmt: skip
PUBLISH_PACKAGE = UseCase("publish-package", t("Publish a file of a version of a package."), _P.ARTIFACT_WRITE)
DELETE_PACKAGE = UseCase("delete-package", t("Delete a version of a package, or a file of it, that nothing holds."),
                         _P.ARTIFACT_DELETE)  # fmt: skip
GET_REGISTRY_TOKEN = UseCase("get-registry-token",
                             t("Get a token for a few minutes that pulls and pushes what one may."),
                             at=Place.SELF)  # fmt: skip
VERIFY_ARTIFACT = UseCase("verify-artifact",
                          t("Verify an artifact: its bytes, what is said of it, and the ledger."),
                          _P.ARTIFACT_DOWNLOAD)  # fmt: skip
EXPORT_ARTIFACT = UseCase("export-artifact",
                          t("Take along what is said of an artifact, with the entries of the ledger that prove it."),
                          _P.LEDGER_EXPORT)  # fmt: skip
READ_SIGNING_KEY = UseCase("read-signing-key", t("Read the public keys that this server signs with."),
                           at=Place.ANYBODY)  # fmt: skip
LIST_ROBOTS = UseCase("list-robots", t("See the robots of a project."), _P.PROJECT_VIEW)
WRITE_ROBOT = UseCase("write-robot", t("Make a robot that pulls and pushes at a project, or revoke one."),
                      _P.PROJECT_SETTINGS)  # fmt: skip

# Assessments, statements and exemptions
LIST_PACKS = UseCase("list-packs", t("See the packs that assessments can be made with."), at=Place.SELF)
LIST_ASSESSMENTS = UseCase("list-assessments", t("See the newest assessments of all nodes."), _P.ASSESSMENT_VIEW,
                           Place.WHERE_VISIBLE)  # fmt: skip
LIST_NODE_ASSESSMENTS = UseCase("list-node-assessments",
                                t("See the assessments of a node and of what is below it."),
                                _P.ASSESSMENT_VIEW, Place.NODE_OR_BELOW)  # fmt: skip
VIEW_GRADES = UseCase("view-grades", t("See what the projects below a node would be graded now."),
                      _P.ASSESSMENT_VIEW)  # fmt: skip
RUN_ASSESSMENT = UseCase("run-assessment", t("Assess a node now; the result is recorded in the ledger."),
                         _P.ASSESSMENT_RUN)  # fmt: skip
VIEW_ASSESSMENT = UseCase("view-assessment", t("See one assessment, its items, proofs, roadmap and report."),
                          _P.ASSESSMENT_VIEW)  # fmt: skip
PLAN_STEP = UseCase("plan-step", t("Say who takes a step of a node's roadmap, and by when."), _P.ASSESSMENT_RUN)
EXPORT_ASSESSMENT = UseCase("export-assessment", t("Take along what it takes to compute an assessment again."),
                            _P.LEDGER_EXPORT)  # fmt: skip
LIST_STATEMENTS = UseCase("list-statements", t("See the statements that count for a node, and their documents."),
                          _P.ASSESSMENT_VIEW)  # fmt: skip
WRITE_STATEMENT = UseCase("write-statement", t("Put a statement on file; it counts once a second person accepted it."),
                          _P.STATEMENT_WRITE)  # fmt: skip
REVIEW_STATEMENT = UseCase("review-statement", t("Accept or reject a statement of somebody else."),
                           _P.STATEMENT_REVIEW, duty=STATER_REVIEWS)  # fmt: skip
WITHDRAW_STATEMENT = UseCase("withdraw-statement", t("Withdraw a statement of one's own."), _P.STATEMENT_WRITE)
RECORD_DRILL = UseCase("record-drill", t("Record a rehearsal of a rollback, a restore or a failover."),
                       _P.INCIDENT_WRITE)  # fmt: skip
LIST_EXEMPTIONS = UseCase("list-exemptions", t("See the exemptions that hold for a node."),
                          _P.ASSESSMENT_VIEW)  # fmt: skip
WAIVE_CRITERION = UseCase("waive-criterion", t("Waive a criterion or an item, with a reason."), _P.EXCEPTION_GRANT)
AGREE_EXEMPTION = UseCase("agree-exemption",
                          t("Agree, as a second person, that what was waived does not apply."),
                          _P.EXCEPTION_GRANT, duty=EXEMPTER_AGREES)  # fmt: skip

# The ledger
SEARCH_LEDGER = UseCase("search-ledger", t("Search the ledger, as far as it is about nodes where one may read it."),
                        _P.LEDGER_READ, Place.NODE_OR_BELOW)  # fmt: skip
VIEW_ENTRY = UseCase("view-entry", t("See one entry of the ledger with its exact bytes and its proof."),
                     _P.LEDGER_READ)  # fmt: skip
VIEW_LEDGER = UseCase("view-ledger", t("See the size of the ledger, its root, and its newest checkpoint."),
                      _P.LEDGER_READ, Place.NODE_OR_BELOW)  # fmt: skip
VERIFY_LEDGER = UseCase("verify-ledger", t("Verify the ledger, or see how it was found the last time."),
                        _P.LEDGER_READ, Place.NODE_OR_BELOW)  # fmt: skip
EXPORT_LEDGER = UseCase("export-ledger", t("Take entries of the ledger along, with the proof that they are in it."),
                        _P.LEDGER_EXPORT, Place.NODE_OR_BELOW)  # fmt: skip
SEND_EVENT = UseCase("send-event", t("Send a CDEvent of another tool to the ledger."), _P.LEDGER_WRITE,
                     Place.INSTALLATION)  # fmt: skip
RECEIVE_EVENTS = UseCase("receive-events", t("Tell what happened, as a registered source of evidence does."),
                         at=Place.ANYBODY)  # fmt: skip
LIST_SOURCES = UseCase("list-sources", t("See the sources of evidence of a node, and what they told."),
                       _P.PROJECT_VIEW)  # fmt: skip
WRITE_SOURCE = UseCase("write-source", t("Register a source of evidence at a node, change it, renew its token."),
                       _P.PROJECT_SETTINGS)  # fmt: skip
REVOKE_SOURCE = UseCase("revoke-source", t("Revoke a source of evidence: nothing is taken in from it any more."),
                        _P.PROJECT_SETTINGS)  # fmt: skip
COSIGN_CHECKPOINT = UseCase("cosign-checkpoint",
                            t("Have the checkpoint of another ledger cosigned by this server as its witness."),
                            at=Place.ANYBODY)  # fmt: skip
READ_EVENT_TYPES = UseCase("read-event-types", t("Read which types of event are emitted here, and their schemas."),
                           at=Place.ANYBODY)  # fmt: skip

# People, their roles and tokens
LIST_PEOPLE = UseCase("list-people", t("See who there is, and who has a role at, above or below one's nodes."),
                      _P.PEOPLE_VIEW, Place.NODE_OR_BELOW)  # fmt: skip
VIEW_PERSON = UseCase("view-person", t("See one person with their roles."), _P.PEOPLE_VIEW, Place.NODE_OR_BELOW)
ADD_PERSON = UseCase("add-person", t("Add somebody, who sets a password with the link of the answer."),
                     _P.PEOPLE_MANAGE, Place.INSTALLATION)  # fmt: skip
INVITE_PERSON = UseCase(
    "invite-person", t("Make a new link for a person who has no password yet, or lost it."),
    _P.PEOPLE_MANAGE, Place.INSTALLATION, duty=INVITES_SELF,
    also=(Also(_P.ROLE_GRANT, Place.NODE, t("the person has a role there")),),
)  # fmt: skip
CHANGE_PERSON = UseCase("change-person", t("Change a person, or switch them off."), _P.PEOPLE_MANAGE,
                        Place.INSTALLATION)  # fmt: skip
LINK_IDENTITY = UseCase("link-identity",
                        t("Say that an account at a forge, or an address, is a person's: reviews count by that."),
                        _P.PEOPLE_MANAGE, Place.INSTALLATION)  # fmt: skip
UNLINK_IDENTITY = UseCase("unlink-identity", t("Take back that an account or an address is a person's."),
                          _P.PEOPLE_MANAGE, Place.INSTALLATION)  # fmt: skip
LIST_MEMBERS = UseCase("list-members", t("See who holds which role at a node, there and from above."),
                       _P.PEOPLE_VIEW)  # fmt: skip
GRANT_ROLE = UseCase("grant-role", t("Grant a role at a node, and at every node below it."), _P.ROLE_GRANT,
                     duty=GRANTS_TO_SELF, also=(
    Also(_P.PEOPLE_MANAGE, Place.NODE, t("the role may do what one may not do there oneself")),))  # fmt: skip
REVOKE_ROLE = UseCase("revoke-role", t("Revoke a role at a node."), _P.ROLE_GRANT, also=(
    Also(_P.PEOPLE_MANAGE, Place.NODE, t("the role may do what one may not do there oneself")),))  # fmt: skip
LIST_TOKENS = UseCase("list-tokens", t("See everybody's API tokens, without their secrets."), _P.TOKEN_VIEW,
                      Place.INSTALLATION)  # fmt: skip
REVOKE_TOKEN = UseCase("revoke-token", t("Revoke an API token of anybody."), _P.TOKEN_MANAGE, Place.INSTALLATION)

# One's own account, and the way in
VIEW_ACCOUNT = UseCase("view-account", t("See who one is, what one may do, and one's own API tokens."), at=Place.SELF)
CHANGE_ACCOUNT = UseCase("change-account", t("Change how one is called, and which language one reads."),
                         at=Place.SELF, whole=True)  # fmt: skip
LIST_STARS = UseCase("list-stars", t("See which nodes one starred."), at=Place.SELF)
LIST_VIEWS = UseCase("list-views", t("See which views of lists one saved."), at=Place.SELF)
SAVE_VIEW = UseCase("save-view", t("Save how one sees a list under a name, or remove what one saved."),
                    at=Place.SELF, whole=True)  # fmt: skip
CHANGE_PASSWORD = UseCase("change-password", t("Change one's password; all other sessions end."), at=Place.SELF,
                          whole=True)  # fmt: skip
CREATE_TOKEN = UseCase("create-token", t("Make an API token of one's own."), at=Place.SELF, whole=True)
REVOKE_OWN_TOKEN = UseCase("revoke-own-token", t("Revoke one of one's own API tokens."), at=Place.SELF, whole=True)
SIGN_OUT = UseCase("sign-out", t("Sign out."), at=Place.SELF)
SIGN_IN = UseCase("sign-in", t("Sign in."), at=Place.ANYBODY)
SET_UP = UseCase("set-up", t("Sign up as the first person, with the link that the server printed."), at=Place.ANYBODY)
ACCEPT_INVITATION = UseCase("accept-invitation", t("Set a password with the link of an invitation, and sign in."),
                            at=Place.ANYBODY)  # fmt: skip
CHOOSE_LANGUAGE = UseCase("choose-language", t("Choose the language of the pages."), at=Place.ANYBODY)

# The installation
SEARCH = UseCase("search", t("Find what an id, a digest, a commit or a name may mean."), _P.PROJECT_VIEW,
                 Place.WHERE_VISIBLE, also=(
    Also(_P.PIPELINE_VIEW, Place.WHERE_VISIBLE, t("it is a pipeline or a job")),
    Also(_P.ARTIFACT_DOWNLOAD, Place.WHERE_VISIBLE, t("it is an artifact")),
    Also(_P.PEOPLE_VIEW, Place.WHERE_VISIBLE, t("it is a person")),
    Also(_P.PROJECT_SETTINGS, Place.WHERE_VISIBLE, t("it is a setting")),
    Also(_P.LEDGER_READ, Place.WHERE_VISIBLE, t("it is an event"))))  # fmt: skip
VIEW_INSTALLATION = UseCase("view-installation", t("See how the installation is, and what is set for all of it."),
                            _P.INSTANCE_VIEW, Place.INSTALLATION)  # fmt: skip
READ_ROLES = UseCase("read-roles", t("See which role may do what."), at=Place.SELF)
READ_DESIGN = UseCase("read-design", t("See the parts that pages are made of."), at=Place.SELF)
USE_API_CONSOLE = UseCase("use-api-console", t("Try the API out in the browser, as oneself."), at=Place.SELF)
FOLLOW_CHANGES = UseCase("follow-changes", t("Be told that something changed, so that a page is shown anew."),
                         at=Place.SELF)  # fmt: skip
READ_API_DOCUMENT = UseCase("read-api-document", t("Read the document of the API."), at=Place.ANYBODY)
LOAD_STATIC = UseCase("load-static", t("Load the style sheets and scripts of the pages."), at=Place.ANYBODY)
CHECK_HEALTH = UseCase("check-health", t("Ask whether the server is alive and ready."), at=Place.ANYBODY)
READ_METRICS = UseCase("read-metrics", t("Read the figures of the server."), _P.INSTANCE_VIEW, Place.INSTALLATION)

# At the machine itself, with the `plumb` command
RUN_SERVER = UseCase("run-server", t("Start the server, or a demo of it."), at=Place.OPERATOR_OF_MACHINE)
BACK_UP_STORE = UseCase("back-up-store", t("Write a backup of the server's store, and put one back."),
                        at=Place.OPERATOR_OF_MACHINE)  # fmt: skip
UPGRADE_STORE = UseCase("upgrade-store", t("Bring the server's store up to date, after a backup."),
                        at=Place.OPERATOR_OF_MACHINE)  # fmt: skip
MANAGE_KEYS = UseCase("manage-keys", t("Look after the keys that secret variables are sealed with."),
                      at=Place.OPERATOR_OF_MACHINE)  # fmt: skip
DIAGNOSE_INSTALLATION = UseCase("diagnose-installation",
                                t("Look for what is wrong with the server's installation, and say how to mend it."),
                                at=Place.OPERATOR_OF_MACHINE)  # fmt: skip
KEEP_LEDGER = UseCase("keep-ledger", t("Verify, sign, export and extend the ledger of everything that happened."),
                      at=Place.OPERATOR_OF_MACHINE)  # fmt: skip
ASSESS_STORE = UseCase("assess-store", t("Observe and grade what a server's ledger tells, and record it there."),
                       at=Place.OPERATOR_OF_MACHINE)  # fmt: skip

USE_CASES: Mapping[str, UseCase] = {found.name: found for found in vars().copy().values() if isinstance(found, UseCase)}
