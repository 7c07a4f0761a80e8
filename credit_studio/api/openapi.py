"""The OpenAPI document: what each route refuses with, and each tool's own inputs, from the registry."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from credit_studio.api.errors import MEDIA_TYPE
from credit_studio.tools import validation
from credit_studio.tools.registry import AnyTool, all_tools

CODES: dict[str, tuple[int, str]] = {
    "invalid_request": (400, "The body or a header cannot be read."),
    "sign_in_required": (401, "Only those who have signed in may do this."),
    "invalid_credentials": (401, "Email or password is not right."),
    "invalid_key": (401, "The API key is not valid."),
    "insufficient_credits": (402, "The balance does not cover the most that the run can cost."),
    "cap_per_run": (402, "The run could cost more than your own cap for one run."),
    "cap_daily": (402, "A daily cap is reached: the plan's, which bought credits pass, or your own."),
    "cap_monthly": (402, "A monthly cap is reached."),
    "card_declined": (402, "The bank declined the saved card: `reason` is its code, `error` says it in words. Nothing was charged."),
    "forbidden": (403, "You may not do this."),
    "bad_origin": (403, "The request comes from another site's page."),
    "not_found": (404, "There is no such thing, or it is not yours."),
    "unknown_code": (404, "There is no such code, or no such invitation."),
    "unknown_tool": (404, "There is no such tool."),
    "method_not_allowed": (405, "The route does not take this method."),
    "email_taken": (409, "An account with this email exists."),
    "tool_runs_in_browser": (409, "The tool runs only in the browser, for 0 credits, on its page."),
    "idempotency_in_progress": (409, "The first request under this Idempotency-Key has not ended."),
    "run_in_progress": (409, "A run of this tool is in progress: one at a time."),
    "no_card": (409, "No card is saved: buy once at the checkout."),
    "plan_is_held": (409, "The plan is yours already, or follows it."),
    "plan_by_agreement": (409, "The plan is not sold here: an operator gives it."),
    "plan_is_ending": (409, "The plan is to end with its period: keep it first, then choose a larger one."),
    "payment_due": (409, "A payment for the plan is due: pay it first."),
    "price_changed": (409, "The price of the change is another one by now: look at it again."),
    "confirmation_needed": (409, "A purchase of this size asks once more: buy it at the checkout."),
    "code_over": (409, "The code is past its time, was redeemed as often as it can be, or was ended."),
    "code_redeemed": (409, "You have redeemed this code before."),
    "code_taken": (409, "There is a code of that name."),
    "gift_over": (409, "The gift was claimed, taken back, or is past its time."),
    "own_gift": (409, "The gift is your own: take it back instead."),
    "too_many_gifts": (409, "You have as many gifts open as there can be."),
    "invitation_refused": (409, "This invitation is not for you: `error` says why."),
    "not_paid": (409, "The purchase is not paid: there is nothing to refund."),
    "nothing_to_refund": (409, "All the money of the purchase has gone back, or its bank has it."),
    "upload_quota": (409, "Your uploads of the last hour have reached their limit."),
    "too_large": (413, "The body is larger than 1 MB, an upload larger than 20 MB."),
    "unsupported_media_type": (415, "The route takes another content type."),
    "invalid_inputs": (422, "Inputs do not fit: `errors` names each field."),
    "idempotency_mismatch": (422, "The Idempotency-Key was used with another body."),
    "rate_limited": (429, "Too many requests in a minute: wait as `Retry-After` says."),
    "internal_error": (500, "The studio failed."),
    "unavailable": (503, "It cannot be served now. Nothing was charged."),
}
"""Every code, its status, and when it is given."""

_EVERYWHERE = ("invalid_key", "rate_limited", "unavailable")
_UNSAFE = ("invalid_request", "bad_origin", "too_large", "unsupported_media_type", "invalid_inputs")
_RUN_REFUSALS = (
    "sign_in_required",
    "insufficient_credits",
    "cap_per_run",
    "cap_daily",
    "cap_monthly",
    "not_found",
    "unknown_tool",
    "tool_runs_in_browser",
    "idempotency_in_progress",
    "run_in_progress",
    "idempotency_mismatch",
)
CHARGED_HEADERS = {
    "X-Credits-Charged": {"description": "whole credits that were charged", "schema": {"type": "integer"}},
    "X-Credits-Held": {"description": "whole credits that were held for the run", "schema": {"type": "integer"}},
    "X-Credits-Remaining": {"description": "whole credits that are available now", "schema": {"type": "integer"}},
    "Idempotency-Replayed": {"description": '"true" when this is the stored reply of an earlier call', "schema": {"type": "string", "enum": ["true"]}},
}


class ProblemField(BaseModel):
    """A field that does not fit."""

    field: str
    message: str


class Problem(BaseModel):
    """RFC 9457, with what happened to the credits and what to do now. Members that do not apply are left out."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")

    type: str
    title: str
    status: int
    detail: str
    instance: str
    error: str = Field(description="the same as detail, for a person")
    code: str = Field(description="stable, snake_case")
    reason: str
    action: str = Field(description="what to do now")
    urls: dict[str, str] = Field(
        description="pages that help: sign_in, purchase, upgrade, settings, tool", json_schema_extra={"propertyNames": {"type": "string"}}
    )
    request_id: str
    balance: int = 0
    held: int = 0
    required: int = 0
    shortfall: int = 0
    limit: int = 0
    spent: int = 0
    resets_at: str = Field(default="", json_schema_extra={"format": "date-time"})
    errors: list[ProblemField] = []


def refusals(*codes: str, unsafe: bool = False) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that refuses with these codes, besides those of every route."""
    everything = dict.fromkeys((*codes, *(_UNSAFE if unsafe else ()), *_EVERYWHERE))
    statuses = sorted({CODES[code][0] for code in everything})
    return {status: _refusal(status, [code for code in everything if CODES[code][0] == status]) for status in statuses}


def run_responses() -> dict[int | str, dict[str, Any]]:
    """What a run's route answers."""
    place = {"Location": {"description": "/api/runs/{id}", "schema": {"type": "string"}}}
    reply = {"application/json": {"schema": {"$ref": "#/components/schemas/RunReply"}}}
    return {
        200: {"description": "The run has ended, with a result or without.", "headers": CHARGED_HEADERS},
        202: {"description": "The run goes on; ask for it at Location.", "headers": {**place, **CHARGED_HEADERS}, "content": reply},
        **refusals(*_RUN_REFUSALS, unsafe=True),
    }


def token_run_responses() -> dict[int | str, dict[str, Any]]:
    """What the routes of token tools answer: as a run's, but that too few credits are 429."""
    answered = run_responses()
    short = "insufficient_credits"
    refused = refusals(*(code for code in _RUN_REFUSALS if code not in {short, "unknown_tool", "tool_runs_in_browser"}), unsafe=True)
    refused[429]["description"] += f" `{short}`: {CODES[short][1]}"
    going_on = {name: value for name, value in answered[202].items() if name != "content"}
    return {200: answered[200], 202: going_on, **refused}


def document(api: FastAPI) -> dict[str, Any]:
    """The whole document, made once."""
    if api.openapi_schema is None:
        made = get_openapi(title=api.title, version=api.version, openapi_version="3.1.0", description=api.description, routes=api.routes, tags=api.openapi_tags)
        schemas = made["components"]["schemas"]
        _drop_fastapis_own(made["paths"], schemas)
        schemas |= _own_schemas()
        for tool in all_tools():
            _describe_run(made["paths"][f"/api{tool.path}/run"]["post"], tool, schemas)
        made["components"]["securitySchemes"] = {"session": {"type": "apiKey", "in": "cookie", "name": "cs_session"}}
        api.openapi_schema = made
    return api.openapi_schema


def _refusal(status: int, codes: list[str]) -> dict[str, Any]:
    example = {
        "type": f"/api/docs#{codes[0]}",
        "title": "…",
        "status": status,
        "detail": CODES[codes[0]][1],
        "instance": "/api/…",
        "error": CODES[codes[0]][1],
        "code": codes[0],
        "reason": codes[0],
        "action": "…",
        "urls": {},
        "requestId": "0192f0c12a3b7c4d8e5f60718293a4b5",
    }
    said = " ".join(f"`{code}`: {CODES[code][1]}" for code in codes)
    return {"description": said, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}}}


def _drop_fastapis_own(paths: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Take out the 422 that FastAPI writes for every parameter: ours is another document, and ids that are none answer 404."""
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for responses in (operation["responses"] for methods in paths.values() for operation in methods.values()):
        if MEDIA_TYPE not in responses.get("422", {}).get("content", {MEDIA_TYPE: ""}):
            del responses["422"]


def _own_schemas() -> dict[str, Any]:
    schema = Problem.model_json_schema(by_alias=True, ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "Problem": schema}


def _describe_run(operation: dict[str, Any], tool: AnyTool, schemas: dict[str, Any]) -> None:
    """Put the tool's own inputs and example into its route."""
    name = "".join(part.title() for part in tool.id.split("-"))
    inputs = _lifted(validation.input_schema(tool), name, schemas)
    schemas[f"{name}Inputs"] = inputs
    body = {key: value for key, value in schemas["RunRequest"].items() if key != "properties"}
    properties = schemas["RunRequest"]["properties"] | {"inputs": {"$ref": f"#/components/schemas/{name}Inputs"}}
    media = operation["requestBody"]["content"]["application/json"]
    media["schema"] = body | {"title": f"{name}Run", "properties": properties}
    media["example"] = {"inputs": validation.example_json(tool)}


def _lifted(schema: dict[str, Any], name: str, schemas: dict[str, Any]) -> dict[str, Any]:
    """A JSON Schema whose `$defs` have become components of the document."""
    definitions = {key: f"{name}{key}" for key in schema.get("$defs", {})}

    def moved(node: Any) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(node, dict):
            ref = node.get("$ref")
            renamed = {"$ref": f"#/components/schemas/{definitions[ref.rpartition('/')[2]]}"} if isinstance(ref, str) else {}
            return {key: moved(value) for key, value in node.items() if key != "$defs"} | renamed
        return [moved(item) for item in node] if isinstance(node, list) else node

    schemas |= {new: moved(schema["$defs"][old]) for old, new in definitions.items()}
    return moved(schema)
