"""A caller meets the same doors whether the GPU sleeps or not: keys, pages, stored results."""

from __future__ import annotations

import base64
import json
import urllib.request
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from power import alb, answers, cors, openai, signing
from power.alb import Request
from power.answers import Refused
from power.aws.quick import quick
from power.key_cache import KeyCache, NoKeys
from power.keys import presented
from power.sleeping import PUBLIC
from tests.patience import until
from tests.runtime.conftest import started
from tests.runtime.key_stores import Stores
from tests.runtime.pretend_aws import BUCKET, REGION, PretendAws, pretend_aws, reset
from voicehost.app import create_app, host
from voicehost.aws.secrets import NamedKeys, Secret, ServiceKey
from voicehost.engines.families import speech_engine
from voicehost.keys import key_digest, new_key
from voicehost.results import CONTENT_TYPES, object_key
from voicehost.settings import VoiceHostSettings
from voicehost.web import auth, errors, record
from voicehost.web import cors as server_cors

ONE, TWO, THREE = "gv_one", "gv_two", "gv_three"
FUTURE, PAST = "2101-01-01", "2020-01-01"


def hashed(clear: str) -> str:
    return "sha256:" + key_digest(clear).hex()


def basic(text: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}


@pytest.fixture(scope="module")
def running() -> Iterator[PretendAws]:
    with pretend_aws({"AWS_DEFAULT_REGION": REGION}) as aws:
        quick.cache_clear()
        yield aws
    quick.cache_clear()


@pytest.fixture
def aws(running: PretendAws) -> PretendAws:
    reset(running)
    return running


@pytest.fixture
def stores() -> Iterator[Stores]:
    made = Stores()
    yield made
    for store in made.made:
        store.close()


NAMED: dict[str, object] = {
    "one key": {"alice": hashed(ONE)},
    "several": {"alice": [hashed(ONE), {"hash": hashed(TWO)}], "bob": hashed(THREE)},
    "a key of two names": {"alice": hashed(ONE), "bob": hashed(ONE)},
    "a service key by name": {"power": hashed(ONE) + ":service"},
    "none": {},
    "an empty list": {"alice": []},
    "wrong entries": {
        "-alice": hashed(ONE), "a" * 65: hashed(ONE), "b c": hashed(ONE), "": hashed(ONE),
        "bob": hashed(TWO).upper(), "carl": "sha256:12", "dora": {"hash": hashed(THREE), "x": 1},
        "emil": {"hash": hashed(THREE), "queue_items": 0}, "fritz": None, "gerd": 5, "hans": [[]],
        "ida": {"expires_at": f"{FUTURE}T00:00:00Z"}, "jan": {"hash": None}, "karl": True,
        "lisa": {"hash": hashed(THREE), "queue_items": True}, "mia": hashed(ONE) + ":other",
        "nora": {"hash": hashed(THREE), "queue_items": 1.0},
        "otto": {"hash": hashed(THREE), "queue_items": "5"},
    },
    "a limit": {"alice": {"hash": hashed(ONE), "queue_items": 4, "expires_at": None}},
}  # fmt: skip
TIMES: list[object] = [
    *(f"{day}{rest}" for day in (FUTURE, PAST) for rest in (
        "T00:00:00Z", "T00:00:00z", " 00:00:00+00:00", "t00:00Z", "T00:00:00.5Z", "_00:00:00Z",
        "T00:00:00.123456+01:30", "T00:00:00-0800", "T00:00:00", "", "T00:00:00 Z", "T24:00:00Z",
        "T00:00:61Z")),
    "2101-02-30T00:00:00Z", "soon", "", True, [], 4_133_894_400, 1_577_836_800, 1.5e9,
    4_133_894_400_000, -5,
]  # fmt: skip
SERVICE: dict[str, object] = {
    "a key": {"key": TWO}, "an empty one": {"key": ""}, "none": {},
    "more in it": {"key": TWO, "x": 1},
}  # fmt: skip


def both(aws: PretendAws, stores: Stores, named: object, service: object) -> list[tuple[Any, Any]]:
    """What the servers and the front find for each of the three keys."""
    aws.put("keys", named)
    aws.put("service", service)
    store = stores.make(NamedKeys(Secret("keys", REGION)), ServiceKey(Secret("service", REGION)))
    until(lambda: store.ready)
    cache = KeyCache("keys", "service", minutes=5)
    found = [(store._ring.find(clear), cache.find(clear)) for clear in (ONE, TWO, THREE, "")]
    return [
        (server and (server.name, server.service), front and (front.name, front.service))
        for server, front in found
    ]


@pytest.mark.parametrize("named", NAMED)
def test_the_same_named_keys_open_both(aws: PretendAws, stores: Stores, named: str) -> None:
    for server, front in both(aws, stores, NAMED[named], {}):
        assert server == front


@pytest.mark.parametrize("service", SERVICE)
def test_the_same_service_keys_open_both(aws: PretendAws, stores: Stores, service: str) -> None:
    aws.put("service", {"key": THREE})
    found = both(aws, stores, {"alice": hashed(ONE)}, SERVICE[service])
    for server, front in found:
        assert server == front
    assert found[2][1] == ("service", True)  # the one before


def test_a_key_ends_at_the_same_moment_in_both(aws: PretendAws, stores: Stores) -> None:
    clear = [f"gv_{number}" for number in range(len(TIMES))]
    entries = zip(clear, TIMES, strict=True)
    aws.put("keys", {key: {"hash": hashed(key), "expires_at": when} for key, when in entries})
    aws.put("service", {})
    store = stores.make(NamedKeys(Secret("keys", REGION)))
    until(lambda: store.ready)
    cache = KeyCache("keys", "service", minutes=5)
    open_ones = 0
    for key, when in zip(clear, TIMES, strict=True):
        server, front = store._ring.find(key), cache.find(key)
        assert (server is None) == (front is None), when
        if server is not None and front is not None:
            assert server.expires_at is not None
            assert server.expires_at.timestamp() == front.expires_at
            open_ones += 1
    assert open_ones > 8


@pytest.mark.parametrize("text", ["no object", "[]", "5", "alice=" + hashed(ONE), '{"a": '])
def test_a_secret_that_is_something_else_lets_nobody_in(
    aws: PretendAws, stores: Stores, text: str
) -> None:
    for secret, other in (("keys", "service"), ("service", "keys")):
        aws.put(secret, text)
        aws.put(other, {})
        store = stores.make(
            NamedKeys(Secret("keys", REGION)), ServiceKey(Secret("service", REGION))
        )
        until(lambda store=store: store._begun > 0 and store._failing)  # type: ignore[misc]
        assert not store.ready
        with pytest.raises(NoKeys):
            KeyCache("keys", "service", minutes=5).find(ONE)


@pytest.mark.parametrize("headers", [
    {}, {"X-API-Key": ONE}, {"X-API-Key": ""}, {"X-API-Key": "ключ"}, {"Authorization": ""},
    {"X-API-Key": "", "Authorization": f"Bearer {ONE}"},
    {"X-API-Key": TWO, "Authorization": f"Bearer {ONE}"},
    {"Authorization": f"Bearer {ONE}"}, {"Authorization": f"bearer   {ONE} "},
    {"Authorization": "Bearer"}, {"Authorization": f"Bearer {ONE}=="},
    {"Authorization": f"Bearer a={ONE}"}, {"Authorization": ONE}, {"Authorization": f"Token {ONE}"},
    {"Authorization": "Bearer \xff\xfe"}, {"Authorization": "Basic \xff\xfe"},
    {"Authorization": "Basic !!!"}, {"Authorization": "Basic"}, basic(f"key:{ONE}"),
    basic(f":{ONE}"), basic(ONE), basic(f"a:{ONE}:b"), basic("key:"), basic(f"k:{ONE}ü"),
    {"Authorization": basic(f"key:{ONE}")["Authorization"].replace("Basic", "BASIC")},
    {"Authorization": "Basic " + base64.b64encode(b"key:\xff\xfe").decode()},
])  # fmt: skip
def test_a_key_is_presented_in_the_same_ways(headers: dict[str, str]) -> None:
    with Flask("bare").test_request_context("/", headers=headers):
        server = auth.presented(request)
    # No key and an empty one open nothing.
    assert (presented({name.lower(): value for name, value in headers.items()}) or None) == (
        server or None
    )


def server(**given: Any) -> Flask:
    settings = VoiceHostSettings(**{"engine": "clock", "clock_speed": 1000.0, **given})
    return create_app(speech_engine(settings), settings)


ORIGINS: list[tuple[str, ...]] = [
    (), ("https://slides.example.com", "http://Other.example.com/"), ("*",),
    ("*", "https://slides.example.com"),
]  # fmt: skip
PAGES = [
    None, "", "null", "http://localhost:3000", "http://127.0.0.1", "http://[::1]:80",
    "https://a-1.localhost", "http://localhost.evil.example", "http://LOCALHOST",
    "https://slides.example.com", "https://SLIDES.example.com", "https://slidesXexample.com",
    "http://other.example.com", "http://other.example.com/", "https://slides.example.com.evil.io",
]  # fmt: skip
ASKED: list[dict[str, str]] = [
    {},
    {"Access-Control-Request-Method": "POST"},
    {"Access-Control-Request-Method": "post",
     "Access-Control-Request-Headers": "content-type, X-API-KEY,x-other,,authorization"},
    {"Access-Control-Request-Method": "DELETE",
     "Access-Control-Request-Headers": "content-type"},
    {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x-voice-slot",
     "Access-Control-Request-Private-Network": "true"},
    {"Access-Control-Request-Method": "POST",
     "Access-Control-Request-Headers": ",".join(
         [*server_cors.SENT, *server_cors.SHOWN, "X-Stainless-Lang", "X-Stainless"])},
    {"Access-Control-Request-Private-Network": "yes"},
]  # fmt: skip


def shown(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in headers.items()
        if name.startswith("Access-Control") or name == "Vary"
    }


@pytest.mark.parametrize("origins", ORIGINS, ids=str)
def test_pages_are_shown_the_same(origins: tuple[str, ...]) -> None:
    client: FlaskClient = server(slot="blue", cors_origins=origins).test_client()
    seen = set()
    for page in PAGES:
        for asked in ASKED:
            for method in ("GET", "POST", "OPTIONS"):
                headers = asked if page is None else {**asked, "Origin": page}
                answered = client.open("/nothing", method=method, headers=headers)
                lower = {name.lower(): value for name, value in headers.items()}
                mine = cors.cors_headers(Request(method, "/tts/nothing", lower), origins)
                assert mine == shown(dict(answered.headers)), (page, method, asked)
                seen.add(len(mine))
    assert {2, 3} & seen
    assert max(seen) > 5


def test_whoever_needs_a_key_or_meets_a_fault_reads_the_same() -> None:
    assert answers.KEY_NEEDED == auth.NEEDED
    assert answers.FAULT == errors.FAULT
    assert alb.GIVEN_ID.pattern == record.GIVEN_ID.pattern
    refused = server(keys=f"alice={hashed(ONE)}").test_client().post("/generate", json={})
    mine = answers.key_needed()
    assert json.loads(mine.body) == refused.get_json()
    assert mine.headers["WWW-Authenticate"] == refused.headers["WWW-Authenticate"]


@pytest.mark.parametrize("path", ["/v1", "/v1/models", "/v1x", "/models/v1"])
def test_openai_s_clients_read_the_same_where_both_say_so(path: str) -> None:
    refused = server(keys=f"alice={hashed(ONE)}").test_client().get(path)
    mine = answers.key_needed()
    if openai.of_openai(f"/tts{path}"):
        mine = openai.as_openai(mine)
    assert refused.status_code == 401
    assert json.loads(mine.body) == refused.get_json()


def test_what_needs_no_key_is_the_same() -> None:
    client = server(keys=f"alice={hashed(ONE)}").test_client()
    for path in PUBLIC:
        assert client.get(f"/{path}").status_code != 401
    for path in ("generate", "results/sign", "nothing"):
        assert client.post(f"/{path}", json={}).status_code == 401


ALICE, DIGEST = new_key()
OTHER = "0" * 32


@pytest.fixture(scope="module")
def signer(running: PretendAws) -> Iterator[Flask]:
    app = server(keys=f"alice={DIGEST}", results_bucket=BUCKET, aws_region=REGION)
    yield started(app)
    host(app).close()


@pytest.fixture
def stored(aws: PretendAws, signer: Flask) -> list[str]:
    """Ids of three stored clips."""
    aws.client("s3").create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    body = {"texts": ["One.", "Two and three.", "Four."], "delivery": "s3"}
    answer = signer.test_client().post("/generate_batch", json=body, headers={"X-API-Key": ALICE})
    return [result["id"] for result in answer.get_json()["results"]]


def asleep(data: bytes, kind: str = "application/json", minutes: int = 720) -> tuple[int, Any]:
    """What the front answers to alice."""
    asked = Request("POST", "/tts/results/sign", {"content-type": kind}, data)
    try:
        answer = signing.sign(asked, "alice", lambda: signing.ResultLinks(BUCKET, minutes))
    except Refused as refused:
        answer = refused.answer
    return answer.status, json.loads(answer.body)


def awake(app: Flask, data: bytes, kind: str = "application/json") -> tuple[int, Any]:
    answer = app.test_client().post(
        "/results/sign", data=data, content_type=kind, headers={"X-API-Key": ALICE}
    )
    return answer.status_code, answer.get_json()


def test_results_are_signed_as_the_servers_sign_them(stored: list[str], signer: Flask) -> None:
    data = json.dumps({"ids": [stored[2], stored[0]], "more": 1}).encode()
    (status, mine), (same, theirs) = asleep(data), awake(signer, data)
    assert (status, same) == (200, 200)
    assert set(mine) == set(theirs)
    for one, other in zip(mine["results"], theirs["results"], strict=True):
        assert set(one) == set(other)
        assert (one["id"], one["bytes"]) == (other["id"], other["bytes"])
        assert urllib.request.urlopen(one["url"], timeout=10).read() == (
            urllib.request.urlopen(other["url"], timeout=10).read()
        )
        assert one["url"].split("?")[0] == other["url"].split("?")[0]


def test_results_of_every_format_are_signed_by_both(
    aws: PretendAws, stored: list[str], signer: Flask
) -> None:
    folder = stored[0].split("/")[0]
    ids = [f"{folder}/{OTHER}/{n}.{ending}" for n, ending in enumerate(CONTENT_TYPES)]
    for each in ids:
        aws.client("s3").put_object(Bucket=BUCKET, Key=object_key(each), Body=each.encode())
    data = json.dumps({"ids": ids}).encode()
    for status, body in (asleep(data), awake(signer, data)):
        assert status == 200
        found = [urllib.request.urlopen(r["url"], timeout=10).read() for r in body["results"]]
        assert found == [each.encode() for each in ids]


def wrong_bodies(ids: list[str]) -> list[bytes]:
    folder, call, _ = ids[0].split("/")
    of_ids: list[object] = [
        [], None, 1, "x", {}, [1], [ids[0], None], ["x"], [ids[0], f"{OTHER}/{call}/0.wav"],
        [f"{folder}/{call}/00.wav"], [f"{folder}/{call}/9.wav"], [ids[0] + "?a=1"],
        [f"anonymous/{call}/0.wav"], [f"{folder}/../{call}/0.wav"], [ids[0]] * 129,
        [object_key(ids[0])], [ids[0].replace("wav", "opus")], [ids[0].upper()],
        [ids[1], f"{folder}/{OTHER}/0.json"], ["\n" + ids[0]], [ids[0] + "\n"],
    ]  # fmt: skip
    return [
        *(json.dumps({"ids": each}).encode() for each in of_ids),
        b"{}", b"[]", b"null", b'"a"', b"5", b'{"x": 1}', b'{"ids": [' + b"[" * 300_001 + b"]}",
    ]  # fmt: skip


def test_what_cannot_be_signed_is_refused_in_the_same_words(
    stored: list[str], signer: Flask
) -> None:
    for data in wrong_bodies(stored):
        mine = asleep(data)
        assert mine == awake(signer, data), data[:200]
        assert mine[0] in (400, 404, 413)
    for data in (b"", b"nope", b"\xff", b'{"ids": ["a"]} x', b"[" * 5000):
        (status, body), (same, theirs) = asleep(data), awake(signer, data)
        assert (status, same) == (400, 400)
        begin = "The body is not valid JSON: "
        assert body["error"].startswith(begin)
        assert theirs["error"].startswith(begin)
    for kind in ("text/plain", "application/jsonx", "application/problem+json; a=b", ""):
        assert asleep(b"{}", kind) == awake(signer, b"{}", kind), kind


def test_another_key_s_results_are_signed_by_neither(
    aws: PretendAws, stored: list[str], signer: Flask
) -> None:
    theirs = "/".join([OTHER, *stored[0].split("/")[1:]])
    aws.client("s3").put_object(Bucket=BUCKET, Key=object_key(theirs), Body=b"a voice")
    data = json.dumps({"ids": [stored[0], theirs]}).encode()
    status, body = asleep(data)
    assert (status, body) == awake(signer, data)
    assert status == 404
    assert body["error"].startswith("ids[1]:")
    assert "url" not in json.dumps(body)


def test_without_a_bucket_both_say_so(stored: list[str]) -> None:
    app = server(keys=f"alice={DIGEST}")
    data = json.dumps({"ids": stored}).encode()
    asked = Request("POST", "/", {"content-type": "application/json"}, data)
    with pytest.raises(Refused) as refused:
        signing.sign(asked, "alice", lambda: None)
    status, theirs = awake(app, data)
    answer = refused.value.answer
    assert (answer.status, json.loads(answer.body)) == (status, theirs)


def test_a_bucket_that_is_gone_is_the_same_503(
    aws: PretendAws, stored: list[str], signer: Flask
) -> None:
    client = aws.client("s3")
    for result in stored:
        client.delete_object(Bucket=BUCKET, Key=object_key(result))
    client.delete_bucket(Bucket=BUCKET)
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    data = json.dumps({"ids": stored}).encode()
    assert asleep(data) == awake(signer, data)
    assert asleep(data)[0] == 404


def when(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


@pytest.mark.parametrize("known", [True, False])
def test_a_url_never_outlives_the_session_that_signs_it(
    stored: list[str], monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    data = json.dumps({"ids": stored}).encode()
    now = datetime.now(UTC).replace(microsecond=0)
    lasting = when(asleep(data)[1]["results"][0]["expires_at"])
    assert lasting >= now + timedelta(minutes=719)
    end = now + timedelta(minutes=40)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session")
    if known:
        monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", end.isoformat())
    limit = end if known else now + timedelta(minutes=61)
    body = asleep(data)[1]["results"][0]
    assert when(body["expires_at"]) <= limit
    assert when(body["expires_at"]) >= limit - timedelta(minutes=2)
    short = asleep(data, minutes=10)[1]["results"][0]
    assert when(short["expires_at"]) <= now + timedelta(minutes=11)
