"""A line of the panel that says what became of a command, and asks back where much is at stake."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import ipywidgets

from reslib_widgets.shown import set_trait
from reslib_widgets.view import text

__all__ = ["Asked", "Notice", "Question"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that is asked back, and the command that a yes gives."""

    yes: str
    command: str
    argument: Any


@dataclass(frozen=True, slots=True)
class Notice:
    """The notice about the last command."""

    words: str = ""
    kind: str = "info"
    asked: Asked | None = None
    #: Jobs that were retried: it goes on to tell what becomes of them.
    retried: Sequence[int] = ()


class Question:
    """The notice with its buttons Yes and No.

    Parameters
    ----------
    post
        Hands a command to the panel: its name and an argument.
    """

    def __init__(self, post: Callable[..., None]) -> None:
        self._asked: Asked | None = None
        self._said = ipywidgets.HTML(layout=ipywidgets.Layout(width="auto", flex="0 1 auto"))
        self._yes, self._no = (
            ipywidgets.Button(
                description=words,
                tooltip=tooltip,
                layout=ipywidgets.Layout(width="auto", min_width="72px", display="none"),
            )
            for words, tooltip in (("Yes", "Do it"), ("No", "Leave all as it is"))
        )
        self._yes.on_click(lambda _: self._say_yes(post))
        self._no.on_click(lambda _: post("refuse"))
        self.root = ipywidgets.HBox(
            [self._said, self._yes, self._no],
            layout=ipywidgets.Layout(flex_flow="row wrap", align_items="center"),
        )

    def _say_yes(self, post: Callable[..., None]) -> None:
        asked = self._asked
        if asked is not None:
            post(asked.command, asked.argument)

    @property
    def html(self) -> str:
        """Its words now, as HTML."""
        return str(self._said.value)

    def draw(self, notice: Notice) -> None:
        """Show a notice."""
        said = (
            f'<div class="rl-notice" role="status" data-kind="{notice.kind}">'
            f"{text(notice.words)}</div>"
        )
        set_trait(self._said, "value", said if notice.words else "")
        self._asked = notice.asked
        if notice.asked is not None:
            set_trait(self._yes, "description", notice.asked.yes)
        for button in (self._yes, self._no):
            set_trait(button.layout, "display", "none" if notice.asked is None else None)
