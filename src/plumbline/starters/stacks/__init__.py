"""The stacks that are recognised: one file each, found by its ``PART``."""
