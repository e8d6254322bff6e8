"""The ledger in the hands of who looks after it: signed, verified, handed out in pieces, and extended."""

from plumbline.flow.ledger.custody import (
    Growth,
    Head,
    Imported,
    check_origin,
    export_ledger,
    import_events,
    make_checkpoint,
    prove_growth,
    start_after,
    verify_ledger,
)

__all__ = [
    "Growth",
    "Head",
    "Imported",
    "check_origin",
    "export_ledger",
    "import_events",
    "make_checkpoint",
    "prove_growth",
    "start_after",
    "verify_ledger",
]
