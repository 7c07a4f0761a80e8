"""Every refusal as `application/problem+json` (RFC 9457), whatever raised it."""

import dataclasses
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy import exc as database
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from credit_studio.api import context
from credit_studio.core.errors import FieldError, InvalidInputs, InvalidRequest, InvariantBroken, Kind, NotFound, StudioError, Unavailable
from credit_studio.db.embedded import NotRunning
from credit_studio.tools.base import camel

log = structlog.get_logger()

STATUS: dict[Kind, int] = {
    Kind.MALFORMED: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.PAYMENT: 402,
    Kind.FORBIDDEN: 403,
    Kind.MISSING: 404,
    Kind.CONFLICT: 409,
    Kind.TOO_LARGE: 413,
    Kind.UNSUPPORTED: 415,
    Kind.INVALID: 422,
    Kind.RATE: 429,
    Kind.UNAVAILABLE: 503,
}
PAGES = {"sign_in": "/login", "purchase": "/account/credits", "upgrade": "/pricing", "settings": "/account/settings/credits"}
"""The pages that help, by the names that errors use; "tool" is the page of the tool that was asked for."""

CAP_FIELDS = {"cap_daily": "daily-cap", "cap_monthly": "monthly-cap", "cap_per_run": "run-cap"}
"""Where on the page of the settings the cap stands that has stopped a run."""

MEDIA_TYPE = "application/problem+json"
_UNREACHABLE = (OSError, NotRunning, database.TimeoutError, database.OperationalError, database.InterfaceError)
"""The database cannot be reached or has no connection free, or the disk is full: the transaction was rolled back."""


def problem(error: StudioError, request: Request) -> Response:
    """The reply to a refusal."""
    status = STATUS[error.kind]
    body = _document(status, error.code, error.message, request) | {"reason": error.reason, "action": error.action, "urls": _urls(error, request)}
    body |= {camel(name): value for name, value in _facts(error).items()}
    if isinstance(error, InvalidInputs):
        body["errors"] = [{"field": one.field, "message": one.message} for one in error.errors]
    return _answer(status, body, _headers(error))


def crash(request: Request) -> Response:
    """The reply to what should not happen: no word of what it was."""
    said = "The studio failed on this request. A run that gives no result is not charged."
    body = _document(500, "internal_error", said, request)
    return _answer(500, body | {"reason": "internal_error", "action": "Try again. If it stays, tell the operator the request id.", "urls": {}}, {})


def fields(errors: Sequence[Any], *, skip: tuple[str, ...] = ("body", "query", "path", "header")) -> InvalidInputs:
    """Pydantic's errors as ours: the camelCase path from the body down, and what would be right."""
    return InvalidInputs(tuple(_field(error, skip) for error in errors[:50]))


def install(api: FastAPI) -> None:
    """Make every error of the app one of ours."""
    api.add_exception_handler(StudioError, _on_refusal)
    api.add_exception_handler(RequestValidationError, _on_misfit)
    api.add_exception_handler(HTTPException, _on_http)
    for kind in _UNREACHABLE:
        api.add_exception_handler(kind, _on_unreachable)
    api.add_exception_handler(Exception, _on_crash)


async def _on_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, StudioError)  # noqa: S101 - that is what it is installed for
    return problem(error, request)


async def _on_misfit(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - that is what it is installed for
    return problem(fields(error.errors()), request)


async def _on_http(request: Request, error: Exception) -> Response:
    """FastAPI wraps what goes wrong while it reads a body: a refusal of ours is taken out again."""
    assert isinstance(error, HTTPException)  # noqa: S101 - that is what it is installed for
    cause = error.__cause__
    if isinstance(cause, StudioError):
        return problem(cause, request)
    if error.status_code == HTTPStatus.NOT_FOUND:
        return problem(NotFound("There is nothing here."), request)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return wrong_method(request, (error.headers or {}).get("Allow", ""))
    return problem(InvalidRequest("The request cannot be read. Nothing was charged.", action="See /api/docs for what this route takes."), request)


async def _on_unreachable(request: Request, error: Exception) -> Response:
    log.error("cannot serve", request_id=context.of(request).request_id, kind=type(error).__name__)
    return problem(Unavailable("The studio cannot answer now. Nothing was charged.", action="Try again in a minute."), request)


async def _on_crash(request: Request, error: Exception) -> Response:
    if isinstance(error, InvariantBroken):
        log.critical("invariant broken", request_id=context.of(request).request_id, said=str(error))
    return crash(request)


def wrong_method(request: Request, allowed: str) -> Response:
    """405: the route is there, the method is not."""
    body = _document(405, "method_not_allowed", "This route does not take this method.", request)
    return _answer(405, body | {"reason": "method_not_allowed", "action": f"Use {allowed}.", "urls": {}}, {"Allow": allowed})


def _document(status: int, code: str, said: str, request: Request) -> dict[str, Any]:
    title = "Content Too Large" if status == 413 else HTTPStatus(status).phrase  # noqa: PLR2004 - RFC 9110 renamed it
    where = {"type": f"/api/docs#{code}", "title": title, "status": status, "detail": said, "instance": request.url.path}
    return where | {"error": said, "code": code, "requestId": context.of(request).request_id}


def _answer(status: int, body: dict[str, Any], headers: dict[str, str]) -> Response:
    return JSONResponse(body, status, {"Cache-Control": "no-store", **headers}, media_type=MEDIA_TYPE)


def _headers(error: StudioError) -> dict[str, str]:
    wait = error.facts.retry_after_s
    challenge = {"WWW-Authenticate": "Bearer"} if error.kind is Kind.UNAUTHENTICATED else {}
    return challenge | ({"Retry-After": str(max(1, round(wait + 0.5)))} if wait is not None else {})


def _facts(error: StudioError) -> dict[str, Any]:
    known = {name: value for name, value in dataclasses.asdict(error.facts).items() if value is not None and name != "retry_after_s"}
    return known | ({"resets_at": error.facts.resets_at.isoformat()} if error.facts.resets_at else {})


def _urls(error: StudioError, request: Request) -> dict[str, str]:
    path = request.url.path
    page = path.removeprefix("/api").removesuffix("/run") if path.endswith("/run") else ""
    known = PAGES | ({"tool": page} if page else {})
    known |= {"sign_in": f"/login?next={page}"} if page else {}
    known |= {"settings": f"{PAGES['settings']}#{CAP_FIELDS[error.code]}"} if error.code in CAP_FIELDS else {}
    return {name: known[name] for name in error.helps if name in known}


def _field(error: dict[str, Any], skip: tuple[str, ...]) -> FieldError:
    loc = error["loc"][1:] if error["loc"] and error["loc"][0] in skip else error["loc"]
    return FieldError(".".join(str(part) for part in loc) or "body", _words(error))


_SAID = {
    "missing": "Is needed.",
    "extra_forbidden": "Is not known here.",
    "int_type": "Must be a whole number.",
    "int_from_float": "Must be a whole number.",
    "int_parsing": "Must be a whole number.",
    "string_type": "Must be text.",
    "bool_type": "Must be true or false.",
    "dict_type": "Must be an object.",
    "model_attributes_type": "Must be an object.",
    "model_type": "Must be an object.",
    "greater_than_equal": "Must be at least {ge}.",
    "less_than_equal": "Must be at most {le}.",
    "string_too_long": "Takes at most {max_length} characters.",
    "string_too_short": "Needs at least {min_length} characters.",
    "timezone_aware": "Must be a time with its offset, like 2026-11-20T14:02:00Z.",
    "datetime_from_date_parsing": "Must be a time with its offset, like 2026-11-20T14:02:00Z.",
    "datetime_parsing": "Must be a time with its offset, like 2026-11-20T14:02:00Z.",
}


def _words(error: dict[str, Any]) -> str:
    said = _SAID.get(error["type"])
    return said.format(**error.get("ctx", {})) if said else f"{error['msg'][:200].rstrip('.')}."
