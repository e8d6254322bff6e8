"""The container of one job: made once, started anew for each of its scripts, as GitLab Runner does.

What an earlier script installed is there for the next one; what it left running is not.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from plumbline.adapters.containers.engine import REMOVAL, client_argv
from plumbline.adapters.containers.mark import Mark
from plumbline.adapters.containers.mounts import file_option
from plumbline.adapters.containers.options import env_lines
from plumbline.adapters.containers.ownership import open_to_all, take_back
from plumbline.adapters.containers.reached import SAY_REACHED, forget_reached, reached
from plumbline.adapters.jobs.output import YELLOW
from plumbline.adapters.jobs.places import Start, write_program
from plumbline.adapters.jobs.script import quote
from plumbline.adapters.processes.running import Stopped
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from plumbline.adapters.containers.engine import Engine
    from plumbline.adapters.containers.services import Services
    from plumbline.adapters.jobs.output import Output
    from plumbline.adapters.processes import Ending
    from plumbline.kernel import Text
    from plumbline.model.pipeline import Image
    from plumbline.model.ports.jobs import Workspace

_STEP = "step"
AFTER = "after_script"
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*", re.ASCII)
# The first process of a container ignores SIGTERM unless it says otherwise: hand the signal to the script.
_FIRST = (
    "trap 'kill -TERM -1' TERM; s=sh; if command -v bash >/dev/null 2>&1; then s=bash; fi; "
    '"$s" "$0" </dev/null & p=$!; wait "$p"; r=$?; '
    'while kill -0 "$p" 2>/dev/null; do wait "$p"; r=$?; done; ' + SAY_REACHED
)


class BuildContainer:
    """Implements :class:`plumbline.adapters.jobs.places.Place`.

    ``options`` are the arguments of the container but its image; ``environ`` what is shown of the machine's tools, with
    ``path`` before PATH and ``links`` in the home; ``opened``: folders in which everybody may write, whoever the
    scripts run as.
    """

    wrapped = False
    foreign = True
    bash = False

    def __init__(
        self,
        engine: Engine,
        image: Image,
        name: str,
        workspace: Workspace,
        marker: str,
        root: str,
        scratch: str,
        *,
        options: list[str],
        environ: dict[str, str],
        path: tuple[str, ...],
        links: tuple[tuple[str, str], ...],
        opened: tuple[str, ...],
        owned: tuple[str, ...],
        has_entrypoint: bool,
        has_after: bool,
        services: Services,
        output: Output,
    ) -> None:
        self.title: Text = t(
            "a container of {image} ({engine} {version})", image=name, engine=engine.name, version=engine.version
        )
        self.root, self.scratch = root, scratch
        self._engine, self._image, self._name, self._workspace, self._marker = engine, image, name, workspace, marker
        self._options, self._environ, self._path = options, environ, path
        self._links, self._opened, self._owned = links, opened, owned
        self._has_entrypoint, self._has_after = has_entrypoint, has_after
        self._services, self._output = services, output
        self._container = f"plumbline-{marker}-build"
        self._created = self._told = False

    def environment(self, _base: Mapping[str, str]) -> dict[str, str]:
        """Nothing of the machine's: what is shown of its tools comes with each script."""
        return {}

    def start(self, script: str, environ: dict[str, str], name: str) -> Start:
        """The first script makes the container as well. What judges the end raises PlumblineError ``engine-failed``."""
        environ = {**_trusting(self.root), **self._environ, **environ}
        exports = "".join(
            f"export {key}={quote(value)}\n" for key, value in environ.items() if _IDENTIFIER.fullmatch(key)
        )
        for place, target in self._links:  # in the home, which is the container's own
            exports += f"[ -e {quote(place)} ] || {{ mkdir -p {quote(os.path.dirname(place))}; "
            exports += f"ln -s {quote(target)} {quote(place)}; }} 2>/dev/null || :\n"
        if self._path:
            exports += f'export PATH={quote(":".join(self._path))}:"$PATH"\n'
        folder = self._workspace.scratch
        mark = Mark(folder, self.scratch)
        forget_reached(folder)
        path = write_program(mark.line + exports + script, folder, self.scratch, _STEP, 0o644)
        open_to_all(self._opened)
        argv = ["start", "--attach", "--", self._container] if self._created else self._run(path, environ)
        self._created = True
        judge = self._judge(mark, last=name == AFTER or not self._has_after)
        return Start(client_argv(self._engine.client, argv), dict(os.environ), judge=judge)

    def _run(self, path: str, environ: dict[str, str]) -> list[str]:
        """What makes the container and starts it for the first time."""
        folder = self._workspace.scratch
        variables = write_program(env_lines(environ), folder, folder, f"{_STEP}.env")
        options = [*self._options, *self._services.options(), f"--workdir={self.root}"]
        options.append(file_option(self._engine, "--env-file", variables))
        options += ("--log-driver", "none")  # what is printed is read here, and kept once
        if self._image.user:
            options.append(f"--user={self._image.user}")
        if self._image.platform:
            options.append(f"--platform={self._image.platform}")
        entrypoint = self._image.entrypoint
        if entrypoint is not None:
            options.append(f"--entrypoint={entrypoint[0] if entrypoint else ''}")
        command = [*(entrypoint or ())[1:], "sh", "-c", self._first(), path]
        return ["run", *options, "--", self._name, *command]

    def _first(self) -> str:
        docker = self._engine.name == "docker" and not self._engine.rootless
        if docker and os.geteuid() != 0:  # what root made there must be ours
            owner = f"{os.geteuid()}:{os.getegid()}"
            folders = " ".join(quote(folder) for folder in (self.root, self.scratch, *self._owned))
            return f'{_FIRST}[ "$(id -u)" != 0 ] || chown -R {owner} {folders}; exit "$r"'
        return f'{_FIRST}exit "$r"'

    def _judge(self, mark: Mark, *, last: bool) -> Callable[[Ending], None]:
        """What makes of the end of a script a failure of the engine, if it is one. ``last``: no script comes after
        it."""

        def judge(ending: Ending) -> None:
            began = mark.is_there()
            if ending.stopped is not Stopped.NOT:
                self._stop()
                if ending.stopped is Stopped.TIMEOUT and not began:
                    raise self._never_began(ending.exit_code)
            elif ending.exit_code and began:
                self._look_why()
            elif not began:
                raise self._never_began(ending.exit_code)
            if last:
                self._take_back()

        return judge

    def _stop(self) -> None:
        """End the script whose client was ended. Raises PlumblineError ``engine-failed``."""
        self._engine.ask("stop", "--time", "0", "--", self._container, timeout=REMOVAL)
        state = self._engine.state(self._container)
        if state is None and not self._engine.left(self._marker, [self._container]):
            return  # it was never made
        if state is None or state.get("Running") is not False:
            self._workspace.spoil()
            raise _failed(
                t("{engine} does not say that the container of the script has ended", engine=self._engine.name)
            )

    def _look_why(self) -> None:
        """Of a script that failed: whether it was the script. Raises PlumblineError ``engine-failed``."""
        state = self._engine.state(self._container)
        if state is None or state.get("Running") is not False:
            self._stop()
            raise _failed(t("{engine} lost the container while its script ran", engine=self._engine.name))
        for limit in reached(self._workspace.scratch, state):
            self._output.say(limit, YELLOW)

    def _never_began(self, status: int) -> PlumblineError:
        state = self._engine.state(self._container)
        said = str(state.get("Error") or "") if state is not None else ""
        if said:
            hint = t("{engine} says: {reason}", engine=self._engine.name, reason=said[:600])
        elif state is None or not self._has_entrypoint:
            hint = t("What {engine} said stands above. An image for jobs needs a shell, sh.", engine=self._engine.name)
        else:
            hint = t("What the image begins with has to run the shell that it is given, or the job names another "
                     'entrypoint: image:entrypoint, [""] for none.')  # fmt: skip
        return _failed(t("the script never began (exit status {code}). {hint}", code=status, hint=hint))

    def close(self) -> None:
        """Remove the container and the services, and see that they are gone. The working copy is not used again
        otherwise."""
        mine = [self._container] if self._created else []
        self._engine.remove(*mine)
        left = [*self._engine.left(self._marker, mine), *self._services.close()] if mine else self._services.close()
        if left:
            self._workspace.spoil()
            what = t("WARNING: containers of this job may still be there: {names}", names=", ".join(left))
            self._output.say(what, YELLOW)
        self._take_back()

    def _take_back(self) -> None:
        if not self._told and not take_back(self._engine, (self._workspace.root, self._workspace.scratch)):
            self._told = True
            self._workspace.spoil()
            what = t("WARNING: some files of this job belong to users of its container, and stay in {folder}",
                     folder=os.path.dirname(self._workspace.scratch))  # fmt: skip
            self._output.say(what, YELLOW)


def _failed(what: Text) -> PlumblineError:
    return PlumblineError("engine-failed", what, kind=ErrorKind.ENVIRONMENT)


def _trusting(root: str) -> dict[str, str]:
    """Let git accept a working copy that belongs to another user than the container's."""
    return {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": root}
