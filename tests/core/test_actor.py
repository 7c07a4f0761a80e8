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


def test_only_the_studio_itself_and_operators_pass_as_operators() -> None:
    SYSTEM.require_operator()
    Actor(user_id=ids.new_id(), role=Role.ADMIN, door="api").require_operator()
    with pytest.raises(Forbidden):
        Actor(user_id=ids.new_id(), door="api").require_operator()
    with pytest.raises(NotSignedIn):
        Actor(door="api").require_operator()
