"""`/api/projects/start-workflow`, `/api/review/generate` and `/api/user/usage`: the two token tools by plain bodies, and what was used.

They are there whatever the catalogue. A call is a run like every other, by the same path; only the bodies differ, and that too few credits answer 429.
"""

from fastapi import APIRouter, Response
from starlette.requests import Request

from credit_studio.api import auth, idempotency
from credit_studio.api.bodies import FailureOut
from credit_studio.api.openapi import refusals, token_run_responses
from credit_studio.api.route import PrivateRoute
from credit_studio.api.runs import say_credits
from credit_studio.api.token_bodies import CreditInfo, ReviewIn, TokenRunReply, UserUsage, WorkflowIn
from credit_studio.catalog.service import catalog
from credit_studio.core import clock
from credit_studio.core.errors import FieldError, InvalidInputs, PaymentRequired, RateLimited
from credit_studio.db.rates import Rate
from credit_studio.db.session import transaction
from credit_studio.identity.views import Person
from credit_studio.ledger import service as ledger
from credit_studio.metering import service as metering
from credit_studio.runs import flow
from credit_studio.runs.views import TERMINAL
from credit_studio.subscriptions import service as subscriptions
from credit_studio.tools.code.workflow import prose

WORKFLOW, REVIEW = "code-studio-start-workflow", "code-studio-generate-review"


class TokenRoute(PrivateRoute):
    """Counted like runs."""

    rate = Rate.RUNS


running = APIRouter(tags=["Tokens"], route_class=TokenRoute)
reading = APIRouter(tags=["Tokens"], route_class=PrivateRoute)
ROUTERS = (running, reading)


@running.post("/api/projects/start-workflow", summary="Plan a project and write its first code", responses=token_run_responses())
async def start_workflow(body: WorkflowIn, request: Request, response: Response, person: auth.SignedIn, key: idempotency.Key) -> TokenRunReply:
    """The Workflow Starter, from a brief in plain words. Every call is a run of its own, unless its Idempotency-Key was used before."""
    inputs = prose.inputs_of(body.brief) | _given(language=body.language, kind=body.kind)
    try:
        return await _run(request, response, person, WORKFLOW, inputs, key)
    except InvalidInputs as error:
        raise _about_the_brief(error) from None


@running.post("/api/review/generate", summary="Review code", responses=token_run_responses())
async def generate_review(body: ReviewIn, request: Request, response: Response, person: auth.SignedIn, key: idempotency.Key) -> TokenRunReply:
    """The Review Generator. Every call is a run of its own, unless its Idempotency-Key was used before."""
    inputs = _given(code=body.code, language=body.language, filename=body.filename)
    return await _run(request, response, person, REVIEW, inputs, key)


@reading.get("/api/user/usage", summary="Your credits, tokens and subscription", responses=refusals("sign_in_required"))
async def usage(person: auth.SignedIn) -> UserUsage:
    """Only the month's tokens begin again with a month."""
    async with transaction() as tx:
        book = await ledger.balance(tx, owner_id=person.id)
        plan = await subscriptions.plan_of(tx, person_id=person.id)
        used = await metering.used(tx, person_id=person.id, zone=person.time_zone)
    is_subscribed = plan.id != catalog().first_plan.id and plan.period_end > clock.now()
    return UserUsage(
        credits=book.available,
        tokens_per_credit=catalog().rates.tokens_per_credit,
        total_tokens_used=used.total,
        monthly_tokens_used=used.in_month,
        monthly_reset_date=used.resets_at,
        is_subscribed=is_subscribed,
        subscription_tier=plan.id,
        subscription_ends_at=plan.period_end if is_subscribed else None,
    )


async def _run(request: Request, response: Response, person: Person, tool_id: str, inputs: object, key: str | None) -> TokenRunReply:
    """Run anew and wait, as `POST /api/{studio}/{slug}/run` does; 202 with the run's place while it goes on after that."""
    try:
        ran = await flow.run_tool(auth.actor_of(request, person), tool_id=tool_id, inputs=inputs, fresh=True, key=key)
    except PaymentRequired as refused:
        raise _as_these_routes_say_it(refused) from None
    view = ran.view
    if ran.replayed:
        idempotency.mark_replayed(request)
    if view.status not in TERMINAL:
        response.status_code = 202
        response.headers["Location"] = f"/api/runs/{view.run_id}"
    say_credits(request, view)
    async with transaction() as tx:
        used = await metering.used(tx, person_id=person.id, zone=person.time_zone)
    is_done = view.status == "succeeded"
    tokens = (view.usage.tokens or 0) if is_done and view.usage is not None else 0
    told = CreditInfo(tokens_used=tokens, credits_remaining=view.credits.balance, total_tokens_used=used.total)
    why = None if view.failure is None else FailureOut.model_validate(view.failure)
    return TokenRunReply(success=is_done, result=view.result, credit_info=told, failure=why)


def _as_these_routes_say_it(refused: PaymentRequired) -> PaymentRequired | RateLimited:
    """Their contract has 429 for too few credits; caps stay 402."""
    if refused.code != PaymentRequired.default_code:
        return refused
    return RateLimited(refused.message, code=refused.code, action=refused.action, helps=refused.helps, facts=refused.facts)


def _about_the_brief(error: InvalidInputs) -> InvalidInputs:
    """The tool's inputs were made of the brief: that is what the caller can change."""
    own = ("language", "kind")
    return InvalidInputs(tuple(one if one.field in own else FieldError("brief", one.message) for one in error.errors), code=error.code)


def _given(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}
