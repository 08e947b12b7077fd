"""The one settings object, read at start from the environment and `.env`, then frozen.

The environment variable of a field is its name in capitals. Each one has a row in docs/configure.md.
"""

from __future__ import annotations

from datetime import date
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from camarad.errors import Misconfigured
from camarad.money import MOST

DATABASES = ("postgresql+asyncpg://", "sqlite+aiosqlite://")

Agent = Literal["personal-assistant", "ppc-specialist", "seo-strategist", "flow-composer"]


class Settings(BaseSettings):
    model_config = SettingsConfigDict(frozen=True, env_file=".env", extra="ignore", case_sensitive=False)

    # Where it runs
    camarad_host: str = Field("127.0.0.1", description="Address to listen on.")
    camarad_port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    camarad_data_dir: Path = Field(Path("data"), description="Folder for everything that is written.")
    camarad_today: date | None = Field(None, description="Business date to use instead of the calendar's.")
    public_hosts: list[str] = Field(
        [], description="Host names the server answers to, as a JSON list; empty accepts loopback only."
    )
    trusted_proxies: list[str] = Field(
        [], description="Addresses of proxies whose X-Forwarded-For and -Proto are believed, as a JSON list."
    )
    log_to_stderr: bool = Field(False, description="Write logs to standard error instead of logs/ in the data folder.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severe log level written."
    )
    secret_key: SecretStr | None = Field(
        None, description="Key that signs cookies; made and kept in the data folder when unset."
    )
    internal_token: SecretStr | None = Field(None, description="Token of the internal routes; unset keeps them closed.")

    # Data
    database_url: str | None = Field(
        None, description="SQLAlchemy URL, e.g. postgresql+asyncpg://…; unset uses SQLite in the data folder."
    )
    migration_database_url: str | None = Field(
        None,
        description="The same database as the role that owns its tables, for migrations and named maintenance; unset "
        "uses DATABASE_URL for these too.",
    )
    database_pool: int = Field(8, ge=1, le=100, description="Connections kept to PostgreSQL by one process.")

    # Demo
    camarad_demo: bool = Field(True, description="Start the emulators of Google and Stripe; keep the demo workspace.")
    camarad_demo_email: str = Field("demo@camarad.example", description="E-mail of the demo sign-in.")
    camarad_demo_password: SecretStr | None = Field(
        None, description="Password of the demo sign-in; made and printed when unset."
    )
    camarad_fixtures: Path | None = Field(None, description="JSON file of extra demo clients given by totals.")
    emulator_address: str | None = Field(
        None, description="host:port of a running Google emulator; unset lets the server start one."
    )
    emulator_oauth_url: str | None = Field(
        None, description="Address of that emulator's sign-in, e.g. http://127.0.0.1:9401; set when it is started."
    )

    # Models
    camarad_model: str = Field("camarad/embedded", description="LiteLLM model of every agent, e.g. openai/gpt-5-mini.")
    camarad_agent_models: dict[str, str] = Field(
        {}, description='Model of single agents, as JSON: {"ppc-specialist": "…"}.'
    )
    camarad_fallback_models: list[str] = Field(
        [], description="Models tried in order when the first fails, as a JSON list."
    )
    camarad_model_keys: dict[str, SecretStr] = Field(
        {}, description='API keys by provider, as JSON: {"openai": "sk-…"}.'
    )
    camarad_model_bases: dict[str, str] = Field(
        {}, description="Base URLs by provider, as JSON, for compatible servers."
    )
    camarad_embeddings: bool = Field(
        True, description="Let the embedded model use sentence embeddings where the machine can load them (62 MB)."
    )
    camarad_model_retries: int = Field(1, ge=0, le=5, description="Retries of a model call before its first token.")
    camarad_model_timeout: int = Field(60, ge=1, le=600, description="Seconds a model call may take.")
    camarad_max_output_tokens: int = Field(
        1500, ge=16, le=32_000, description="Most tokens one model call may answer with."
    )
    camarad_max_model_calls: int = Field(8, ge=2, le=40, description="Most model calls of one turn; ends tool loops.")
    camarad_model_prices: dict[str, dict[str, int]] = Field(
        {},
        description="Prices of models LiteLLM does not know, micro-USD per million tokens, as JSON: "
        '{"openai/x": {"input": 150000, "output": 600000}}',
    )

    # CT
    max_ct_per_request: int = Field(200, ge=1, le=MOST, description="Most CT one model call may hold.")
    max_daily_ct_per_workspace: int = Field(
        20_000, ge=1, le=MOST, description="Most CT a workspace may use in a UTC day."
    )
    ct_per_1k_input_tokens: int = Field(1, ge=0, le=1_000_000, description="Flat tariff: CT per 1,000 input tokens.")
    ct_per_1k_output_tokens: int = Field(4, ge=0, le=1_000_000, description="Flat tariff: CT per 1,000 output tokens.")
    ct_hold_seconds: int = Field(600, ge=10, le=86_400, description="Seconds after which an unsettled hold is freed.")
    ct_welcome_grant: int = Field(2_000, ge=0, le=MOST, description="CT granted once to a new workspace.")

    billing_phase3_enabled: bool = Field(
        False, description="Let operators open a window in which the cost-based price is debited (Phase 3)."
    )

    # Stripe
    stripe_secret_key: SecretStr | None = Field(
        None, description="Secret key of the Stripe account; unset, the demo server sells through its own emulator."
    )
    stripe_webhook_secrets: list[SecretStr] = Field(
        [], description="Signing secrets of the webhook endpoint, as a JSON list; more than one while rotating."
    )
    stripe_api_base: str | None = Field(
        None, description="Address of the Stripe API when it is not Stripe's own; set when the emulator is started."
    )
    stripe_timeout: int = Field(20, ge=1, le=80, description="Seconds one call to Stripe may take.")
    stripe_retries: int = Field(2, ge=0, le=5, description="Retries of a call to Stripe, under the same key.")
    stripe_fee_bp: int = Field(
        150, ge=0, le=2_000, description="Payment fee as basis points of the price; for what a CT brings in."
    )
    stripe_fee_cents: int = Field(25, ge=0, le=500, description="Payment fee of each payment besides, in cents.")
    stripe_automatic_tax: bool = Field(
        False, description="Let Stripe Tax add VAT at Checkout, which then asks for the billing address and a tax id."
    )
    stripe_reconcile_minutes: int = Field(
        10, ge=1, le=1440, description="Minutes between two comparisons of everything stored with Stripe."
    )

    # Google
    google_oauth_client_id: str | None = Field(
        None, description="OAuth client of the Cloud project; set, people connect and sign in with Google itself."
    )
    google_oauth_client_secret: SecretStr | None = Field(None, description="Secret of that OAuth client.")
    google_ads_developer_token: SecretStr | None = Field(
        None, description="Google Ads developer token, for projects that still have one."
    )
    vault_keys: list[SecretStr] = Field(
        [],
        description="Fernet keys of stored tokens, as a JSON list; the first one encrypts. "
        "Empty makes one and keeps it in the data folder.",
    )

    # Gateway
    gateway_enabled: bool = Field(False, description="Let connections that say so read through the gateway.")
    gateway_url: str | None = Field(
        None, description="Address of the gateway, e.g. grpcs://gateway.example:443; grpc:// only on loopback."
    )
    gateway_token: SecretStr | None = Field(None, description="Bearer token that the gateway expects.")

    # Connectors
    connector_timeout: int = Field(20, ge=1, le=120, description="Seconds one Google call may take.")
    connector_retries: int = Field(2, ge=0, le=5, description="Retries of a Google call that is safe to repeat.")

    # Limits
    max_message_chars: int = Field(16_000, ge=100, description="Most characters of one message.")
    login_attempts: int = Field(10, ge=1, description="Failed sign-ins allowed per address and e-mail in 15 minutes.")
    signups_per_hour: int = Field(60, ge=1, description="New accounts allowed per address in an hour.")
    requests_per_minute_address: int = Field(
        3_000, ge=1, description="Requests of one address in a minute; programs on this machine are not counted."
    )
    requests_per_minute_user: int = Field(3_000, ge=1, description="Requests of one person in a minute.")
    requests_per_minute_workspace: int = Field(12_000, ge=1, description="Requests of one workspace in a minute.")
    requests_per_minute_key: int = Field(1_200, ge=1, description="Requests with one API key in a minute.")
    session_days: int = Field(14, ge=1, le=365, description="Days a sign-in lasts.")

    @field_validator("database_url", "migration_database_url")
    @classmethod
    def _of_a_known_database(cls, url: str | None) -> str | None:
        if url and not url.startswith(DATABASES):
            scheme = url.partition("://")[0] if "://" in url else "this"  # the rest may hold a password
            raise ValueError(f"{scheme} is none of {', '.join(DATABASES)}")
        return url

    @field_validator("trusted_proxies")
    @classmethod
    def _of_known_proxies(cls, proxies: list[str]) -> list[str]:
        """One that is believed may name any visitor; believing everybody would lift every limit by address."""
        for each in proxies:
            try:
                believed = ip_network(each, strict=False)
            except ValueError as error:
                raise ValueError(f"{each!r} is no address or network") from error
            if not believed.prefixlen:
                raise ValueError(f"{each} is everybody; name the proxy's own address")
        return proxies

    @property
    def resolved_database_url(self) -> str:
        if self.database_url:
            return self.database_url
        return f"sqlite+aiosqlite:///{(self.camarad_data_dir / 'camarad.db').resolve()}"


def load_settings(**overrides: Any) -> Settings:
    """The settings, with the given fields on top of the environment.

    Raises Misconfigured naming each bad variable, so that a start ends in a sentence and not in a traceback.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        wrong = "; ".join(f"{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise Misconfigured(f"These settings cannot be used: {wrong}.") from error
