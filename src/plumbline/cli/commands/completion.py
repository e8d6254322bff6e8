"""``plumb completion``: the script that teaches a shell our commands, options and job names."""

from __future__ import annotations

import click

from plumbline.cli.help import Choice, command
from plumbline.kernel import t


@command(
    "completion",
    t("Print the completion script of a shell."),
    t('For bash, put this into ~/.bashrc: eval "$(plumb completion bash)"'),
    t('For zsh, put this into ~/.zshrc: eval "$(plumb completion zsh)"'),
    t("For fish: plumb completion fish > ~/.config/fish/completions/plumb.fish"),
)
@click.argument("shell", type=Choice(["bash", "zsh", "fish"]))
def PART(shell: str) -> None:  # noqa: N802
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(click.get_current_context().find_root().command, {}, "plumb", "_PLUMB_COMPLETE").source())
