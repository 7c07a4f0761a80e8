"""What Stripe can do and the sandbox cannot is refused by name: a parameter is never taken and then ignored."""

from collections.abc import Iterable

from credit_studio.sandbox.errors import Body, refused

PAGES = ("created", "ending_before", "limit", "starting_after")
"""What every list takes beside its filters."""


def only(params: Body, known: Iterable[str], within: str = "") -> None:
    """Raise `ApiError` when a parameter is not among those that the sandbox acts on; `within` is the parameter that holds them."""
    for name in params.keys() - set(known) - {"expand"}:
        param = f"{within}[{name}]" if within else name
        raise refused(f"The sandbox does not do '{param}'. Stripe does.", param=param, code="sandbox_unsupported")
