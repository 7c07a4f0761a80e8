"""The events that were told, for who asks again."""

from fnmatch import fnmatchcase

from credit_studio.sandbox.errors import Body
from credit_studio.sandbox.listing import listed
from credit_studio.sandbox.routes import route
from credit_studio.sandbox.world import World


@route("GET", "/v1/events/{event}")
def retrieve(world: World, params: Body, event: str) -> Body:
    """One event, as it was sent."""
    return world.get("event", event)


@route("GET", "/v1/events")
def list_(world: World, params: Body) -> Body:
    """Events, newest first; a type may end in `.*`."""
    types = params.get("types") or ([params["type"]] if "type" in params else ["*"])
    return listed(world, "event", params, keep=lambda event: any(fnmatchcase(event["type"], one) for one in types))
