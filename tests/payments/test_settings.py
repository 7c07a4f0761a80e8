"""A shop is set up whole, and never for real money and for none at once."""

import pytest
from pydantic import ValidationError

from credit_studio.operate import launcher
from credit_studio.settings import Settings

KEY, SECRET, SANDBOX = "sk_live_1", "whsec_1", "http://127.0.0.1:4242"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"stripe_secret_key": KEY}, "needed together"),
        ({"stripe_webhook_secret": SECRET}, "needed together"),
        ({"stripe_secret_key": "pk_live_1", "stripe_webhook_secret": SECRET}, "begins with sk_ or rk_"),
        ({"stripe_secret_key": KEY, "stripe_webhook_secret": SECRET, "stripe_sandbox_url": SANDBOX, "stripe_sandbox_secret": "x"}, "beside a Stripe key"),
        ({"environment": "production", "stripe_sandbox_url": SANDBOX, "stripe_sandbox_secret": "x"}, "refused in production"),
        ({"stripe_sandbox_url": SANDBOX}, "needs STRIPE_SANDBOX_SECRET"),
        ({"stripe_sandbox_url": "https://api.stripe.com", "stripe_sandbox_secret": "x"}, "begins with http://127.0.0.1:"),
        ({"stripe_sandbox_url": "http://127.0.0.1.evil.example:80", "stripe_sandbox_secret": "x"}, "begins with http://127.0.0.1:"),
    ],
)
def test_half_a_shop_and_an_unsafe_one_stop_the_start(given: dict[str, str], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Settings(**given)  # type: ignore[arg-type]


def test_a_studio_without_a_key_sells_in_the_sandbox_and_one_with_a_key_does_not_start_it() -> None:
    with launcher._till(Settings(stripe_secret_key=KEY, stripe_webhook_secret=SECRET)) as till:  # type: ignore[arg-type] - read as secrets
        assert till == {}
    with launcher._till(Settings(environment="production", rate_limit_scale=1)) as till:
        assert till == {}
    assert not Settings().sells
    selling = Settings(stripe_secret_key=KEY, stripe_webhook_secret=SECRET)  # type: ignore[arg-type] - read as secrets
    assert (selling.sells, selling.sells_for_nothing) == (True, False)


def test_secrets_are_not_shown() -> None:
    shown = repr(Settings(stripe_secret_key=KEY, stripe_webhook_secret=SECRET))  # type: ignore[arg-type] - read as secrets
    assert KEY not in shown
    assert SECRET not in shown
