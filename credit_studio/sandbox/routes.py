"""Which function answers which request: `@route` for the API, `@page` for what people and tests use, `@included` for fields that come when asked for."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from credit_studio.sandbox import parameters
from credit_studio.sandbox.errors import ApiError, Body, refused
from credit_studio.sandbox.world import World

Answering = Callable[..., Body]
Showing = Callable[[World, Request], Awaitable[Response]]


@dataclass(frozen=True)
class Route:
    """One call of the API."""

    method: str
    template: str
    pattern: re.Pattern[str]
    answer: Answering


api: list[Route] = []
pages: list[tuple[str, str, Showing]] = []
includes: dict[tuple[str, str], Callable[[World, Body], Any]] = {}


def route(method: str, template: str) -> Callable[[Answering], Answering]:
    """Answer that call of the SDK: `fn(world, params, **path_ids)`. Raises `LookupError` when the installed SDK has no such call."""
    if not parameters.known(method, template):
        raise LookupError(f"The SDK has no {method} {template}")

    def register(answer: Answering) -> Answering:
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template))
        api.append(Route(method, template, pattern, answer))
        return answer

    return register


def page(method: str, path: str) -> Callable[[Showing], Showing]:
    """Answer that address, which begins with `/sandbox/`."""

    def register(show: Showing) -> Showing:
        pages.append((method, path, show))
        return show

    return register


def included(kind: str, field: str) -> Callable[[Callable[[World, Body], Any]], Callable[[World, Body], Any]]:
    """Make that field of that kind of object when `expand` names it."""

    def register(make: Callable[[World, Body], Any]) -> Callable[[World, Body], Any]:
        includes[kind, field] = make
        return make

    return register


def matching(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The call that is asked for and the ids in its address; fixed addresses come before patterns. Raises `ApiError` 404."""
    found = [(one, match.groupdict()) for one in api if one.method == method and (match := one.pattern.fullmatch(path))]
    if not found:
        raise _unknown(method, path)
    return min(found, key=lambda one: len(one[1]))


def _unknown(method: str, path: str) -> ApiError:
    return refused(f"Unrecognized request URL ({method}: {path}). The sandbox does not have it.", status=404)
