"""What an object may look like: the installed SDK's classes. An object with a field that they do not know, or without one that they need, never leaves."""

import typing
from collections.abc import Iterator
from functools import cache
from typing import Any, ForwardRef, Literal, Union, get_args, get_origin

import stripe
from stripe._list_object import ListObject
from stripe._object_classes import get_object_class
from stripe._stripe_object import StripeObject

from credit_studio.sandbox.errors import Body

_MORE_CODES = frozenset({"sandbox_unsupported", "subscription_payment_intent_requires_action"})
"""Our own code, and one of Stripe's that the SDK does not list."""


class BadShape(RuntimeError):
    """The sandbox made an object that Stripe's SDK does not know like that: a mistake in the sandbox."""


def check(obj: Body) -> None:
    """Raise `BadShape` when the object, or any inside it, is not as the SDK's class says."""
    wrong = list(_of_object(obj, str(obj.get("object"))))
    if wrong:
        raise BadShape("; ".join(wrong[:8]))


def check_error(error: Body) -> None:
    """Raise `BadShape` when the error has a code that Stripe's SDK does not list."""
    code = error.get("code")
    if code is not None and code not in _MORE_CODES and code not in _codes():
        raise BadShape(f"The SDK has no error code {code!r}")


@cache
def _codes() -> frozenset[str]:
    arms = _arms(_fields(stripe.PaymentIntent.LastPaymentError)["code"])
    return frozenset(code for arm in arms if get_origin(arm) is Literal for code in get_args(arm))


def expandable(kind: str, field: str) -> bool:
    """True when the field of that kind holds an id that `expand` may replace by its object."""
    hint = _fields(_class_of(kind)).get(field)
    return hint is not None and any(isinstance(arm, ForwardRef) for arm in get_args(hint))


def _of_object(obj: Body, where: str) -> Iterator[str]:
    kind = obj.get("object")
    if not isinstance(kind, str):
        yield f"{where} is no object"
        return
    if kind == "list":
        for number, item in enumerate(obj["data"]):
            yield from _of_object(item, f"{where}.data[{number}]")
    elif obj.get("deleted") is not True:
        yield from _of_class(obj, _class_of(kind), where)


def _of_class(obj: Body, of: type, where: str) -> Iterator[str]:
    fields = _fields(of)
    for name in obj.keys() - fields.keys():
        yield f"{where}.{name} is unknown to {of.__qualname__}"
    for name, hint in fields.items():
        if name not in obj:
            if not _may_be_none(hint):
                yield f"{where}.{name} is missing"
        elif not _fits(obj[name], hint):
            yield f"{where}.{name} cannot be {obj[name]!r:.60}"
        else:
            yield from _inside(obj[name], hint, f"{where}.{name}")


def _inside(value: object, hint: object, where: str) -> Iterator[str]:
    for number, item in enumerate(value if isinstance(value, list) else [value]):
        if isinstance(item, dict) and isinstance(item.get("object"), str):
            yield from _of_object(item, f"{where}[{number}]" if isinstance(value, list) else where)
        elif isinstance(item, dict) and (inner := _nested(hint)):
            yield from _of_class(item, inner, where)


def _class_of(kind: str) -> type:
    found = get_object_class("V1", kind)
    if found is StripeObject:
        raise BadShape(f"The SDK has no object {kind!r}")
    return found


@cache
def _fields(of: type) -> dict[str, Any]:
    return {name: hint for base in reversed(of.__mro__) for name, hint in _own(base).items() if _is_field(name, hint)}


def _own(base: type) -> dict[str, Any]:
    return vars(base).get("__annotations__", {}) if issubclass(base, StripeObject) and base is not StripeObject else {}


def _is_field(name: str, hint: object) -> bool:
    return get_origin(hint) is not typing.ClassVar and not name.startswith("_")


@cache
def _arms(hint: object) -> tuple[object, ...]:
    return tuple(inner for arm in get_args(hint) for inner in _arms(arm)) if get_origin(hint) is Union else (hint,)


@cache
def _may_be_none(hint: object) -> bool:
    return type(None) in _arms(hint)


@cache
def _nested(hint: object) -> type | None:
    """The class of a part that has no `object` of its own; None for free-form parts (metadata)."""
    for arm in _arms(hint):
        inner = get_args(arm)[0] if get_origin(arm) is list else arm
        if isinstance(inner, type) and issubclass(inner, StripeObject) and _fields(inner):
            return inner
    return None


def _fits(value: object, hint: object) -> bool:
    return any(_fits_arm(value, arm) for arm in _arms(hint))


def _fits_arm(value: object, arm: object) -> bool:  # noqa: PLR0911 - one line for each kind of type
    origin = get_origin(arm)
    if origin is Literal:
        return value in get_args(arm)
    if origin is list:
        return isinstance(value, list) and all(_fits(item, get_args(arm)[0]) for item in value)
    if arm is Any or isinstance(arm, str | typing.TypeVar):
        return True
    if isinstance(arm, ForwardRef) or origin is ListObject or origin is dict:
        return isinstance(value, dict)
    of = origin or arm
    if isinstance(of, type) and issubclass(of, StripeObject):
        return isinstance(value, dict)
    if of is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if of is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, str) if getattr(of, "__name__", "") == "Decimal" else isinstance(value, of) if isinstance(of, type) else True


API_VERSION: str = stripe.api_version
"""The version that the SDK speaks, and that every event carries."""


def nulls(kind: str) -> Body:
    """Every field of that kind that may be null, as null: what an object starts from, so that new fields of the SDK are there by themselves."""
    return {name: None for name, hint in _fields(_class_of(kind)).items() if _may_be_none(hint) and name != "deleted"}
