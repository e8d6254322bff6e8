"""The demo: a real server with real people and repositories, and the story that is told with them."""

from plumbline.cli.demo.play import play

__all__ = ["play"]
