from typing import Any

import pytest

from credit_studio.api import errors as api
from credit_studio.core import errors
from credit_studio.core.errors import Facts, FieldError, InvalidInputs, InvariantBroken, Kind, StudioError
from credit_studio.ui import errors as ui


def _tree(cls: type[StudioError] = StudioError) -> list[type[StudioError]]:
    return [found for sub in cls.__subclasses__() for found in (sub, *_tree(sub))]


def test_both_doors_know_every_kind() -> None:
    assert set(api.STATUS) == set(ui.PLACES) == set(Kind)
    assert len(set(api.STATUS.values())) == len(Kind), "two kinds that a client cannot tell apart"


def test_every_kind_has_an_error_of_the_core() -> None:
    own = [cls for cls in _tree() if cls.__module__ == errors.__name__]
    assert sorted(cls.kind.value for cls in own) == sorted(kind.value for kind in Kind)
    assert len({cls.default_code for cls in own}) == len(own)


@pytest.mark.parametrize("cls", [cls for cls in _tree() if cls is not InvalidInputs and cls.__module__ == errors.__name__], ids=lambda cls: cls.__name__)
def test_an_error_has_a_stable_code_its_reason_and_no_facts_until_told(cls: type[Any]) -> None:
    bare = cls("It did not work.")
    assert (bare.code, bare.reason, str(bare)) == (cls.default_code, cls.default_code, "It did not work.")
    assert (bare.action, bare.helps, bare.facts) == ("", (), Facts())
    told = cls("No.", code="special", reason="because", action="Wait.", helps=("purchase",), facts=Facts(limit=3))
    assert (told.code, told.reason, told.action, told.helps, told.facts.limit) == ("special", "because", "Wait.", ("purchase",), 3)
    assert cls("No.", code="special").reason == "special"


def test_the_docstring_draws_the_whole_tree() -> None:
    drawn = errors.__doc__ or ""
    assert [cls.__name__ for cls in _tree() if cls.__module__ == errors.__name__ and f"- {cls.__name__} " not in drawn] == []
    assert [kind.name for kind in Kind if kind.name not in drawn] == []


@pytest.mark.parametrize(("count", "said"), [(1, "1 input needs a change."), (2, "2 inputs need a change.")])
def test_inputs_that_do_not_fit_are_counted(count: int, said: str) -> None:
    refused = InvalidInputs((FieldError("a", "Is needed."),) * count)
    assert refused.message == f"{said} Nothing was charged."
    assert (len(refused.errors), refused.code) == (count, "invalid_inputs")


def test_a_broken_invariant_is_no_refusal() -> None:
    assert not issubclass(InvariantBroken, StudioError)
