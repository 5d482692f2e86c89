"""Props types: turns an opened island's props into what its handler declared, or says which prop does not fit."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, Literal, Union

from .errors import ConfigError, PropsError

Reader = Callable[[dict[str, Any]], Any]
"""Turns the props' dict into what the handler gets, or raises ``PropsError``."""

_Check = Callable[[Any, str], Any]


def reader(declared: Any) -> Reader:
    """Make the reader for a props type.

    ``None`` hands out the dict; a dataclass is filled after each field's type was checked, nested dataclasses too; a
    pydantic model is validated; any other callable gets the dict and returns what the handler gets.
    """
    if declared is None:
        return _as_they_are
    if dataclasses.is_dataclass(declared) and isinstance(declared, type):
        check = _dataclass(declared, declared.__name__)
        return lambda props: check(props, "props")
    convert = getattr(declared, "model_validate", declared)
    if not callable(convert):
        raise ConfigError(
            f"a props type is a dataclass, a model or a callable, not {type(declared).__name__}", "option"
        )
    return lambda props: _converted(convert, props)


def _as_they_are(props: dict[str, Any]) -> dict[str, Any]:
    return props


def _converted(convert: Callable[[dict[str, Any]], Any], props: dict[str, Any]) -> Any:
    try:
        return convert(props)
    except (ValueError, TypeError, LookupError) as error:
        # Its text may hold values; pydantic can say where without them.
        raise PropsError(f"props: {type(error).__name__}{_places(error)}", "props-type") from None


def _places(error: Exception) -> str:
    details = getattr(error, "errors", None)
    if not callable(details):
        return ""
    found = [".".join(map(str, part["loc"])) + f" ({part['type']})" for part in details()]
    return " at " + ", ".join(found) if found else ""


def _dataclass(declared: type, where: str) -> _Check:
    hints = typing.get_type_hints(declared)
    fields = [field for field in dataclasses.fields(declared) if field.init]
    checks = {field.name: _checker(hints[field.name], f"{where}.{field.name}") for field in fields}
    required = [
        field.name
        for field in fields
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    ]

    def check(value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            raise _mismatch(path, "an object", value)
        for name in required:
            if name not in value:
                raise PropsError(f"{path}.{name}: is missing", "props-type")
        for name in value:
            if name not in checks:
                raise PropsError(f"{path}: {where} has no field {name!r}", "props-type")
        return declared(**{name: checks[name](item, f"{path}.{name}") for name, item in value.items()})

    return check


def _checker(hint: Any, where: str) -> _Check:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return lambda value, _: value
    if isinstance(hint, type) and origin is None:
        return _class(hint, where)
    if origin is typing.Annotated:
        return _checker(arguments[0], where)
    if origin is Literal:
        return _literal(arguments)
    if origin in (Union, types.UnionType):
        return _union([_checker(argument, where) for argument in arguments])
    if origin is list:
        return _list(_checker(arguments[0], where))
    if origin in (dict, Mapping) and arguments[0] is str:
        return _dict(_checker(arguments[1], where))
    raise _unusable(hint, where)


def _class(hint: type, where: str) -> _Check:
    if dataclasses.is_dataclass(hint):
        return _dataclass(hint, hint.__name__)
    if hint is float:
        return _scalar((int, float), "a number")
    names = {
        str: "a string",
        int: "an integer",
        bool: "true or false",
        type(None): "null",
        list: "a list",
        dict: "an object",
    }
    if hint not in names:
        raise _unusable(hint, where)
    return _scalar((hint,), names[hint])


def _scalar(accepted: tuple[type, ...], expected: str) -> _Check:
    def check(value: Any, path: str) -> Any:
        # By the exact type: to Python, True is an int.
        if type(value) not in accepted:
            raise _mismatch(path, expected, value)
        return value

    return check


def _literal(allowed: tuple[Any, ...]) -> _Check:
    def check(value: Any, path: str) -> Any:
        if not any(value == item and type(value) is type(item) for item in allowed):
            raise PropsError(f"{path}: is none of the allowed values", "props-type")
        return value

    return check


def _union(checks: list[_Check]) -> _Check:
    def check(value: Any, path: str) -> Any:
        refused: PropsError | None = None
        for attempt in checks:
            try:
                return attempt(value, path)
            except PropsError as error:  # noqa: PERF203 - one of few members
                refused = error
        raise refused or _mismatch(path, "anything", value)

    return check


def _list(item: _Check) -> _Check:
    def check(value: Any, path: str) -> Any:
        if not isinstance(value, list):
            raise _mismatch(path, "a list", value)
        return [item(element, f"{path}[{index}]") for index, element in enumerate(value)]

    return check


def _dict(item: _Check) -> _Check:
    def check(value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            raise _mismatch(path, "an object", value)
        return {key: item(element, f"{path}[{key!r}]") for key, element in value.items()}

    return check


def _mismatch(path: str, expected: str, value: object) -> PropsError:
    return PropsError(f"{path}: is {type(value).__name__} instead of {expected}", "props-type")


def _unusable(hint: object, where: str) -> ConfigError:
    return ConfigError(
        f"{where}: props cannot be checked against {hint!r}: use str, int, float, bool, list, dict, a union, "
        "a Literal, a dataclass, or a callable for the whole",
        "option",
    )
