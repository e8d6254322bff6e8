"""What both engines use to carry one job and one pipeline through."""
