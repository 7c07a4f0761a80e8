"""The chaos switch: what the network and Stripe may do to a webhook or an answer, by chances from 0 to 1 and a seed."""

import random

from pydantic import BaseModel, ConfigDict, Field

Chance = Field(default=0.0, ge=0, le=1)


class Chaos(BaseModel):
    """How likely each trouble is. The same seed and the same requests in the same order give the same troubles."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    duplicate: float = Chance
    """An event is delivered twice."""
    delay: float = Chance
    """A delivery waits, up to `delaySeconds`."""
    reorder: float = Chance
    """A delivery changes its place with up to `reorderPlaces` others."""
    otherId: float = Chance  # noqa: N815 - the name on the wire
    """The same change is also told by another event, with an id of its own."""
    dropReply: float = Chance  # noqa: N815 - the same
    """The work is done, and the connection is dropped instead of the answer."""
    delaySeconds: float = Field(default=3.0, ge=0, le=3600)  # noqa: N815 - the same
    reorderPlaces: int = Field(default=8, ge=0, le=1000)  # noqa: N815 - the same
    answerAfterSeconds: float = Field(default=0.0, ge=0, le=120)  # noqa: N815 - the same
    """Every answer of the API comes that much later; the request counts as running meanwhile."""
    seed: int = 0


class Dice:
    """The chances of a setting, thrown in order."""

    def __init__(self, chaos: Chaos) -> None:
        self.chaos = chaos
        self._random = random.Random(chaos.seed)  # noqa: S311 - to be repeated, not to be secret

    def falls(self, chance: float) -> bool:
        """True with that chance."""
        return chance > 0 and self._random.random() < chance

    def delay_s(self) -> float:
        """How many seconds this delivery waits."""
        return self._random.uniform(0, self.chaos.delaySeconds) if self.falls(self.chaos.delay) else 0.0

    def places(self) -> float:
        """How many places this delivery moves, in either direction."""
        return self._random.uniform(-self.chaos.reorderPlaces, self.chaos.reorderPlaces) if self.falls(self.chaos.reorder) else 0.0
