"""The options of a connection: those that a driver has, and the values that each can have.

An option comes from a URL, as text, or from the caller's `connect_args`, as any object.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

OFF, ON = ("0", "false", "no", "off"), ("1", "true", "yes", "on")
"""The words for a switch, in lower case."""

_NUMBER = re.compile(r"-?\d+(\.\d*)?", re.ASCII)

_SECRETS = ("pass", "pwd", "secret", "token", "key", "dsn")
"""Parts of the names of options with secret values, such as aiomysql's `passwd`."""

_OF_STORE = frozenset(
    {
        *(
            "connect_args",
            "connect_timeout",
            "lock_timeout",
            "max_overflow",
            "operation_timeout",
            "pool_pre_ping",
            "pool_recycle",
        ),
        *("pool_idle", "pool_size", "pool_timeout", "schema", "statement_timeout"),
    }
)
"""Arguments of the store that people write into a URL."""


class Option(NamedTuple):
    """An option, and what is done with it.

    allows: returns whether a text is one of its values.
    cure: what to write in place of other values.
    is_passed_on: whether the driver gets it; else its values ask for what the driver does anyway.
    is_object: whether no text, but an object in `connect_args`, can be its value.
    """

    allows: Callable[[str], bool]
    cure: str = ""
    is_passed_on: bool = True
    is_object: bool = False


def only(*values: str, cure: str, is_passed_on: bool = False) -> Option:
    """Return an option of which only some values, in lower case, can be used."""
    return Option(lambda value: value.lower() in values, cure, is_passed_on)


def refused(cure: str) -> Option:
    """Return an option that cannot be used, whatever its value is."""
    return only(cure=cure)


def one_of(*values: str) -> Option:
    """Return an option that has one of these values, as they are written."""
    return Option(lambda value: value in values, f"it must be one of {', '.join(values)}")


def up_to(most: int) -> Option:
    """Return an option that is a whole number, at most this one."""
    digits = len(str(most))  # Python refuses to read a number with thousands of them

    def allows(value: str) -> bool:
        return value.isascii() and value.isdecimal() and len(value) <= digits and int(value) <= most

    return Option(allows, f"it must be a number, at most {most}")


def an_object(cure: str = "give it in connect_args") -> Option:
    """Return an option that cannot be written as text."""
    return Option(lambda value: False, cure, is_object=True)


TEXT = Option(lambda value: True)
WHOLE_NUMBER = up_to(2**31 - 1)
NUMBER = Option(lambda value: _NUMBER.fullmatch(value) is not None, "it must be a number")
POSITIVE = Option(lambda value: NUMBER.allows(value) and float(value) > 0, "it must be a number, more than 0")
LIMIT = Option(lambda value: _NUMBER.fullmatch(value.removeprefix("-")) is not None, "it must be a number")
"""Seconds; less than 0 is no limit, as 0 is."""
SWITCH = only(*OFF, *ON, cure="it must be true or false", is_passed_on=True)


class Options:
    """The options of a driver.

    Args:
        driver: The driver's name.
        known: The options that a URL can have.
        arguments: Names that `connect_args` can have; for those that are `known`, too, the values are the same.
        several: Names of options that may stand in a URL several times; of others the last one counts.
        unknown: What to do about another option: texts by the beginning of its name; "" is for all.
    """

    def __init__(
        self,
        driver: str,
        known: Mapping[str, Option],
        *,
        arguments: Collection[str],
        several: Collection[str] = (),
        unknown: Mapping[str, str],
    ) -> None:
        self.known = known
        self.arguments = frozenset(arguments)
        self._driver = driver
        self._several = several
        self._unknown = unknown

    def counted(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options of a URL with the value that counts, or all values where several may be."""
        return {name: value if name in self._several else last(value) for name, value in query.items()}

    def read(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options of a URL that the driver gets; raises ValueError for others, with the cure."""
        passed_on = {}
        for name, given in self.counted(query).items():
            value = last(given)
            option = self.known.get(name)
            if option is None:  # its value may be a secret
                raise ValueError(f"{name}: {self._driver} has no such option: {self._cure(name)}")
            if not option.allows(value):
                raise ValueError(f"{_shown(name, value)}: {option.cure}")
            if option.is_passed_on:
                passed_on[name] = given
        return passed_on

    def objection(self, arguments: Mapping[str, Any]) -> str | None:
        """Return why these `connect_args` cannot be used, with the argument and the cure; None if they can."""
        for name, value in arguments.items():
            if name not in self.arguments:
                return f"{self._driver} takes no argument {name!r}: {self._cure(str(name))}"
            option = self.known.get(name, TEXT)
            if option.is_passed_on and (option.is_object or not isinstance(value, str)):
                continue  # the driver itself knows which objects it takes
            if not option.allows(str(value)):
                return f"{_shown(name, value)}: {option.cure}"
        return None

    def _cure(self, name: str) -> str:
        if name in _OF_STORE:
            return f"give it to the store, as {name}="
        return next(cure for beginning, cure in self._unknown.items() if name.lower().startswith(beginning))


def last(value: Any) -> Any:
    """Return the value of an option that a URL may have several times: the last one counts."""
    return value[-1] if isinstance(value, tuple) else value


def is_secret(name: str) -> bool:
    """Return whether the value of an option may be a password or a key."""
    return any(part in name.lower() for part in _SECRETS)


def _shown(name: str, value: Any) -> str:
    return f"{name}={value}" if isinstance(value, (str, int)) and not is_secret(name) else name
