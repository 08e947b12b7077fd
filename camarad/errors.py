"""Every error the product raises on purpose.

CamaradError                  500  internal
├── BadInput                  422  invalid_input
│   └── ScopeMissing          400  client_required
├── NotSignedIn               401  not_signed_in
│   └── BadCredentials        401  bad_credentials
├── Forbidden                 403  forbidden
├── NotFound                  404  not_found
├── Conflict                  409  conflict
├── LimitReached              429  (the code names the limit)
├── Upstream                  502  (the code names the connector and the class)
├── Misconfigured             503  misconfigured
└── UnscopedAccess            500  unscoped_access

An error carries what each reader needs: a stable `code` for programs, a `message` for people, a `hint` that names
the next step, the HTTP `status` and whether trying again can help. An expected refusal (`expected`) is logged as a
fact, never as a crash.
"""

from __future__ import annotations

from typing import ClassVar


class CamaradError(Exception):
    code: str = "internal"
    status: ClassVar[int] = 500
    expected: ClassVar[bool] = True
    default_hint: ClassVar[str] = "Try again; if it keeps failing, give the request id to support."

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        code: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint if hint is not None else self.default_hint
        if code is not None:
            self.code = code
        self.retry_after = retry_after

    @property
    def retryable(self) -> bool:
        return self.retry_after is not None


class BadInput(CamaradError):
    code = "invalid_input"
    status = 422
    default_hint = "Correct the input and send it again."


class ScopeMissing(BadInput):
    code = "client_required"
    status = 400
    default_hint = "Name the client in the X-Client-ID header; GET /api/clients lists yours."


class NotSignedIn(CamaradError):
    code = "not_signed_in"
    status = 401
    default_hint = "Sign in at /login, or send an API key as a Bearer token."


class BadCredentials(NotSignedIn):
    code = "bad_credentials"
    default_hint = "Check the e-mail and the password and try again."


class Forbidden(CamaradError):
    code = "forbidden"
    status = 403
    default_hint = "Ask an owner or admin of the workspace."


class NotFound(CamaradError):
    code = "not_found"
    status = 404
    default_hint = "Check the id and the client it belongs to."


class Conflict(CamaradError):
    code = "conflict"
    status = 409
    default_hint = "Reload and try again."


class LimitReached(CamaradError):
    """A cap, a balance or a rate limit refused the work before it began; nothing was charged."""

    code = "rate_limited"
    status = 429


class Upstream(CamaradError):
    """A provider outside Camarad refused or failed. `code` is `<connector>_<class>`, e.g. `ga4_quota`."""

    code = "upstream_failed"
    status: int = 502  # type: ignore[misc]

    def __init__(
        self,
        message: str,
        *,
        code: str,
        status: int = 502,
        hint: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, code=code, hint=hint, retry_after=retry_after)
        self.status = status


class Misconfigured(CamaradError):
    code = "misconfigured"
    status = 503
    default_hint = "An operator has to change a setting; see docs/configure.md."


class UnscopedAccess(CamaradError):
    """A query reached a client-owned table without a scope: a defect, stopped before it reads anything."""

    code = "unscoped_access"
    expected = False
