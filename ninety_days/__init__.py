"""Ninety days of two teams on one server, under a moved clock: what the grade can see of them, and why.

Nothing is put into the ledger behind the use cases. Repositories are real, a simulated forge tells of them by its
webhooks, pipelines are planned and their jobs run, schedules come due, people speak with their tokens, and the tools of
the bank send their events as registered sources. Only time is moved: the store and the server are opened with a clock
that goes on when the story says so.
"""
