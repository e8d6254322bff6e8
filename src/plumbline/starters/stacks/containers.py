"""Images of containers, from a Dockerfile or Containerfile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.starters.files import joined
from plumbline.starters.found import Found, Job
from plumbline.starters.starter import Starter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.starters.files import Files

_NAMES = ("Dockerfile", "Containerfile")


def find(files: Files) -> Iterable[Found]:
    for folder in files.homes(*_NAMES):
        name = next(name for name in _NAMES if joined(folder, name) in files)
        build = f'buildah build --isolation chroot --file {name} --tag "$CI_PROJECT_NAME:$CI_COMMIT_SHORT_SHA" .'
        job = Job(
            stage="package",
            image="quay.io/buildah/stable",
            tools=("buildah",),
            variables={"STORAGE_DRIVER": "vfs"},
            script=(build,),
            manual=True,
            notes=(t("Starts when somebody presses it, since not every runner may build images. The image is not "
                     "pushed: that needs a registry, and its credentials as variables."),),
        )  # fmt: skip
        yield Found(
            folder=folder,
            files=(name,),
            jobs=(job,),
            guessed=(t("buildah, the newest, builds the image: no file says what does."),),
        )


PART = Starter(title=t("Images of containers"), find=find, manifests=_NAMES, program=False)
