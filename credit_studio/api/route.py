"""How every route is served: who calls, how often, may they at all; only then is the body read."""

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from credit_studio.api import auth, limits, reading
from credit_studio.core.actor import Actor
from credit_studio.db.rates import Rate

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class StrictRequest(Request):
    """A request whose JSON is read by `reading`."""

    async def json(self) -> Any:  # noqa: ANN401 - any JSON
        """The body's value; raises `InvalidRequest` and `InvalidInputs`."""
        return reading.read_json(await self.body())


class StudioRoute(APIRoute):
    """Identifies, counts, checks, then reads. `rate` says which limit it goes by."""

    rate: ClassVar[Rate] = Rate.OTHER

    def get_route_handler(self) -> Handler:
        """FastAPI's handler behind the checks."""
        read_and_answer = super().get_route_handler()

        async def handle(request: Request) -> Response:
            strict = StrictRequest(request.scope, request.receive)
            actor, person, refusal = await auth.identify(strict)
            auth.remember(strict, actor, person)
            await limits.enforce(strict, self.rate, actor)
            if refusal is not None:
                raise refusal
            self.check(strict, actor)
            return await read_and_answer(strict)

        return handle

    def check(self, request: Request, actor: Actor) -> None:
        """What must hold before the body is read; nothing for an open route."""


class PrivateRoute(StudioRoute):
    """For those who have signed in."""

    def check(self, request: Request, actor: Actor) -> None:  # noqa: ARG002 - whoever has signed in may come
        """Raises `NotSignedIn` for a visitor."""
        actor.require_user()


class SignInRoute(StudioRoute):
    """Sign-in and registration: counted by address."""

    rate = Rate.SIGN_IN


class EstimateRoute(StudioRoute):
    """Estimates come with every keystroke."""

    rate = Rate.ESTIMATES
