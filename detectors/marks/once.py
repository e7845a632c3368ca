"""A value that is worked out when it is first asked for. The library's ``cached_property`` takes a lock each time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

_Value = TypeVar("_Value")


class once(Generic[_Value]):  # noqa: N801 - it stands where ``property`` stands
    """A property that stays as it is once it was read."""

    def __init__(self, work: Callable[[Any], _Value]) -> None:
        self._work = work
        self._name = work.__name__
        self.__doc__ = work.__doc__

    @overload
    def __get__(self, owner: None, kind: type) -> Self: ...

    @overload
    def __get__(self, owner: object, kind: type) -> _Value: ...

    def __get__(self, owner: object | None, kind: type) -> Self | _Value:
        if owner is None:
            return self
        value = self._work(owner)
        owner.__dict__[self._name] = value  # found there from now on, before this is asked
        return value
