"""An OpenID Connect provider on this machine: logs in whoever its test says, without asking."""

import base64
import hashlib
import json
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, CLIENT_SECRET = "ringfence", "between-provider-and-server"


class LoginProvider:
    """Answers as a provider does: discovery, authorization code with PKCE, RS256, logging out.

    `claims` are what it tells of the person who logs in next. `signs` is the key that it signs
    with, which is the one that it publishes unless a test takes another.
    """

    def __init__(self, redirect_uri: str) -> None:
        self.redirect_uri = redirect_uri
        self.claims: dict[str, Any] = {}
        self.published = self.signs = RSAKey.generate_key(2048, {"kid": "one"})
        self.logged_out = 0
        self._codes: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def secrets(self, cookie_secret: str) -> str:
        """The file `secrets.toml` of a server that lets people log in here."""
        values = {
            "redirect_uri": self.redirect_uri,
            "cookie_secret": cookie_secret,
            "client_id": CLIENT,
            "client_secret": CLIENT_SECRET,
            "server_metadata_url": f"{self.url}/.well-known/openid-configuration",
        }
        lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
        return "\n".join(["[auth]", *lines, ""])

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                address = urlsplit(self.path)
                asked = {name: value[0] for name, value in parse_qs(address.query).items()}
                match address.path:
                    case "/.well-known/openid-configuration":
                        self.say(provider._about())
                    case "/keys":
                        self.say({"keys": [provider.published.as_dict(private=False)]})
                    case "/authorize":
                        self.lead(provider._authorized(asked))
                    case "/logout":
                        provider.logged_out += 1
                        self.lead(asked["post_logout_redirect_uri"])
                    case _:
                        self.send_error(404)

            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
                asked = {name: value[0] for name, value in parse_qs(sent).items()}
                self.say(provider._token(asked, self.headers.get("Authorization", "")))

            def say(self, answer: dict[str, Any]) -> None:
                text = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def lead(self, place: str) -> None:
                self.send_response(302)
                self.send_header("Location", place)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def _about(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "end_session_endpoint": f"{self.url}/logout",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def _authorized(self, asked: dict[str, str]) -> str:
        assert (asked["client_id"], asked["redirect_uri"]) == (CLIENT, self.redirect_uri)
        assert asked["code_challenge_method"] == "S256"
        code = uuid.uuid4().hex
        self._codes[code] = asked
        return f"{self.redirect_uri}?{urlencode({'code': code, 'state': asked['state']})}"

    def _token(self, asked: dict[str, str], shown: str) -> dict[str, Any]:
        given = base64.b64decode(shown.removeprefix("Basic ")).decode()
        assert given == f"{CLIENT}:{CLIENT_SECRET}"
        authorized = self._codes.pop(asked["code"])  # each code once
        digest = hashlib.sha256(asked["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        assert challenge == authorized["code_challenge"]
        now = int(time.time())
        told = {"iss": self.url, "aud": CLIENT, "sub": "someone", "iat": now, "exp": now + 300}
        told |= {"nonce": authorized["nonce"], **self.claims}
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, told, self.signs)
        return {"access_token": "none", "token_type": "Bearer", "id_token": signed}
