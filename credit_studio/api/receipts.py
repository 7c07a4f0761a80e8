"""`/api/billing/receipts`: what was paid, as a list and as PDF, and what receipts are made out to."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse
from starlette.requests import Request

from credit_studio.api import auth
from credit_studio.api.offer_bodies import BillToBody, BillToReply, ReceiptList, ReceiptOut
from credit_studio.api.openapi import refusals
from credit_studio.api.payment_bodies import MoneyOut
from credit_studio.api.payments import origin
from credit_studio.api.route import PrivateRoute
from credit_studio.core import ids
from credit_studio.payments import errors, receipts
from credit_studio.payments.views import BillTo, Receipt

router = APIRouter(prefix="/api/billing", tags=["Money"], route_class=PrivateRoute)
ROUTERS = (router,)
_PDF = {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}, "description": "The receipt, one page."}
_PAPERS: dict[int | str, dict[str, Any]] = {200: _PDF, **refusals("sign_in_required", "not_found")}
_THERE = {"description": "On to Stripe.", "headers": {"Location": {"description": "Stripe's page", "schema": {"type": "string"}}}}


@router.get("/receipts", summary="Your receipts", responses=refusals("sign_in_required", "invalid_inputs"))
async def listing(
    caller: auth.Caller, cursor: Annotated[str | None, Query(max_length=20)] = None, limit: Annotated[int, Query(ge=1, le=100)] = 50
) -> ReceiptList:
    """Everything that you have paid for, newest first."""
    page = await receipts.listing(caller, cursor=cursor, limit=limit)
    return ReceiptList(items=tuple(_receipt(one) for one in page.items), next_cursor=page.next_cursor)


@router.get("/receipts/{receipt_id}.pdf", summary="A receipt as PDF", response_class=Response, responses=_PAPERS)
async def as_pdf(receipt_id: str, request: Request, caller: auth.Caller) -> Response:
    """With your business's name, address and VAT number when you have given them, and a link to Stripe's own."""
    number, paper = await receipts.as_pdf(caller, _parse(receipt_id), origin=origin(request))
    return Response(paper, media_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{number}.pdf"'})


@router.get(
    "/receipts/{receipt_id}/stripe",
    status_code=303,
    summary="Stripe's own invoice or receipt",
    response_class=RedirectResponse,
    responses={303: _THERE, **refusals("sign_in_required", "not_found")},
)
async def at_stripe(receipt_id: str, caller: auth.Caller) -> RedirectResponse:
    """Leads to Stripe's page."""
    return RedirectResponse(await receipts.stripe_place(caller, _parse(receipt_id)), status_code=303)


@router.get("/details", summary="What receipts are made out to", responses=refusals("sign_in_required"))
async def details(caller: auth.Caller) -> BillToReply:
    """Empty where you have said nothing."""
    return BillToReply.model_validate(await receipts.bill_to(caller))


@router.put("/details", summary="Make receipts out to a business", responses=refusals("sign_in_required", unsafe=True))
async def set_details(body: BillToBody, caller: auth.Caller) -> BillToReply:
    """For receipts to come, and for those that were made out to nobody. A receipt that was made out stays as it is."""
    return BillToReply.model_validate(await receipts.set_bill_to(caller, BillTo(body.name, body.address, body.country, body.tax_id)))


def _parse(receipt_id: str) -> UUID:
    found = ids.parse_id(receipt_id)
    if found is None:
        raise errors.no_such_order()
    return found


def _receipt(one: Receipt) -> ReceiptOut:
    place = f"/api/billing/receipts/{one.id}"
    return ReceiptOut(
        receipt_id=one.id,
        number=one.number,
        what=one.what,
        credits=one.credits,
        amount=MoneyOut.model_validate(one.price),
        refunded=MoneyOut.model_validate(one.refunded),
        paid_at=one.paid_at,
        pdf_url=f"{place}.pdf",
        stripe_url=f"{place}/stripe",
        bill_to=BillToReply.model_validate(one.bill_to),
    )
