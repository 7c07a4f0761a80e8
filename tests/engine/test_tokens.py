"""Prices of tools that are charged by tokens: before the run, at its end, and in the answer to why."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_studio import settings
from credit_studio.core.errors import InvalidInputs
from credit_studio.engine import service
from credit_studio.engine.views import Usage
from credit_studio.settings import Settings
from credit_studio.tools.base import Cost, Limits, Meter, Mode, Studio, Tokens, TokenUse, Tool


@dataclass(frozen=True)
class Text:
    """So many tokens in all; twice as many when a language model is asked."""

    tokens: int


TOOL = Tool[Text, Text](
    id="code-studio-text",
    title="Text",
    studio=Studio.CODE,
    mode=Mode.SERVER,
    cap=10,
    summary="Text.",
    takes="text",
    gives="text",
    limits=Limits(cpu_ms=5_000, wall_ms=10_000),
    meter=Meter.TOKENS,
    inputs=Text,
    cost=Cost(units=lambda text: text.tokens, describe=lambda text: f"{text.tokens:,} words", lower="tokens", cpu_us_per_unit=1.0),
    run=lambda text: text,
    present=lambda _text: (),
    needs=frozenset({"llm"}),
    tokens=TokenUse(expects=lambda text, asks: Tokens(text.tokens // 2, text.tokens * (2 if asks else 1), text.tokens * 3), counted=lambda text: text.tokens),
)


def test_the_estimate_is_of_tokens_alone() -> None:
    asked = service.estimate(TOOL, Text(5_000))
    assert (asked.min, asked.typical, asked.max) == (2, 3, 8)
    assert (asked.breakdown.tokens, asked.breakdown.sum, asked.breakdown.cpu, asked.breakdown.base) == (2.5, 2.5, 0.0, 0.0)
    assert asked.usage.tokens == 5_000
    assert asked.explanation == "5,000 words: about 5,000 tokens."
    assert (asked.limits.cpu_ms, asked.limits.mem_mb, asked.limits.duration_ms) == (5_000, 512, 10_000)


@given(st.integers(0, 100_000), st.integers(1, 12), st.integers(0, 300_000))
def test_least_typical_and_most_stand_in_order_and_hold_the_charge(tokens: int, at_most: int, used: int) -> None:
    asked = service.estimate(TOOL, Text(tokens), max_credits=at_most)
    assert 1 <= asked.min <= asked.typical <= asked.max <= min(at_most, TOOL.cap)
    charged = service.charge(TOOL, Usage(9_999, 500, 9_999, tokens=used), quoted_max=asked.max)
    assert 1 <= charged <= asked.max
    assert charged == min(asked.max, max(1, -(-used // 2_000)))


def test_less_than_the_least_is_refused_by_name() -> None:
    with pytest.raises(InvalidInputs) as refused:
        service.estimate(TOOL, Text(1), max_credits=0)
    assert [error.field for error in refused.value.errors] == ["maxCredits"]


def test_a_model_that_is_asked_is_counted_and_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not service.asks_llm(TOOL)
    configured = Settings(environment="test", llm_base_url="http://localhost:1/v1", llm_model="m", llm_wait_s=30)
    monkeypatch.setattr(settings, "get", lambda: configured)
    asked = service.estimate(TOOL, Text(5_000))
    assert service.asks_llm(TOOL)
    assert asked.usage.tokens == 10_000
    assert asked.limits.duration_ms == 40_000


def test_what_has_been_used_so_far_and_in_the_end_is_told_in_tokens() -> None:
    assert service.credits_so_far(TOOL, cpu_ms=9_000, mem_mb=100, elapsed_ms=9_000, tokens=3_000) == 1.5
    assert service.usage_breakdown(Usage(9_000, 100, 9_000, tokens=3_000)).sum == 1.5
    assert service.tokens_within(TOOL, 4) == 8_000


@pytest.mark.parametrize("bad", [{"llm_base_url": "llm.example.com", "llm_model": "m"}, {"llm_base_url": "https://llm.example.com/v1"}])
def test_half_an_endpoint_is_refused_at_the_start(bad: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="LLM_BASE_URL"):
        Settings(environment="test", **bad)  # pyright: ignore[reportArgumentType] - the settings' own texts
