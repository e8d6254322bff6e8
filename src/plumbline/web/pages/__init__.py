"""One file per page; each defines ``PART``, its page and what can be done on it."""
