"""Settings: read once from the environment, validated at start, unsafe combinations refused.

Every field may be set by the environment variable of its name in capitals.
"""

import functools
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parent.parent
_CATALOGUES = PROJECT_ROOT / "credit_studio" / "catalog"


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
    catalog_file: Path = Field(default=_CATALOGUES / "default.toml", description="a file, or the name of a catalogue that ships: default, tokens")
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
    rate_webhooks_per_min: int = Field(default=6000, ge=1, description="Stripe's events, by address")
    stripe_secret_key: SecretStr = Field(default=SecretStr(""), description="of the operator's account at Stripe; empty: a sandbox, or nothing is sold")
    stripe_webhook_secret: SecretStr = Field(default=SecretStr(""), description="of the webhook endpoint at Stripe")
    stripe_sandbox_url: str = Field(default="", description="the built-in sandbox; the launcher sets it")
    stripe_sandbox_secret: SecretStr = Field(default=SecretStr(""), description="what the sandbox signs with; the launcher sets it")
    seller_name: str = Field(default="Credit Studio", max_length=120, description="who sells, on receipts")
    seller_address: str = Field(default="", max_length=400, description="lines divided by ;")
    seller_tax_id: str = Field(default="", max_length=40)
    receipt_font: str = Field(default="", description="a TrueType font for scripts that the bundled one lacks")
    smtp_url: SecretStr = Field(default=SecretStr(""), description="smtp://user:password@host:587 (STARTTLS) or smtps://...:465; empty: mails are kept here")
    mail_from: str = Field(default="", max_length=254, description="the sender of mails; needed with SMTP_URL")
    sms_url: SecretStr = Field(default=SecretStr(""), description="an Apprise address with {to} for the number: twilio://sid:token@from/{to}")
    webhooks_to_private: bool = Field(default=False, description="let webhooks reach private addresses and http://, for trying; refused in production")

    @field_validator("catalog_file")
    @classmethod
    def _shipped(cls, named: Path) -> Path:
        shipped = _CATALOGUES / f"{named}.toml"
        return shipped if named.name == str(named) and not named.suffix and shipped.exists() else named

    @model_validator(mode="after")
    def _refuse_unsafe(self) -> "Settings":
        if self.environment == "production" and self.rate_limit_scale == 0:
            msg = "RATE_LIMIT_SCALE=0 turns the rate limits off: refused in production"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _refuse_half_a_post_office(self) -> "Settings":
        if self.environment == "production" and self.webhooks_to_private:
            msg = "WEBHOOKS_TO_PRIVATE lets people reach your own network: refused in production"
            raise ValueError(msg)
        if self.sends_mail and not (self.smtp_url.get_secret_value().startswith(("smtp://", "smtps://")) and "@" in self.mail_from):
            msg = "SMTP_URL begins with smtp:// or smtps:// and needs MAIL_FROM, an address"
            raise ValueError(msg)
        if self.sends_texts and "{to}" not in self.sms_url.get_secret_value():
            msg = "SMS_URL is an Apprise address with {to} where the telephone number goes"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _refuse_half_an_endpoint(self) -> "Settings":
        if self.llm_base_url and not (self.llm_base_url.startswith(("https://", "http://")) and self.llm_model):
            msg = "LLM_BASE_URL begins with http:// or https:// and needs LLM_MODEL"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _refuse_half_a_shop(self) -> "Settings":
        key, secret = self.stripe_secret_key.get_secret_value(), self.stripe_webhook_secret.get_secret_value()
        if bool(key) != bool(secret):
            msg = "STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET are needed together: without the second, no payment could be told from a forged one"
            raise ValueError(msg)
        if key and not key.startswith(("sk_", "rk_")):
            msg = "STRIPE_SECRET_KEY begins with sk_ or rk_: a publishable key cannot charge"
            raise ValueError(msg)
        if self.stripe_sandbox_url:
            self._refuse_unsafe_sandbox(has_key=bool(key))
        return self

    def _refuse_unsafe_sandbox(self, *, has_key: bool) -> None:
        if has_key:
            msg = "STRIPE_SANDBOX_URL stands beside a Stripe key: the sandbox gives credits for no money, so only one of them may be set"
            raise ValueError(msg)
        if self.environment == "production":
            msg = "STRIPE_SANDBOX_URL is refused in production: the sandbox gives credits for no money"
            raise ValueError(msg)
        if not (self.stripe_sandbox_url.startswith("http://127.0.0.1:") and self.stripe_sandbox_secret.get_secret_value()):
            msg = "STRIPE_SANDBOX_URL begins with http://127.0.0.1: and needs STRIPE_SANDBOX_SECRET"
            raise ValueError(msg)

    @property
    def sells(self) -> bool:
        """True when credits can be bought: at Stripe, or in the sandbox where no money moves."""
        return bool(self.stripe_secret_key.get_secret_value() or self.stripe_sandbox_url)

    @property
    def sells_for_nothing(self) -> bool:
        """True when the built-in sandbox stands in for Stripe: no money moves."""
        return bool(self.stripe_sandbox_url)

    @property
    def sends_mail(self) -> bool:
        """True when there is a mail server to hand mails to."""
        return bool(self.smtp_url.get_secret_value())

    @property
    def sends_texts(self) -> bool:
        """True when the operator has set up how text messages go out."""
        return bool(self.sms_url.get_secret_value())

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
