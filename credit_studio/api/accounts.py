"""`/api/auth`: register, sign in, sign out, who am I."""

from typing import Annotated

from fastapi import APIRouter, Header, Response
from starlette.requests import Request

from credit_studio import settings
from credit_studio.api import auth
from credit_studio.api.bodies import Credentials, Registration, User, UserReply
from credit_studio.api.openapi import refusals
from credit_studio.api.route import PrivateRoute, SignInRoute, StudioRoute
from credit_studio.identity import cookies, flow
from credit_studio.identity.views import NewSession, Person
from credit_studio.subscriptions import flow as subscriptions

signing_in = APIRouter(prefix="/api/auth", tags=["Accounts"], route_class=SignInRoute)
signing_out = APIRouter(prefix="/api/auth", tags=["Accounts"], route_class=StudioRoute)
private = APIRouter(prefix="/api/auth", tags=["Accounts"], route_class=PrivateRoute)

ROUTERS = (signing_in, signing_out, private)
_Zone = Annotated[str | None, Header(alias="X-Time-Zone", description="the browser's IANA time zone")]


@signing_in.post("/register", status_code=201, summary="Make an account; its free credits are there at once", responses=refusals("email_taken", unsafe=True))
async def register(body: Registration, request: Request, response: Response, caller: auth.Caller, x_time_zone: _Zone = None) -> UserReply:
    """Gives the cookie. The plan's first grant, the account and the session are one transaction."""
    session = await subscriptions.register(
        email=body.email,
        password=body.password,
        display_name=body.display_name,
        time_zone=body.time_zone or x_time_zone,
        user_agent=_user_agent(request),
        actor=caller,
    )
    return _begin(session, response)


@signing_in.post("/login", summary="Sign in", responses=refusals("invalid_credentials", unsafe=True))
async def login(body: Credentials, request: Request, response: Response, caller: auth.Caller) -> UserReply:
    """Gives the cookie. An unknown address and a wrong password answer alike; many failures are slowed down."""
    old = auth.token_of(request)
    session = await flow.login(email=body.email, password=body.password, actor=caller, user_agent=_user_agent(request), replaces=old)
    return _begin(session, response)


@signing_out.post("/logout", status_code=204, summary="Sign out", responses=refusals("bad_origin"))
async def logout(request: Request, response: Response, caller: auth.Caller) -> None:
    """Ends the session and takes the cookie away; does nothing without one."""
    token = auth.token_of(request)
    if token:
        await flow.logout(token=token, actor=caller)
    response.headers["Set-Cookie"] = cookies.clear(settings.get())


@private.get("/me", summary="Who am I", responses=refusals("sign_in_required"))
async def me(person: auth.SignedIn) -> UserReply:
    """The person behind the cookie."""
    return _reply(person)


def _begin(session: NewSession, response: Response) -> UserReply:
    response.headers["Set-Cookie"] = cookies.issue(session.token, session.expires_at, settings.get())
    return _reply(session.person)


def _reply(person: Person) -> UserReply:
    return UserReply(user=User.model_validate(person))


def _user_agent(request: Request) -> str:
    return request.headers.get("user-agent", "")
