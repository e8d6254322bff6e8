"""The commands that act on a server or on its store. They ask nobody: whoever may write the data folder runs them."""

from __future__ import annotations

from plumbline.access import use_cases as _C  # noqa: N812

AT_THE_MACHINE = {
    "up": _C.RUN_SERVER,
    "demo": _C.RUN_SERVER,
    "backup": _C.BACK_UP_STORE,
    "restore": _C.BACK_UP_STORE,
    "upgrade": _C.UPGRADE_STORE,
    "keys": _C.MANAGE_KEYS,
    "doctor": _C.DIAGNOSE_INSTALLATION,
    "ledger": _C.KEEP_LEDGER,
    "artifact": _C.KEEP_LEDGER,
    "assess": _C.ASSESS_STORE,
    "observe": _C.ASSESS_STORE,
    "pack": _C.ASSESS_STORE,
    "notify": _C.RECEIVE_WEBHOOK,  # asks a server, with a secret that proves the message
}
# In one's own working copy
WITHOUT_A_SERVER = ("run", "init", "plan", "lint", "why", "history", "logs", "trust", "completion", "recorder", "sbom")
# Over the API of a server, with a token: what may be done there is in the table of its operations
OVER_THE_API = ("report", "gate", "evidence")
