from collections.abc import Awaitable, Callable

import pytest

from tests.payments.shop import Shop
from tests.payments.stories import STORIES, Till


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
async def test_the_sandbox_tells_the_story_as_stripe_does(shop: Shop, story: Callable[[Till], Awaitable[None]]) -> None:
    assert await story(shop) is None
