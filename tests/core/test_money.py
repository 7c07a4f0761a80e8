import pytest

from credit_studio.core.money import Money


@pytest.mark.parametrize("code", ["", "gbp", "GB", "GBPP", "G1P", "£££"])
def test_money_has_an_iso_currency(code: str) -> None:
    assert Money(1_000, "GBP") == Money(1_000, "GBP")
    with pytest.raises(ValueError, match="ISO 4217"):
        Money(1, code)


@pytest.mark.parametrize(
    ("money", "said"),
    [
        (Money(1000, "GBP"), "£10.00"),
        (Money(123_456_05, "EUR"), "€123,456.05"),
        (Money(-250, "GBP"), "-£2.50"),
        (Money(1250, "CHF"), "12.50 CHF"),
        (Money(1000, "JPY"), "1,000 JPY"),
        (Money(0, "USD"), "$0.00"),
    ],
)
def test_money_is_said_as_it_is_read(money: Money, said: str) -> None:
    assert money.said == said
