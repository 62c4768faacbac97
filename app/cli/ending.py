"""SIGTERM and Ctrl-C in, an end that loses nothing out: no further input is taken, and what was read is stored.

A second signal does what it always did. Whatever happens, each batch is one transaction: it is there or it is not.
"""

from __future__ import annotations

import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

import typer

T = TypeVar("T")


class _Asked(BaseException):
    """Ends waiting for input; no error, so nothing on the way may take it for one."""


class Ending:
    """Whether somebody asked to end."""

    def __init__(self) -> None:
        self.signal: int | None = None
        self._is_waiting = False

    def until_asked(self, items: Iterable[T]) -> Iterator[T]:
        """The items, until somebody asks to end; waiting for the next one ends at once."""
        source = iter(items)
        while True:
            try:
                # From here on a signal is an error raised right here, so none comes between the look and the wait.
                self._is_waiting = True
                if self.is_asked():
                    return
                item = next(source)
                self._is_waiting = False
            except (_Asked, StopIteration):
                return
            finally:
                self._is_waiting = False
            yield item

    def is_asked(self) -> bool:
        """Whether somebody did."""
        return self.signal is not None

    def ask(self, number: int) -> None:
        """Ask to end, as this signal does."""
        self.signal = number
        if self._is_waiting:
            self._is_waiting = False
            raise _Asked

    def leave(self) -> None:
        """End the command with the status of one that a signal ended, where one did."""
        if self.signal is not None:
            raise typer.Exit(128 + self.signal)


@contextmanager
def ending() -> Iterator[Ending]:
    """What SIGINT and SIGTERM ask meanwhile; the second time, and afterwards, they do what they did before."""
    asked = Ending()
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}

    def restore() -> None:
        for one, handler in before.items():
            signal.signal(one, handler)

    def end(number: int, frame: FrameType | None) -> None:
        restore()
        asked.ask(number)

    try:
        for one in before:
            signal.signal(one, end)
    except ValueError:
        # Not in the main thread, where no signal comes.
        pass
    try:
        yield asked
    finally:
        if signal.getsignal(signal.SIGTERM) is end:
            restore()
