"""httpx's calls for tests: each on a connection of its own, all with one list of authorities,
which takes httpx some 30 ms to read anew for each call or client."""

from __future__ import annotations

from functools import partial

import httpx

_TRUSTED = httpx.create_ssl_context()

get = partial(httpx.get, verify=_TRUSTED)
post = partial(httpx.post, verify=_TRUSTED)
options = partial(httpx.options, verify=_TRUSTED)
request = partial(httpx.request, verify=_TRUSTED)
stream = partial(httpx.stream, verify=_TRUSTED)
Client = partial(httpx.Client, verify=_TRUSTED)
AsyncClient = partial(httpx.AsyncClient, verify=_TRUSTED)
