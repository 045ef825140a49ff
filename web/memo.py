"""What is asked once for many, while they are dealt with together.

Inside `with remembering():` a function that is `remembered` is called once for the same arguments.
What it said then may be as old as the block: keep that short. Outside, nothing is remembered.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

Given = ParamSpec("Given")
Said = TypeVar("Said")

_memory: ContextVar[dict[Any, Any] | None] = ContextVar("memory", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    token = _memory.set({})
    try:
        yield
    finally:
        _memory.reset(token)


def remembered(function: Callable[Given, Said]) -> Callable[Given, Said]:
    """The arguments must be hashable, and nobody may change what it returns."""

    @wraps(function)
    def asked_once(*args: Given.args, **kwargs: Given.kwargs) -> Said:
        memory = _memory.get()
        if memory is None:
            return function(*args, **kwargs)
        question = (function, args, tuple(sorted(kwargs.items())))
        if question not in memory:
            memory[question] = function(*args, **kwargs)
        return cast("Said", memory[question])

    return asked_once
