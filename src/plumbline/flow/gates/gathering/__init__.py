"""Documented facts, gathered from what is stored: one file a family or two. Only what a job of this server left, what
this server wrote itself, and what a forge told that proved itself counts; what is absent is a lack, never a zero."""
