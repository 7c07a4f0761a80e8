"""The pages talk to the server that they came from, on whatever port that listens.

Reflex writes the backend's port into the build and only follows the page's host name. One build serves every PORT here, so the
browser is told to follow the page's port too.
"""

import reflex as rx

_FOUND = "    endpoint.hostname = frontend_hostname;\n"
_FOLLOWS = f"{_FOUND}    endpoint.port = window.location.port;\n"


def follow_the_port(source: str) -> str:
    """Reflex's `state.js`, so that the page's port is followed; raises ValueError when Reflex has changed the place."""
    if _FOLLOWS in source:
        return source
    if source.count(_FOUND) != 1:
        raise ValueError("Reflex's state.js has changed: see credit_studio/ui/same_origin.py")
    return source.replace(_FOUND, _FOLLOWS)


class SameOrigin(rx.plugins.Plugin):
    """Makes the built pages independent of the port that they are served on."""

    def pre_compile(self, **context: object) -> None:
        """Change Reflex's own script before the build."""
        context["add_modify_task"]("utils/state.js", follow_the_port)  # type: ignore[operator] - Reflex's context is untyped here
