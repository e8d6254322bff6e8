"""Pipelines on the server: made, claimed, finished, steered and recovered. Each step is one transaction."""

from plumbline.flow.control import Done, Message, Wake
from plumbline.flow.job_log import FileLog
from plumbline.flow.server.keeping import ArtifactsNow, artifacts_now, days_of_log, keep_artifacts, left_file
from plumbline.flow.server.observations import Observed
from plumbline.flow.server.plans import pipeline_place
from plumbline.flow.server.presence import RunnerNow, give_sign_of_life, runners_now, say_goodbye, waiting_jobs
from plumbline.flow.server.reach import Asker, reach
from plumbline.flow.server.receive_change import Received, receive_change, refuse_delivery
from plumbline.flow.server.recover import recover_expired, recover_own
from plumbline.flow.server.schedules import (
    due_for_poll,
    play_schedule,
    poll,
    ring_delayed,
    run_schedules,
    schedule_place,
    schedule_variables,
    seal_schedule_variables,
    with_next,
)
from plumbline.flow.server.start import start_pipeline
from plumbline.flow.server.steer import cancel, cancel_job, play_job, retry_job, retry_pipeline
from plumbline.flow.server.tools import RunnerTools, ServedProject, Server, Wanted, Workshop
from plumbline.flow.server.work import (
    Claim,
    claim_jobs,
    finish_job,
    held_jobs,
    next_jobs,
    not_started,
    order_claimed,
    renew_leases,
    start_downstream,
)
from plumbline.flow.tools import Asked, CancelHandle, Equipment, PipelineTools
from plumbline.flow.workers import Workers

__all__ = [
    "ArtifactsNow",
    "Asked",
    "Asker",
    "CancelHandle",
    "Claim",
    "Done",
    "Equipment",
    "FileLog",
    "Message",
    "Observed",
    "PipelineTools",
    "Received",
    "RunnerNow",
    "RunnerTools",
    "ServedProject",
    "Server",
    "Wake",
    "Wanted",
    "Workers",
    "Workshop",
    "artifacts_now",
    "cancel",
    "cancel_job",
    "claim_jobs",
    "days_of_log",
    "due_for_poll",
    "finish_job",
    "give_sign_of_life",
    "held_jobs",
    "keep_artifacts",
    "left_file",
    "next_jobs",
    "not_started",
    "order_claimed",
    "pipeline_place",
    "play_job",
    "play_schedule",
    "poll",
    "reach",
    "receive_change",
    "recover_expired",
    "recover_own",
    "refuse_delivery",
    "renew_leases",
    "retry_job",
    "retry_pipeline",
    "ring_delayed",
    "run_schedules",
    "runners_now",
    "say_goodbye",
    "schedule_place",
    "schedule_variables",
    "seal_schedule_variables",
    "start_downstream",
    "start_pipeline",
    "waiting_jobs",
    "with_next",
]
