"""Codes, gifts and invitations: `/api/credits/redeem`, `/api/credits/gifts`, `/api/referral`; `/api/admin/promos` for operators."""

from fastapi import APIRouter
from starlette.requests import Request

from credit_studio.api import auth, idempotency
from credit_studio.api.offer_bodies import (
    ClaimedReply,
    CodeIn,
    GiftIn,
    GiftLinkReply,
    GiftList,
    GiftOfferReply,
    GiftOut,
    InvitationReply,
    PromoIn,
    PromoList,
    PromoOut,
    RedeemedReply,
    ReferralReply,
)
from credit_studio.api.openapi import refusals
from credit_studio.api.payments import origin
from credit_studio.api.route import PrivateRoute, StudioRoute
from credit_studio.core import ids
from credit_studio.core.actor import Actor
from credit_studio.core.errors import NotFound
from credit_studio.db.session import transaction
from credit_studio.ledger import service as ledger
from credit_studio.offers import errors, gifts, promos, referrals
from credit_studio.offers.views import GiftLink

router = APIRouter(prefix="/api/credits", tags=["Offers"], route_class=PrivateRoute)
open_router = APIRouter(prefix="/api/credits", tags=["Offers"], route_class=StudioRoute)
inviting = APIRouter(prefix="/api/referral", tags=["Offers"], route_class=PrivateRoute)
operating = APIRouter(prefix="/api/admin/promos", tags=["Operators"], route_class=PrivateRoute)
ROUTERS = (router, open_router, inviting, operating)


@router.post("/redeem", summary="Redeem a code", responses=refusals("sign_in_required", "unknown_code", "code_over", "code_redeemed", unsafe=True))
async def redeem(body: CodeIn, caller: auth.Caller) -> RedeemedReply:
    """Once a person. Who tries many codes that do not exist has to wait."""
    done = await promos.redeem(caller, body.code)
    return RedeemedReply(code=done.code, credits=done.credits, expires_at=done.expires_at, balance=await _available(caller))


@router.get("/gifts", summary="Your gifts", responses=refusals("sign_in_required"))
async def list_gifts(caller: auth.Caller) -> GiftList:
    """The newest 100, and how many credits you could give."""
    return GiftList(items=tuple(GiftOut.model_validate(one) for one in await gifts.listing(caller)), giveable=await gifts.giveable(caller))


@router.post(
    "/gifts",
    status_code=201,
    summary="Give credits by a link",
    responses=refusals("sign_in_required", "insufficient_credits", "too_many_gifts", "idempotency_mismatch", unsafe=True),
)
async def give(body: GiftIn, request: Request, caller: auth.Caller, key: idempotency.Key) -> GiftLinkReply:
    """The credits are set aside at once. Whoever has the link claims them, once; until then you can take them back, and after 30 days they come back.

    The same Idempotency-Key and body again answer with the same gift and a new link.
    """
    made = await gifts.make(caller, credits=body.credits, sender=body.sender, message=body.message, key=key)
    if made.replayed:
        idempotency.mark_replayed(request)
    return _linked(made, request)


@router.post("/gifts/{gift_id}/link", summary="A new link to a gift", responses=refusals("sign_in_required", "not_found", "gift_over", "bad_origin"))
async def relink(gift_id: str, request: Request, caller: auth.Caller) -> GiftLinkReply:
    """For a link that was lost; the earlier one ends."""
    found = ids.parse_id(gift_id)
    if found is None:
        raise errors.no_such_gift()
    return _linked(await gifts.relink(caller, found), request)


@router.delete("/gifts/{gift_id}", summary="Take a gift back", responses=refusals("sign_in_required", "not_found", "gift_over", "bad_origin"))
async def revoke(gift_id: str, caller: auth.Caller) -> GiftOut:
    """As long as nobody has claimed it. The credits return, the link ends."""
    found = ids.parse_id(gift_id)
    if found is None:
        raise errors.no_such_gift()
    return GiftOut.model_validate(await gifts.revoke(caller, found))


@open_router.get("/gifts/{token}", summary="What a gift's link leads to", responses=refusals("not_found"))
async def look(token: str, caller: auth.Caller) -> GiftOfferReply:
    """Also without an account."""
    return GiftOfferReply.model_validate(await gifts.look(caller, token))


@router.post("/gifts/{token}/claim", summary="Claim a gift", responses=refusals("sign_in_required", "not_found", "gift_over", "own_gift", "bad_origin"))
async def claim(token: str, caller: auth.Caller) -> ClaimedReply:
    """Once. Who has claimed it may ask again: nothing more is added."""
    done = await gifts.claim(caller, token)
    return ClaimedReply(credits=done.credits, balance=await _available(caller))


@inviting.get("", summary="Your invitations", responses=refusals("sign_in_required"))
async def invitations(request: Request, caller: auth.Caller) -> ReferralReply:
    """Your link, who accepted it and what it brought; never who they are."""
    found = await referrals.of(caller)
    told = {name: getattr(found, name) for name in found.__dataclass_fields__}
    return ReferralReply.model_validate(told | {"url": f"{origin(request)}/invite/{found.code}/"})


@inviting.post("", summary="Accept an invitation", responses=refusals("sign_in_required", "unknown_code", "invitation_refused", unsafe=True))
async def accept(body: CodeIn, caller: auth.Caller) -> InvitationReply:
    """Within 30 days of signing up and before the first purchase; from somebody whose account is older; never one's own."""
    return InvitationReply.model_validate(await referrals.accept(caller, body.code))


@operating.get("", summary="Every promo code", responses=refusals("sign_in_required", "forbidden"))
async def list_promos(caller: auth.Caller) -> PromoList:
    """The newest 200. For operators."""
    return PromoList(items=tuple(PromoOut.model_validate(one) for one in await promos.listing(caller)))


@operating.post("", status_code=201, summary="Make a promo code", responses=refusals("sign_in_required", "forbidden", "code_taken", unsafe=True))
async def make_promo(body: PromoIn, caller: auth.Caller) -> PromoOut:
    """For operators. Audited."""
    caller.require_admin()
    wanted = {name: getattr(body, name) for name in PromoIn.model_fields}
    return PromoOut.model_validate(await promos.make(**wanted, actor=caller))


@operating.delete("/{promo_id}", summary="End a promo code", responses=refusals("sign_in_required", "forbidden", "not_found", "bad_origin"))
async def end_promo(promo_id: str, caller: auth.Caller) -> PromoOut:
    """For operators. What it has brought stays."""
    caller.require_admin()
    found = ids.parse_id(promo_id)
    if found is None:
        raise NotFound("There is no such code.")
    return PromoOut.model_validate(await promos.end(caller, found))


async def _available(caller: Actor) -> int:
    async with transaction() as tx:
        return (await ledger.balance(tx, owner_id=caller.require_user())).available


def _linked(made: GiftLink, request: Request) -> GiftLinkReply:
    return GiftLinkReply(gift=GiftOut.model_validate(made.gift), token=made.token, url=f"{origin(request)}/gifts/{made.token}/")
