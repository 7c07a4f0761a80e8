"""Test clocks: a customer made with one lives in that clock's time."""

from credit_studio.sandbox.errors import Body, refused
from credit_studio.sandbox.fields import deleted
from credit_studio.sandbox.listing import listed
from credit_studio.sandbox.routes import route
from credit_studio.sandbox.world import World

KEPT_S = 30 * 86_400
"""How long Stripe keeps one."""


@route("POST", "/v1/test_helpers/test_clocks")
def create(world: World, params: Body) -> Body:
    """A clock that stands at `frozen_time`."""
    made = {
        "id": world.new_id("clock"),
        "object": "test_helpers.test_clock",
        "created": world.now(),
        "deletes_after": world.now() + KEPT_S,
        "frozen_time": params["frozen_time"],
        "livemode": False,
        "name": params.get("name"),
        "status": "ready",
        "status_details": {},
    }
    world.add(made)
    world.emit("test_helpers.test_clock.created", made)
    return made


@route("POST", "/v1/test_helpers/test_clocks/{test_clock}/advance")
def advance(world: World, params: Body, test_clock: str) -> Body:
    """Move the clock forward. All that is due is done before the answer, which still says `advancing`, as Stripe's does."""
    clock = world.get("test_helpers.test_clock", test_clock)
    if params["frozen_time"] <= clock["frozen_time"]:
        raise refused("A test clock can only go forward: `frozen_time` must be later than its present one.", param="frozen_time")
    world.change(clock, frozen_time=params["frozen_time"])
    world.emit("test_helpers.test_clock.advancing", clock | {"status": "advancing"})
    world.catch_up()
    world.emit("test_helpers.test_clock.ready", clock)
    return clock | {"status": "advancing"}


@route("GET", "/v1/test_helpers/test_clocks/{test_clock}")
def retrieve(world: World, params: Body, test_clock: str) -> Body:
    """One clock."""
    return world.get("test_helpers.test_clock", test_clock)


@route("GET", "/v1/test_helpers/test_clocks")
def list_(world: World, params: Body) -> Body:
    """All clocks, newest first."""
    return listed(world, "test_helpers.test_clock", params, url="/v1/test_helpers/test_clocks")


@route("DELETE", "/v1/test_helpers/test_clocks/{test_clock}")
def delete(world: World, params: Body, test_clock: str) -> Body:
    """A clock gone, and everything of its customers with it."""
    clock = world.get("test_helpers.test_clock", test_clock)
    for kind in ("customer", "subscription", "invoice"):
        for one in world.all(kind, {"test_clock": test_clock}):
            world.remove(one["id"])
    world.remove(test_clock)
    world.emit("test_helpers.test_clock.deleted", clock)
    return deleted(clock)
