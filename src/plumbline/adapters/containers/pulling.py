"""Getting the images of a job, by its pull policies, within the time that the job has."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from plumbline.adapters.containers.credentials import credential_of, shown
from plumbline.adapters.containers.names import check_allowed, image_name
from plumbline.adapters.jobs.output import YELLOW
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.adapters.containers.engine import Engine
    from plumbline.adapters.jobs.output import Output
    from plumbline.model.job_setup import ContainerRules
    from plumbline.model.pipeline import Image, Service
    from plumbline.model.ports.jobs import Cancellation


class Images:
    """The images of one job. ``values``: its variables; ``beside``: a folder that the job does not see; ``deadline``:
    when its time is over, by the monotonic clock."""

    def __init__(
        self,
        engine: Engine,
        rules: ContainerRules,
        values: Mapping[str, str],
        beside: str,
        output: Output,
        cancel: Cancellation,
        deadline: float,
    ) -> None:
        self._engine, self._rules, self._values, self._beside = engine, rules, values, beside
        self._output, self._cancel, self._deadline = output, cancel, deadline
        self._warned = False

    def have(self, wanted: Image | Service) -> tuple[str, dict[str, object]]:
        """Follow the pull policies in turn until one gives the image: its name and its configuration.

        Raises PlumblineError ``image-name-wrong``, ``image-not-allowed``, ``pull-policy-not-allowed``,
        ``image-pull-failed`` and ``engine-failed``.
        """
        name = image_name(wanted.name, self._values)
        check_allowed(name, self._rules.images)
        for policy in self._policies(wanted):
            if policy != "always" and (config := self._engine.image(name)) is not None:
                return name, config
            if policy == "never":
                self._output.say(t("The image {image} is not on this machine, and pull_policy is never.", image=name))
                continue
            if self._pull(name, wanted.platform) and (config := self._engine.image(name)) is not None:
                return name, config
            if self._cancel.level:
                break
        raise PlumblineError("image-pull-failed", t("the image {image} cannot be had", image=name))

    def _policies(self, wanted: Image | Service) -> tuple[str, ...]:
        allowed = self._rules.pull
        refused = [policy for policy in wanted.pull_policy if allowed and policy not in allowed]
        if refused:
            raise PlumblineError(
                "pull-policy-not-allowed",
                t("jobs may not use the pull policy {policy} here; allowed are: {allowed}", policy=refused[0],
                  allowed=", ".join(allowed)),
                t("The setting ci.container_pull says which pull policies jobs may use."),
                kind=ErrorKind.REFUSED,
            )  # fmt: skip
        return wanted.pull_policy or allowed or self._rules.usual_pull

    def _pull(self, name: str, platform: str) -> bool:
        self._output.say(t("Pulling the image {image}", image=name))
        credential, readable = credential_of(name, self._values)
        if not readable and not self._warned:
            self._warned = True
            self._output.say(t("WARNING: DOCKER_AUTH_CONFIG cannot be read; it is as if it were not there."), YELLOW)
        left = self._deadline - time.monotonic()
        docker = self._engine.name == "docker"
        with shown(credential, self._engine.name, self._beside) as folder:
            options = [f"--platform={platform}"] if platform else []
            before: list[str] = []
            environ = dict(os.environ)
            if folder and docker:
                environ.setdefault("DOCKER_HOST", self._address_of_docker())
                before = ["--config", folder]
            elif folder:
                options += ("--authfile", f"{folder}/config.json")
            arguments = (*before, "pull", "--quiet", *options, "--", name)
            good, late = self._engine.watch(arguments, self._output.write, self._cancel, max(0.1, left), environ)
        if late:
            raise PlumblineError(
                "image-pull-failed",
                t("the image {image} cannot be had: its registry did not give it within the job's timeout", image=name),
            )
        return good

    def _address_of_docker(self) -> str:
        """Where docker's engine is by the settings of this user, which a folder of settings of its own would hide."""
        answer = self._engine.ask("context", "inspect", "--format", "{{.Endpoints.docker.Host}}")
        found = answer.text.splitlines()
        return found[-1] if answer.status == 0 and found else "unix:///var/run/docker.sock"
