from credit_studio.core.errors import Kind
from credit_studio.ui import errors


def test_every_kind_of_refusal_has_a_place_on_the_page() -> None:
    assert set(errors.PLACES) == set(Kind)
