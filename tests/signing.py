"""Signatures as a server checks them, written from RFC 5849 and from AWS's description of signature version 4, not from the libraries that make them."""

import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, unquote, urlsplit


def is_signed(how: Mapping[str, str], method: str, url: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a request carries the signature that these keys give."""
    return {"oauth1": oauth1, "aws4": aws4}[how["how"]](how, method, url, headers, body)


def escaped(text: str) -> str:
    return quote(text, safe="-._~")


def oauth1(how: Mapping[str, str], method: str, url: str, headers: Mapping[str, str], body: bytes) -> bool:
    """RFC 5849, 3.4, with HMAC-SHA256; a body in JSON is not part of it."""
    told = {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', headers.get("Authorization", ""))}
    if told.get("realm") != how["realm"] or told.get("oauth_consumer_key") != how["consumer_key"] or told.get("oauth_token") != how["token"]:
        return False
    given = told.pop("oauth_signature", "")
    del told["realm"]
    parts = urlsplit(url)
    pairs = sorted((escaped(name), escaped(value)) for name, value in [*told.items(), *parse_qsl(parts.query, keep_blank_values=True)])
    base = "&".join(map(escaped, (method, f"{parts.scheme}://{parts.netloc}{parts.path}", "&".join("=".join(pair) for pair in pairs))))
    key = f"{escaped(how['consumer_secret'])}&{escaped(how['token_secret'])}"
    return hmac.compare_digest(given, b64encode(hmac.digest(key.encode(), base.encode(), "sha256")).decode())


def aws4(how: Mapping[str, str], method: str, url: str, headers: Mapping[str, str], body: bytes) -> bool:
    """AWS4-HMAC-SHA256: the headers that are signed are named, the key is made of day, region and service."""
    found = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})", headers.get("Authorization", ""))
    if not found or (found[1], found[3], found[4]) != (how["key_id"], how["region"], how["service"]) or "host" not in found[5].split(";"):
        return False
    parts = urlsplit(url)
    query = "&".join(f"{escaped(name)}={escaped(value)}" for name, value in sorted(parse_qsl(parts.query, keep_blank_values=True)))
    signed = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in found[5].split(";"))
    request = "\n".join((method, quote(parts.path or "/", safe="/-._~"), query, signed, found[5], hashlib.sha256(body).hexdigest()))
    scope = f"{found[2]}/{found[3]}/{found[4]}/aws4_request"
    text = "\n".join(("AWS4-HMAC-SHA256", headers["X-Amz-Date"], scope, hashlib.sha256(request.encode()).hexdigest()))
    key = f"AWS4{how['secret']}".encode()
    for piece in scope.split("/"):
        key = hmac.digest(key, piece.encode(), "sha256")
    return hmac.compare_digest(found[6], hmac.digest(key, text.encode(), "sha256").hex())
