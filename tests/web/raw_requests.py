"""Requests as bytes, as no page and no library sends them: what each tries -> its lines, with HOST and TOKEN to put in."""

from __future__ import annotations

import json

EDIT = {"run": 1, "task": "main/judge[style]", "stage": "response", "text": "changed"}
EDITING = json.dumps(EDIT)
ONE = "GET /api/trace HTTP/1.1"
POST = f"POST /api/edit HTTP/1.1\nHost: HOST\nContent-Type: application/json\nContent-Length: {len(EDITING)}"
SOCKETS = "Upgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: eHh4eHh4eHh4eHh4eHh4eA=="
RAW = {
    "no host": f"{ONE}\nAuthorization: Bearer TOKEN",
    "no host, as of old": "GET /?token=TOKEN HTTP/1.0",
    "two hosts": f"{ONE}\nHost: HOST\nHost: HOST\nAuthorization: Bearer TOKEN",
    "a host and a foreign one": f"{ONE}\nHost: HOST\nHost: evil.example\nAuthorization: Bearer TOKEN",
    "a name that was made to point here": "GET /?token=TOKEN HTTP/1.1\nHost: rebound.example",
    "a proxy's word for the host": f"{ONE}\nHost: evil.example\nX-Forwarded-Host: HOST\nAuthorization: Bearer TOKEN",
    "a standard proxy's word for the host": f"{ONE}\nHost: evil.example\nForwarded: host=HOST\nAuthorization: Bearer TOKEN",
    "another address by a header": "GET /nowhere HTTP/1.1\nHost: HOST\nX-Original-URL: /?token=TOKEN\n"
    "X-Rewrite-URL: /?token=TOKEN",
    "the token as a cookie": f"{ONE}\nHost: HOST\nCookie: token=TOKEN; Authorization=Bearer TOKEN",
    "the token for a proxy": f"{ONE}\nHost: HOST\nProxy-Authorization: Bearer TOKEN",
    "the token as a password": f"{ONE}\nHost: HOST\nAuthorization: Basic dG9rZW46VE9LRU4=",
    "the token in the body": f"{POST}\nOrigin: http://HOST\n\n{EDITING}TOKEN",
    "the token after a blank": f"{ONE}\nHost: HOST\nAuthorization : Bearer TOKEN",
    "a foreign origin in capitals": f"{ONE}\nHost: HOST\nORIGIN: HTTP://EVIL.EXAMPLE\nAuthorization: Bearer TOKEN",
    "another scheme in capitals": f"{ONE}\nHost: HOST\nOrigin: HTTP://HOST\nAuthorization: Bearer TOKEN",
    "a foreign event source": "GET /api/events HTTP/1.1\nHost: HOST\nOrigin: http://evil.example\nAccept: text/event-stream\n"
    "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: cors",
    "an event source with the token in its address": "GET /api/events?token=TOKEN HTTP/1.1\nHost: HOST\n"
    "Accept: text/event-stream",
    "a foreign event source that knows the token": "GET /api/events HTTP/1.1\nHost: HOST\nOrigin: http://evil.example\n"
    "Authorization: Bearer TOKEN",
    "a foreign script": "GET /editor.js HTTP/1.1\nHost: HOST\nSec-Fetch-Site: cross-site\n"
    "Sec-Fetch-Mode: no-cors\nSec-Fetch-Dest: script",
    "a foreign frame that knows the token": "GET /?token=TOKEN HTTP/1.1\nHost: HOST\n"
    "Sec-Fetch-Site: cross-site\nSec-Fetch-Dest: iframe",
    "a page of another port": "GET /?token=TOKEN HTTP/1.1\nHost: HOST\nSec-Fetch-Site: same-site",
    "a preflight": "OPTIONS /api/edit HTTP/1.1\nHost: HOST\nOrigin: http://evil.example\nAccess-Control-Request-Method: POST\n"
    "Access-Control-Request-Headers: authorization,content-type",
    "a preflight for a private network": "OPTIONS /api/edit HTTP/1.1\nHost: HOST\nOrigin: http://evil.example\n"
    "Access-Control-Request-Method: POST\nAccess-Control-Request-Private-Network: true",
    "a form": "POST /api/edit HTTP/1.1\nHost: HOST\nOrigin: null\nContent-Type: application/x-www-form-urlencoded\n"
    "Content-Length: 19\n\nrun=1&token=TOKEN__",
    "a beacon": f"{POST.replace('application/json', 'text/plain')}\nOrigin: http://evil.example\n"
    f"Sec-Fetch-Site: cross-site\n\n{EDITING}",
    "a form that knows the token": f"{POST}\nOrigin: http://evil.example\nAuthorization: Bearer TOKEN\n\n{EDITING}",
    "a form of no origin that knows the token": f"{POST}\nAuthorization: Bearer TOKEN\n\n{EDITING}",
    "two types": f"{POST}\nContent-Type: text/plain\nOrigin: http://HOST\nAuthorization: Bearer TOKEN\n\n{EDITING}",
    "another method by a header": "GET /api/edit HTTP/1.1\nHost: HOST\nOrigin: http://HOST\nAuthorization: Bearer TOKEN\n"
    "X-HTTP-Method-Override: POST",
    "a method in small letters": "post /api/edit HTTP/1.1\nHost: HOST\nOrigin: http://HOST\nAuthorization: Bearer TOKEN",
    "a tunnel": "CONNECT HOST HTTP/1.1\nHost: HOST\nAuthorization: Bearer TOKEN",
    "a websocket": f"GET /api/events HTTP/1.1\nHost: HOST\nOrigin: http://HOST\nAuthorization: Bearer TOKEN\n{SOCKETS}",
    "a foreign websocket": f"GET /api/events HTTP/1.1\nHost: HOST\nOrigin: http://evil.example\n{SOCKETS}",
    "a websocket with the token in its address": f"GET /?token=TOKEN HTTP/1.1\nHost: HOST\n"
    f"Origin: http://evil.example\n{SOCKETS}",
    "a websocket with the token as its protocol": f"GET /api/events HTTP/1.1\nHost: HOST\n"
    f"Sec-WebSocket-Protocol: TOKEN\n{SOCKETS}",
    "another version": "GET /api/trace HTTP/1.1\nHost: HOST\nAuthorization: Bearer TOKEN\n"
    "Connection: Upgrade, HTTP2-Settings\nUpgrade: h2c",
    "the next version at once": "PRI * HTTP/2.0\n\nSM",
    "two lengths": f"{POST}\nContent-Length: 1\nOrigin: http://HOST\nAuthorization: Bearer TOKEN\n\n{EDITING}",
    "a length below nothing": "POST /api/edit HTTP/1.1\nHost: HOST\nOrigin: http://HOST\nAuthorization: Bearer TOKEN\n"
    "Content-Type: application/json\nContent-Length: -1",
    "a request hidden in another": "GET /api/nowhere HTTP/1.1\nHost: HOST\nContent-Length: 4\n"
    "Transfer-Encoding: chunked\n\n0\n\nGET /api/trace",
    "a header without end": f"{ONE}\nHost: HOST\nAuthorization: Bearer TOKEN\nX: {'x' * 200_000}",
    "no HTTP": "EHLO evil.example",
    "TLS": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
}

UNANSWERED = {"TLS", "a header without end"}
"""What may get no answer at all: the connection is closed."""
