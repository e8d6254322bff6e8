"""The ledger in the hands of who looks after it: signed, verified, handed out in pieces, and extended."""
