"""Assemble one Flask app from its parts. Nothing happens on import."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask

from voicehost.adopted import health as adopted_health
from voicehost.adopted import routes as adopted_routes
from voicehost.adopted.engine import AdoptedEngine
from voicehost.cloud import blobs, key_sources, results_bucket
from voicehost.engines.protocol import Engine, HearingEngines, SpeechEngine
from voicehost.host import Host, Server
from voicehost.items.generate import generate_call
from voicehost.items.hear import align_call, transcribe_call
from voicehost.jobs.opening import with_jobs
from voicehost.key_store import KeyStore
from voicehost.memory.opening import audio_store
from voicehost.narration.call import narrate_call
from voicehost.neighbour.server import Neighbour
from voicehost.openapi import page
from voicehost.queueing.fair_queue import FairQueue
from voicehost.queueing.scheduler import Scheduler
from voicehost.routes import health, hearing, internal, jobs, narrate, results, speech
from voicehost.routes.catalog import Endpoint, mount
from voicehost.settings import VoiceHostSettings
from voicehost.telemetry.activity import Activity
from voicehost.telemetry.batches import Batches
from voicehost.telemetry.metrics import Metrics
from voicehost.v1.endpoints import endpoints as v1_endpoints
from voicehost.web import auth, cors, errors, prefix, record, scope, slot
from voicehost.web.bodies import MIB
from voicehost.web.gate import Gate


def create_app(
    engine: SpeechEngine | HearingEngines | AdoptedEngine, settings: VoiceHostSettings
) -> Flask:
    """The server for this engine: WhisperX for HearingEngines, text to speech for SpeechEngine, and
    whichever of them an AdoptedEngine stands for.

    The model is not loaded yet: `host(app).start()` begins that.
    """
    if isinstance(engine, AdoptedEngine):
        made = _host(engine.server, {engine.name: engine}, settings, None)
        rest = [endpoint for endpoint in _shared(made) if endpoint.path != "/health"]
        app = _assemble(made, [adopted_health.endpoint(made, engine), *rest])
        adopted_routes.init_app(app, made, engine)
        return app
    if isinstance(engine, HearingEngines):
        engines: dict[str, Engine] = {"transcribe": engine.transcriber, "align": engine.aligner}
        made = with_jobs(_host("whisperx", engines, settings, None), transcribe_call, align_call)
        heard = [*hearing.endpoints(made), *v1_endpoints(made), *jobs.endpoints(made)]
        return _assemble(made, [*heard, *_shared(made)])
    made = with_jobs(_host("tts", {"speak": engine}, settings, engine), generate_call, narrate_call)
    spoken = [*speech.endpoints(made), *narrate.endpoints(made), *v1_endpoints(made)]
    return _assemble(made, [*spoken, *jobs.endpoints(made), *_shared(made)])


def host(app: Flask) -> Host:
    """The parts behind an app made by `create_app`."""
    found: Host = app.extensions["voicehost"]
    return found


def _host(
    server: Server,
    engines: dict[str, Engine],
    settings: VoiceHostSettings,
    voice: SpeechEngine | None,
) -> Host:
    metrics = Metrics(server, namespace=settings.metrics_namespace, slot=settings.slot)
    keys = KeyStore(
        settings.key_ring(),
        key_sources(settings),
        metrics=metrics,
        refresh_seconds=settings.keys_minutes * 60,
    )
    # Without keys all callers look like one; a share of the queue would be no one's.
    share = settings.queue_items if keys.anonymous else settings.key_items
    schedulers = {
        name: Scheduler(engine, FairQueue(settings.queue_items, share), metrics)
        for name, engine in engines.items()
    }
    activity = Activity()
    kept = blobs(settings)
    waiting = [scheduler.queue for scheduler in schedulers.values()]
    metrics.gauge("QueueDepth", lambda: sum(len(queue) for queue in waiting), "Count")
    metrics.gauge("InFlight", lambda: activity.now().in_flight, "Count")
    metrics.gauge(
        "SecondsSinceLastRequest", lambda: activity.now().seconds_since_last_request, "Seconds"
    )
    if voice is not None:
        metrics.gauge("BatchRows", lambda: voice.rows, "Count")
    return Host(
        server=server,
        settings=settings,
        keys=keys,
        schedulers=schedulers,
        activity=activity,
        batches=Batches(),
        metrics=metrics,
        gate=Gate(settings.requests_at_once, settings.memory_mib * MIB),
        speaker=voice.speaker if voice else None,
        voices=voice.voices if voice else (),
        samples=voice.samples if voice else False,
        results=results_bucket(settings, metrics),
        neighbour=Neighbour(settings) if server == "tts" else None,
        blobs=kept,
        memory=audio_store(settings, kept, metrics),
    )


def _shared(made: Host) -> list[Endpoint]:
    return [*results.endpoints(made), *health.endpoints(made), *internal.endpoints(made)]


def _assemble(made: Host, endpoints: Sequence[Endpoint]) -> Flask:
    app = Flask("voicehost", static_folder=None)
    app.extensions["voicehost"] = made
    app.url_map.strict_slashes = False
    record.init_app(app, made.metrics)
    slot.init_app(app, made.settings.slot)
    cors.init_app(app, made.settings.cors_origins, slot.for_pages(made.settings.slot))
    auth.init_app(app, made.keys, made.settings.neighbour_key)
    errors.init_app(app)
    mount(app, endpoints)
    page.init_app(app, made.server, endpoints, made.settings)
    prefix.init_app(app, f"/{made.server}")
    scope.init_app(app)
    return app
