"""How requests are signed. Each way is a frozen description whose texts hold `{option}`; `live` makes it work for one connection.

Signatures come from authlib: OAuth 1 of RFC 5849, to which HMAC-SHA256 is added, and assertions of RFC 7523. Its OAuth 2
session is not taken: it would make requests of its own, past our deadlines, redaction and refusal to follow redirects.
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from requests import PreparedRequest
from requests.auth import AuthBase, HTTPBasicAuth

from connectors.api.errors import AuthFailed, BadOptions
from connectors.api.nouns import Json, fill, pluck
from connectors.api.tokens import TokenStore
from connectors.api.waiting import Clock

EARLY = timedelta(minutes=2)
"""A token is renewed so long before it expires."""


class Post(Protocol):
    """Posts to a token endpoint; the JSON answer. Raises ApiError."""

    def __call__(self, url: str, *, form: Mapping[str, str] | None = None, body: Mapping[str, Json] | None = None, basic: tuple[str, str] | None = None) -> Json: ...


@dataclass(frozen=True)
class Setting:
    """What a way to sign needs of its connection."""

    options: Mapping[str, str]
    post: Post
    store: TokenStore
    clock: Clock
    learn: Callable[[str], None]
    """Told of every secret that comes later, so that it is redacted too."""

    def fill(self, text: str) -> str:
        return fill(text, self.options)


class Live(AuthBase):
    """Signs with headers. `renew` is asked once after a 401 and says whether trying again makes sense."""

    def __init__(self, headers: Mapping[str, str] = {}) -> None:
        self.headers = dict(headers)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers.update(self.headers)
        return request

    def renew(self) -> bool:
        return False


class Auth(Protocol):
    """A way to sign; `needs` names the options it reads."""

    @property
    def needs(self) -> tuple[str, ...]: ...

    def live(self, setting: Setting) -> AuthBase: ...


@dataclass(frozen=True)
class Key:
    """A key in a header."""

    header: str
    value: str
    needs: tuple[str, ...] = ()

    def live(self, setting: Setting) -> Live:
        return Live({self.header: setting.fill(self.value)})


def bearer(value: str, needs: tuple[str, ...] = ()) -> Key:
    """A token that does not change, as `Authorization: Bearer`."""
    return Key("Authorization", f"Bearer {value}", needs)


@dataclass(frozen=True)
class Basic:
    """User and password (RFC 7617); of some systems the password is fixed, or the user is the key."""

    user: str
    password: str
    needs: tuple[str, ...] = ()

    def live(self, setting: Setting) -> Live:
        pair = f"{setting.fill(self.user)}:{setting.fill(self.password)}".encode()
        setting.learn(b64encode(pair).decode())
        return Live({"Authorization": f"Basic {b64encode(pair).decode()}"})


class Renewed(Live):
    """Signs with an access token that `obtain` gets: before the first request, shortly before it expires, and once after a 401."""

    def __init__(self, setting: Setting, obtain: Callable[[], Mapping[str, Json]], header: str = "Authorization", form: str = "Bearer {}") -> None:
        super().__init__()
        self.setting, self.obtain, self.header, self.form, self.expires = setting, obtain, header, form, float("-inf")

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        if self.setting.clock.monotonic() >= self.expires:
            self.renew()
        return super().__call__(request)

    def renew(self) -> bool:
        answer = self.obtain()
        token = answer.get("access_token")
        if not isinstance(token, str) or not token:
            raise AuthFailed("the token endpoint answered without an access token. Check the client's id, secret and scope")
        self.setting.learn(token)
        lasts = answer.get("expires_in")
        seconds = float(lasts) if str(lasts).replace(".", "", 1).isdecimal() else 3600.0
        self.expires = self.setting.clock.monotonic() + max(seconds - EARLY.total_seconds(), seconds / 2)
        self.headers = {self.header: self.form.format(token)}
        return True


@dataclass(frozen=True)
class ClientCredentials:
    """OAuth 2 for programs (RFC 6749, 4.4). `in_body`: id and secret go into the form instead of a basic header."""

    url: str
    client_id: str
    client_secret: str
    scope: str = ""
    in_body: bool = True
    extra: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()

    def live(self, setting: Setting) -> Renewed:
        who = (setting.fill(self.client_id), setting.fill(self.client_secret))

        def obtain() -> Mapping[str, Json]:
            form = {"grant_type": "client_credentials", **{name: setting.fill(text) for name, text in self.extra.items()}}
            form |= {"scope": setting.fill(self.scope)} if self.scope else {}
            form |= {"client_id": who[0], "client_secret": who[1]} if self.in_body else {}
            return dict(setting.post(setting.fill(self.url), form=form, basic=None if self.in_body else who))

        return Renewed(setting, obtain)


@dataclass(frozen=True)
class Consent:
    """Where a person lets the program in. `tells` names what the answer tells besides, and the option that it must equal."""

    url: str
    scope: str
    tells: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RotatingRefresh:
    """OAuth 2 with a refresh token that may change with each use (RFC 6749, 6): kept in the store, saved before use.

    The first one comes from the option `refresh_token`, or from a sign-in where there is a `consent`, until the store has its own.
    """

    url: str
    client_id: str
    client_secret: str
    refresh_token: str = "{refresh_token}"
    in_body: bool = False
    needs: tuple[str, ...] = ()
    consent: Consent | None = None

    def live(self, setting: Setting) -> Renewed:
        def obtain() -> Mapping[str, Json]:
            with setting.store.locked():
                current = self.current(setting)
                if not current:
                    raise AuthFailed("there is no refresh token yet. Run `plumbline connect auth` with the source's name and --sign-in")
                setting.learn(current)
                answer = self.exchanged(setting, {"grant_type": "refresh_token", "refresh_token": current})
                self.keep(setting, str(answer.get("refresh_token") or current))
            return answer

        return Renewed(setting, obtain)

    def current(self, setting: Setting) -> str:
        """The refresh token to use now; empty where there is none. One given anew in the settings comes from a new consent: the kept one is then of the past."""
        kept = setting.store.read()
        return str(kept.get("refresh_token") or "") if kept.get("origin") == self.origin(setting) else setting.fill(self.refresh_token)

    def origin(self, setting: Setting) -> str:
        """A mark of the token that the settings give."""
        return hashlib.sha256(setting.fill(self.refresh_token).encode()).hexdigest()

    def exchanged(self, setting: Setting, form: Mapping[str, str]) -> Mapping[str, Json]:
        """What the token endpoint gives for a grant."""
        who = (setting.fill(self.client_id), setting.fill(self.client_secret))
        more = {"client_id": who[0], "client_secret": who[1]} if self.in_body else {}
        return dict(setting.post(setting.fill(self.url), form={**form, **more}, basic=None if self.in_body else who))

    def keep(self, setting: Setting, token: str) -> None:
        """Keep a new refresh token, with the day it came on; the store must be locked."""
        setting.learn(token)
        setting.store.write({"refresh_token": token, "origin": self.origin(setting), "since": setting.clock.now().isoformat(timespec="seconds")})


@dataclass(frozen=True)
class JwtBearer:
    """A signed assertion is exchanged for a token (RFC 7523), as Google's service accounts do; `subject` is whom it acts for."""

    url: str
    issuer: str
    key: str
    subject: str = ""
    scope: str = ""
    algorithm: str = "RS256"
    key_id: str = ""
    needs: tuple[str, ...] = ()

    def live(self, setting: Setting) -> Renewed:
        def obtain() -> Mapping[str, Json]:
            from authlib.oauth2.rfc7523 import JWTBearerGrant
            from joserfc.jwk import ECKey, RSAKey

            try:
                kind = ECKey if self.algorithm.startswith("ES") else RSAKey
                assertion = JWTBearerGrant.sign(
                    kind.import_key(setting.fill(self.key).replace("\\n", "\n")), setting.fill(self.issuer), setting.fill(self.url), setting.fill(self.subject) or None,
                    issued_at=int(setting.clock.now().timestamp()), claims={"scope": setting.fill(self.scope)} if self.scope else None,
                    header={"alg": self.algorithm, **({"kid": setting.fill(self.key_id)} if self.key_id else {})},
                )  # fmt: skip
            except ValueError:
                raise AuthFailed("the private key can't be read: give it in PEM, whole, with \\n for its line ends") from None
            text = assertion.decode() if isinstance(assertion, bytes) else str(assertion)
            setting.learn(text)
            return dict(setting.post(setting.fill(self.url), form={"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": text}))

        return Renewed(setting, obtain)


@dataclass(frozen=True)
class Session:
    """A login gives a token, which is found at `place` of the answer and sent in `header`."""

    url: str
    body: Mapping[str, str]
    place: str = "token"
    header: str = "Authorization"
    form: str = "Bearer {}"
    needs: tuple[str, ...] = ()

    def live(self, setting: Setting) -> Renewed:
        def obtain() -> Mapping[str, Json]:
            answer = setting.post(setting.fill(self.url), body={name: setting.fill(text) for name, text in self.body.items()})
            return {"access_token": pluck(answer, self.place)}

        return Renewed(setting, obtain, self.header, self.form)


@dataclass(frozen=True)
class OAuth1:
    """OAuth 1 (RFC 5849) with HMAC-SHA256, as NetSuite's token-based authentication has it."""

    consumer_key: str
    consumer_secret: str
    token: str
    token_secret: str
    realm: str = ""
    needs: tuple[str, ...] = ()

    def live(self, setting: Setting) -> AuthBase:
        from authlib.integrations.requests_client import OAuth1Auth
        from authlib.oauth1 import ClientAuth

        ClientAuth.register_signature_method("HMAC-SHA256", signed_sha256)
        return OAuth1Auth(
            setting.fill(self.consumer_key), setting.fill(self.consumer_secret), setting.fill(self.token), setting.fill(self.token_secret),
            realm=setting.fill(self.realm) or None, signature_method="HMAC-SHA256",
        )  # fmt: skip


def signed_sha256(client: Json, request: Json) -> str:
    """The signature of RFC 5849, 3.4.2, with SHA-256 in the place of SHA-1."""
    from authlib.oauth1.rfc5849.signature import escape, generate_signature_base_string

    key = f"{escape(client.client_secret or '')}&{escape(client.token_secret or '')}"
    base = generate_signature_base_string(request)
    return b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha256).digest()).decode()


@dataclass(frozen=True)
class Either:
    """The first of several ways whose options are all given."""

    ways: tuple[Auth, ...]

    @property
    def needs(self) -> tuple[str, ...]:
        return ()

    def live(self, setting: Setting) -> AuthBase:
        for way in self.ways:
            if all(setting.options.get(name) for name in way.needs) or (isinstance(way, RotatingRefresh) and way.current(setting)):
                return way.live(setting)
        raise BadOptions(f"give {', or '.join(' and '.join(way.needs) for way in self.ways)}")


__all__ = ["Auth", "Basic", "ClientCredentials", "Consent", "Either", "HTTPBasicAuth", "JwtBearer", "Key", "Live", "OAuth1", "RotatingRefresh", "Session", "Setting", "bearer"]
