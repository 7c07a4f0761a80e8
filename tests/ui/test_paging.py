"""Pages of a list: there and back again."""

from hypothesis import given
from hypothesis import strategies as st

from credit_studio.ui.paging import Place


def test_a_list_of_one_page_leads_nowhere() -> None:
    place = Place().leading_to(None)
    assert (place.cursor, place.has_older, place.has_newer) == (None, False, False)
    assert place.older() == place.newer() == place


@given(cursors=st.lists(st.text(min_size=1), min_size=1, max_size=20))
def test_the_way_back_is_the_way_there(cursors: list[str]) -> None:
    place, seen = Place(), []
    for one in cursors:
        seen.append(place.cursor)
        place = place.leading_to(one).older()
    assert place.cursor == cursors[-1]
    for one in reversed(seen):
        place = place.newer()
        assert place.cursor == one
    assert not place.has_newer


def test_the_way_back_is_kept_for_so_many_pages() -> None:
    place = Place()
    for one in range(2_000):
        place = place.leading_to(str(one)).older()
    assert (len(place.passed), place.cursor, place.newer().cursor) == (1_000, "1999", "1998")
