"""Commands and options whose help is a :class:`Text`: rendered when it is shown, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from plumbline.cli.language import clicks_words
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.kernel import Text


CONTEXT: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 110}


class Option(click.Option):
    """``text``: itself, or what makes it when somebody asks for help."""

    def __init__(self, *args: Any, text: Text | Callable[[], Text] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._text = text

    @property
    def text(self) -> Text | None:
        return self._text() if callable(self._text) else self._text

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        if self.text is not None:
            self.help = str(self.text)
        return super().get_help_record(ctx)


class Choice(click.Choice[str]):
    """One of some words; for another the nearest of them is named."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            message = with_nearest(error.message, str(value), list(self.choices))
            raise click.BadParameter(message, ctx, param) from error


def with_nearest(message: str, word: str, words: list[str]) -> str:
    """A message of click's, and the word that was probably meant."""
    from plumbline.pipeline import did_you_mean

    near = did_you_mean(word, words)
    return f"{message} ({near})" if near else message


class Command(click.Command):
    """``text`` is the one-line help; ``details`` are further paragraphs."""

    def __init__(self, *args: Any, text: Text, details: tuple[Text, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.text = text
        self.details = details

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        with clicks_words():
            return super().make_context(info_name, args, parent, **extra)

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002
        return str(self.text)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        for paragraph in (self.text, *self.details):
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(str(paragraph))


class Group(click.Group, Command):
    """Several commands under one name."""


def command(name: str, text: Text, *details: Text) -> Callable[[Callable[..., Any]], Command]:
    """Make a function a command of this name. It returns its exit status (None: 0)."""
    made = click.command(name, cls=Command, text=text, details=details, context_settings=CONTEXT)
    return lambda function: made(language_option(function))


def option(*names: str, text: Text | Callable[[], Text], **kwargs: Any) -> Callable[[Any], Any]:
    """Like ``click.option``, with a translatable help ``text``."""
    return click.option(*names, cls=Option, text=text, **kwargs)


def language_option(function: Any) -> Any:
    """``--language``, which was obeyed before anything was parsed; here it is only checked and explained."""
    return option("--language", type=Choice(["en", "zh"]), expose_value=False, text=t("Answer in this language."))(
        function
    )
