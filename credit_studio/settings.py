"""Settings: read once from the environment, validated at start, unsafe combinations refused.

Every field may be set by the environment variable of its name in capitals.
"""

import functools
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """What an operator may set."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    environment: Literal["development", "production", "test"] = "development"
    data_dir: Path = PROJECT_ROOT / "data"
    database_url: str = Field(default="", description="PostgreSQL; empty: the embedded server in DATA_DIR/pg")
    redis_url: str = ""
    host: str = "0.0.0.0"  # noqa: S104 - a self-hosted site is meant to be reached
    port: int = Field(default=3000, ge=1, le=65_535)
    public_url: str = Field(default="", description="what people type, when a proxy stands before the app: https://studio.example.com")
    catalog_file: Path = PROJECT_ROOT / "credit_studio" / "catalog" / "default.toml"
    rate_limit_scale: float = Field(default=1.0, ge=0, description="multiplies every rate limit; 0 turns them off")
    rate_sign_in_per_min: int = Field(default=20, ge=1, description="sign-in and registration, by address")
    rate_runs_per_min: int = Field(default=60, ge=1, description="runs, by account; by address for visitors")
    rate_estimates_per_min: int = Field(default=600, ge=1, description="estimates, likewise")
    rate_other_per_min: int = Field(default=300, ge=1, description="every other route, likewise")
    worker_slots: int = Field(default=2, ge=0, le=256, description="runs at once in this process; 0: leave them to `worker` processes")
    trusted_proxy_hops: int = Field(default=0, ge=0, le=8)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    session_idle_h: int = Field(default=24 * 14, ge=1)
    llm_base_url: str = Field(default="", description="an OpenAI-compatible service: https://llm.example.com/v1; empty: the token tools work without one")
    llm_api_key: SecretStr = SecretStr("")
    llm_model: str = Field(default="", max_length=200)
    llm_wait_s: int = Field(default=120, ge=5, le=600, description="the longest that a run waits for the whole answer, all tries together")
    session_absolute_h: int = Field(default=24 * 60, ge=1)

    @model_validator(mode="after")
    def _refuse_unsafe(self) -> "Settings":
        if self.environment == "production" and self.rate_limit_scale == 0:
            msg = "RATE_LIMIT_SCALE=0 turns the rate limits off: refused in production"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _refuse_half_an_endpoint(self) -> "Settings":
        if self.llm_base_url and not (self.llm_base_url.startswith(("https://", "http://")) and self.llm_model):
            msg = "LLM_BASE_URL begins with http:// or https:// and needs LLM_MODEL"
            raise ValueError(msg)
        return self

    @property
    def asks_llm(self) -> bool:
        """True when the token tools ask a language model."""
        return bool(self.llm_base_url)

    @property
    def upload_dir(self) -> Path:
        """Where uploads rest until they are used: outside of everything that is served."""
        return self.data_dir / "uploads"

    @property
    def is_https(self) -> bool:
        """True when people reach the site by https: cookies are then Secure and carry the __Host- prefix."""
        return self.public_url.startswith("https://")


@functools.cache
def get() -> Settings:
    """The settings of this process; raises pydantic's ValidationError for a bad value."""
    return Settings()
