"""Which operations of an interface are tested: what a contract declares, held against what tests really called."""
