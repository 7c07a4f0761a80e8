"""What Stripe answers when it does not do what was asked: one exception, and makers for its kinds."""

from collections.abc import Mapping
from typing import Any

Body = dict[str, Any]
"""A Stripe object, or the parameters of a request: what JSON holds."""


class ApiError(Exception):
    """An answer that is an error. `keeps` says that what was written before it stays written: only a decline does that."""

    def __init__(self, status: int, kind: str, message: str, *, keeps: bool = False, saved: bool = True, more: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.keeps = keeps
        self.saved = saved
        """Whether the answer is kept under the idempotency key: not when the work never began."""
        self.error: Body = {"type": kind, "message": message} | {name: value for name, value in (more or {}).items() if value is not None}

    @property
    def body(self) -> Body:
        """The answer's JSON."""
        return {"error": self.error}


def refused(message: str, *, param: str | None = None, code: str | None = None, status: int = 400, saved: bool = True, **more: object) -> ApiError:
    """An `invalid_request_error`: the request cannot be done as it stands."""
    return ApiError(status, "invalid_request_error", message, saved=saved, more={"param": param, "code": code, **more})


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> ApiError:
    """A request that is wrong in itself: refused before any work began, so that its idempotency key stays free."""
    return ApiError(400, "invalid_request_error", message, saved=False, more={"param": param, "code": code})


def missing(kind: str, id_: str, param: str = "id", status: int = 404) -> ApiError:
    """No such object: 404, or 400 when the id came in a parameter other than the address."""
    words = kind.rpartition(".")[2].replace("_", " ")
    spelled = words.replace(" ", "") if kind in {"payment_intent", "setup_intent"} else words
    name = {"paymentintent": "payment_intent", "setupintent": "setupintent", "payment method": "PaymentMethod"}.get(spelled, spelled)
    return refused(f"No such {name}: '{id_}'", param=param, code="resource_missing", status=status)


def declined(message: str, *, code: str, decline_code: str | None, **more: object) -> ApiError:
    """A `card_error`, status 402. What was written before it is kept: the failed charge, the intent that waits for another card."""
    return ApiError(402, "card_error", message, keeps=True, more={"code": code, "decline_code": decline_code, **more})
