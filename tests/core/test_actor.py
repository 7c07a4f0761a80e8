import pytest

from credit_studio.core import ids
from credit_studio.core.actor import SYSTEM, Actor, Role
from credit_studio.core.errors import Forbidden, NotSignedIn


def test_a_visitor_is_nobody_and_is_asked_to_sign_in() -> None:
    visitor = Actor()
    assert visitor.is_anonymous
    for ask in (visitor.require_user, visitor.require_admin, SYSTEM.require_user):
        with pytest.raises(NotSignedIn) as refused:
            ask()
        assert refused.value.helps == ("sign_in",)


def test_only_an_operator_may_do_an_operators_things() -> None:
    user_id = ids.new_id()
    assert Actor(user_id=user_id).require_user() == user_id
    assert Actor(user_id=user_id, role=Role.ADMIN).require_admin() == user_id
    with pytest.raises(Forbidden):
        Actor(user_id=user_id).require_admin()
