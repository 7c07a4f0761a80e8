import pytest

from credit_studio.core.money import Money


@pytest.mark.parametrize("code", ["", "gbp", "GB", "GBPP", "G1P", "£££"])
def test_money_has_an_iso_currency(code: str) -> None:
    assert Money(1_000, "GBP") == Money(1_000, "GBP")
    with pytest.raises(ValueError, match="ISO 4217"):
        Money(1, code)
