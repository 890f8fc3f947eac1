"""Qwen3-TTS's true code with a small checkpoint: batches, seeds, caps, cancelling, memory."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.models.cached import cached
from tests.models.tiny_voice import make_voice
from voicehost.engines.cuda.precision import Precision
from voicehost.engines.cuda.speech import loading, voice
from voicehost.engines.cuda.speech.frames import frame_cap
from voicehost.engines.cuda.speech.voice import CudaVoice
from voicehost.engines.protocol import EngineLost, LoadError, Speech, SpeechInput
from voicehost.errors import EngineFault
from voicehost.queueing.batch import Batch
from voicehost.queueing.ticket import Ticket, Work

TEXTS = ("Good morning, and welcome.", "The second text is longer than the first one.", "Hi.")
FRAME = 1920


def load(folder: Path, **changed: Any) -> CudaVoice:
    given: dict[str, Any] = {
        "device": "cpu", "speaker": "Aiden", "language": "en", "limit_mib": 0, "rows": 8,
        "piece_characters": 300,
    }  # fmt: skip
    engine = CudaVoice(folder, **{**given, **changed})
    engine.load(lambda what, fraction: None)
    return engine


@pytest.fixture(scope="module")
def engine(models: Path) -> CudaVoice:
    return load(models / "tts")


@pytest.fixture(scope="module")
def endless(models: Path) -> CudaVoice:
    """A voice that never finds an end."""
    return load(cached("endless", lambda folder: make_voice(folder, ends=False)))


class Counted(Batch):
    """Counts steps and events; `at_step(n)` runs between the frames."""

    def __init__(self, works: Sequence[Work], at_step: Callable[[int], None] = lambda n: None):
        self.events: list[str] = []
        super().__init__(works, on_event=self.events.append)
        self.steps = 0
        self._at_step = at_step

    def step(self) -> list[Work]:
        self.steps += 1
        self._at_step(self.steps)
        return super().step()


def speak(engine: CudaVoice, *inputs: SpeechInput) -> list[Speech]:
    ticket = Ticket(inputs, key="")
    engine.run(Counted(ticket.works))
    return ticket.outcomes()


def same(one: Speech, other: Speech) -> bool:
    return one.audio.shape == other.audio.shape and np.allclose(one.audio, other.audio, atol=1e-5)


@contextmanager
def before_each_pass(engine: CudaVoice, hook: Callable[[Any], None]) -> Iterator[None]:
    """Call the hook with the embeddings that enter the large model."""

    def look(module: Any, arguments: Any, named: dict[str, Any]) -> None:
        hook(named["inputs_embeds"])

    handle = engine._tts.model.talker.model.register_forward_pre_hook(look, with_kwargs=True)
    try:
        yield
    finally:
        handle.remove()


@pytest.mark.parametrize("greedy", [True, False])
def test_a_text_sounds_the_same_alone_and_in_a_batch(models: Path, greedy: bool) -> None:
    engine = load(models / "tts", greedy=greedy)
    inputs = [SpeechInput(text, seed=seed) for seed, text in enumerate(TEXTS, start=7)]
    together = speak(engine, *inputs)
    assert len({len(speech.audio) for speech in together}) > 1
    for alone, row in zip(inputs, together, strict=True):
        assert same(speak(engine, alone)[0], row)


def test_texts_of_several_voices_share_a_batch_and_sound_as_they_do_alone(models: Path) -> None:
    engine = load(models / "tts", greedy=True)
    names = ("ryan", "", "vivian", "aiden", "dylan")
    # A dialect's speaker changes the language of a Chinese text, and of no other row.
    inputs = [
        SpeechInput(TEXTS[1], language="zh" if name == "dylan" else "en", voice=name)
        for name in names
    ]
    rows: list[int] = []

    def note(embeddings: Any) -> None:
        if embeddings.shape[1] > 1:
            rows.append(embeddings.shape[0])

    with before_each_pass(engine, note):
        together = speak(engine, *inputs)
    assert rows == [5]
    for alone, row in zip(inputs, together, strict=True):
        assert same(speak(engine, alone)[0], row)
    ryan, own, vivian, aiden, _ = together
    assert same(own, aiden)
    for one, other in ((ryan, own), (vivian, own), (ryan, vivian)):
        assert not same(one, other)


def test_a_voice_sounds_as_on_a_server_whose_own_it_is(models: Path) -> None:
    (asked,) = speak(load(models / "tts", greedy=True), SpeechInput(TEXTS[1], voice="ryan"))
    (own,) = speak(load(models / "tts", greedy=True, speaker="Ryan"), SpeechInput(TEXTS[1]))
    assert same(asked, own)


def test_it_knows_its_voices_before_it_is_loaded(models: Path) -> None:
    engine = CudaVoice(
        models / "tts", device="cpu", speaker="Ryan", language="en", limit_mib=0, rows=8,
        piece_characters=300,
    )  # fmt: skip
    assert engine.voices == (
        "ryan", "aiden", "dylan", "eric", "ono_anna", "serena", "sohee", "uncle_fu", "vivian",
    )  # fmt: skip
    engine.load(lambda what, fraction: None)
    assert set(engine.voices) == set(engine._tts.get_supported_speakers())


def test_a_seed_gives_a_take_again_and_another_seed_another(engine: CudaVoice) -> None:
    takes = [speak(engine, SpeechInput(TEXTS[0], seed=seed))[0] for seed in (1, 1, 2)]
    assert same(takes[0], takes[1])
    assert not same(takes[0], takes[2])


def test_what_is_said_and_how_changes_the_sound(models: Path) -> None:
    engine = load(models / "tts", greedy=True)
    plain, other, instructed, german = speak(
        engine,
        SpeechInput(TEXTS[0]),
        SpeechInput(TEXTS[1]),
        SpeechInput(TEXTS[0], instruct="Whisper."),
        SpeechInput(TEXTS[0], language="de"),
    )
    for changed in (other, instructed, german):
        assert not same(plain, changed)


def test_a_text_without_an_end_is_cut_off_at_its_own_cap(endless: CudaVoice) -> None:
    ticket = Ticket([SpeechInput("Hi."), SpeechInput("Hello there.")], key="")
    batch = Counted(ticket.works)
    endless.run(batch)
    short, long = ticket.outcomes()
    assert (short.complete, long.complete) == (False, False)
    assert len(short.audio) == frame_cap("Hi.") * FRAME
    assert len(long.audio) == frame_cap("Hello there.") * FRAME
    assert batch.events == ["CappedTexts", "CappedTexts"]


def test_a_neighbour_at_its_cap_leaves_the_others_alone(
    engine: CudaVoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = SpeechInput(TEXTS[1], seed=11)
    alone = speak(engine, text)[0]
    long = SpeechInput(TEXTS[0], seed=7)
    assert len(speak(engine, long)[0].audio) > 4 * FRAME
    monkeypatch.setattr(voice, "frame_cap", lambda said: 4 if said == TEXTS[0] else frame_cap(said))
    cut, whole = speak(engine, long, text)
    assert (len(cut.audio), cut.complete) == (4 * FRAME, False)
    assert whole.complete
    assert same(alone, whole)


def test_a_caller_that_leaves_stops_the_model_before_the_next_frame(endless: CudaVoice) -> None:
    gone = Ticket([SpeechInput(TEXTS[1])], key="")
    frames: list[int] = []

    def leave(step: int) -> None:
        if step == 6:
            gone.abandon()

    with before_each_pass(endless, lambda embeddings: frames.append(1)):
        endless.run(Counted(gone.works, leave))
    # Four frames were begun: the first step comes before any, and the sixth before the fifth.
    assert len(frames) == 4
    assert len(speak(endless, SpeechInput("Hi."))[0].audio) == frame_cap("Hi.") * FRAME


def test_a_row_that_nobody_wants_ends_and_the_others_go_on(engine: CudaVoice) -> None:
    stays = SpeechInput(TEXTS[0], seed=3)
    gone, waiting = Ticket([SpeechInput(TEXTS[1])], key="a"), Ticket([stays], key="b")

    def leave(step: int) -> None:
        if step == 3:
            gone.abandon()

    engine.run(Counted([*gone.works, *waiting.works], leave))
    assert same(waiting.outcomes()[0], speak(engine, stays)[0])


def test_short_of_memory_it_halves_the_batch_and_remembers(models: Path) -> None:
    engine = load(models / "tts")
    inputs = [SpeechInput(TEXTS[0], seed=seed) for seed in range(6)]
    wanted = speak(engine, *inputs)
    rows: list[int] = []

    def refuse(embeddings: Any) -> None:
        if embeddings.shape[1] > 1:
            rows.append(embeddings.shape[0])
        if embeddings.shape[0] > 2:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    ticket = Ticket(inputs, key="")
    batch = Counted(ticket.works)
    with before_each_pass(engine, refuse):
        engine.run(batch)
    assert rows == [6, 3, 1, 1, 1, 1, 1, 1]
    assert batch.events.count("OutOfMemory") == 2
    assert engine.rows == 1
    for speech, other in zip(ticket.outcomes(), wanted, strict=True):
        assert same(speech, other)


def test_a_single_text_too_large_for_the_card_fails_alone(models: Path) -> None:
    engine = load(models / "tts")

    def refuse(embeddings: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    ticket = Ticket([SpeechInput("Hi.")], key="")
    with before_each_pass(engine, refuse):
        engine.run(Counted(ticket.works))
    with pytest.raises(EngineFault, match="shorter pieces"):
        ticket.outcomes()
    assert len(speak(engine, SpeechInput("Hi."))[0].audio) > 0


@contextmanager
def decoding_at_most(engine: CudaVoice, rows: int) -> Iterator[list[int]]:
    """The decoder finds no memory for more rows at once; gives the rows of each of its passes."""
    decoder = engine._tts.model.speech_tokenizer.model.decoder
    groups: list[int] = []

    def refuse(module: Any, arguments: Any) -> None:
        groups.append(arguments[0].shape[0])
        if groups[-1] > rows:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    handle = decoder.register_forward_pre_hook(refuse)
    try:
        yield groups
    finally:
        handle.remove()


def test_short_of_memory_while_decoding_it_computes_no_frame_again(models: Path) -> None:
    engine = load(models / "tts")
    passes: list[int] = []
    inputs = [SpeechInput(TEXTS[0], seed=seed) for seed in range(3)]
    wanted = speak(engine, *inputs)
    ticket = Ticket(inputs, key="")
    batch = Counted(ticket.works)
    with (
        before_each_pass(engine, lambda embeddings: passes.append(embeddings.shape[1])),
        decoding_at_most(engine, 1) as groups,
    ):
        engine.run(batch)
        assert groups == [3, 1, 1, 1]
        groups.clear()
        speak(engine, *inputs)
        assert groups == [1, 1, 1]
    assert sum(length > 1 for length in passes) == 2
    assert batch.events.count("OutOfMemory") == 1
    assert engine.rows == 8
    for speech, other in zip(ticket.outcomes(), wanted, strict=True):
        assert same(speech, other)


def test_a_text_that_cannot_be_decoded_fails_and_its_neighbours_are_not_spoken_again(
    models: Path,
) -> None:
    engine = load(models / "tts")
    passes: list[int] = []
    tickets = [Ticket([SpeechInput(TEXTS[0], seed=seed)], key="") for seed in range(2)]
    with (
        before_each_pass(engine, lambda embeddings: passes.append(embeddings.shape[1])),
        decoding_at_most(engine, 0),
    ):
        engine.run(Counted([work for ticket in tickets for work in ticket.works]))
    assert sum(length > 1 for length in passes) == 1
    for ticket in tickets:
        with pytest.raises(EngineFault, match="shorter pieces"):
            ticket.outcomes()


def test_sound_that_is_no_number_fails_and_is_not_given_as_sound(models: Path) -> None:
    engine = load(models / "tts")
    decoder = engine._tts.model.speech_tokenizer.model.decoder
    handle = decoder.register_forward_hook(
        lambda module, arguments, sound: torch.full_like(sound, float("nan"))
    )
    ticket = Ticket([SpeechInput("Hi.")], key="")
    engine.run(Counted(ticket.works))
    handle.remove()
    with pytest.raises(EngineFault, match="another seed"):
        ticket.outcomes()


def test_a_lost_card_is_told_from_a_full_one(models: Path) -> None:
    engine = load(models / "tts")

    def lose(embeddings: Any) -> None:
        raise RuntimeError("CUDA error: device-side assert triggered")

    with before_each_pass(engine, lose), pytest.raises(EngineLost):
        engine.run(Counted(Ticket([SpeechInput("Hi.")], key="").works))


def test_long_texts_take_more_of_a_batch_than_short_ones(models: Path) -> None:
    engine = load(models / "tts", rows=2)
    rows: list[int] = []

    def note(embeddings: Any) -> None:
        if embeddings.shape[1] > 1:
            rows.append(embeddings.shape[0])

    digits = SpeechInput("1" * 300)
    assert frame_cap(digits.text) > 2 * frame_cap("x" * 300)
    with before_each_pass(engine, note):
        speak(engine, SpeechInput("Hi."), SpeechInput("Hello."), digits, digits)
    assert rows == [2, 1, 1]


def test_it_says_how_far_a_batch_is(endless: CudaVoice) -> None:
    ticket = Ticket([SpeechInput(TEXTS[1])], key="")
    told: list[float] = []

    class Watched(Counted):
        def advance(self, fraction: float) -> None:
            told.append(fraction)

    endless.run(Watched(ticket.works))
    assert told[0] == 0.0
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_half_precision_keeps_its_code_predictor_and_decoder_wide(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mixed = Precision("float16", "float32", "float16")
    monkeypatch.setattr(loading, "precision_for", lambda capability: mixed)
    engine = load(models / "tts")
    model = engine._tts.model
    kinds = {
        part: {weight.dtype for weight in module.parameters()}
        for part, module in {
            "talker": model.talker.model,
            "predictor": model.talker.code_predictor,
            "decoder": model.speech_tokenizer.model.decoder,
        }.items()
    }
    assert kinds == {
        "talker": {torch.float16}, "predictor": {torch.float32}, "decoder": {torch.float32},
    }  # fmt: skip
    for speech in speak(engine, *[SpeechInput(text, seed=1) for text in TEXTS]):
        assert np.isfinite(speech.audio).all()
        assert np.abs(speech.audio).max() > 0.01


def copied(models: Path, folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """The checkpoint with changed weights."""
    from safetensors.torch import load_file, save_file

    made = folder / "tts"
    shutil.copytree(models / "tts", made)
    weights = load_file(made / "model.safetensors")
    change(weights)
    save_file(weights, made / "model.safetensors", metadata={"format": "pt"})
    return made


def test_weights_that_are_no_numbers_are_not_called_ready(models: Path, tmp_path: Path) -> None:
    def spoil(weights: dict[str, Any]) -> None:
        name = next(n for n in weights if "code_predictor" in n and n.endswith("q_proj.weight"))
        weights[name][0, 0] = float("nan")

    with pytest.raises(LoadError, match="no finite numbers in float32"):
        load(copied(models, tmp_path, spoil))


def test_a_row_that_is_no_number_later_fails_and_is_not_given_as_sound(models: Path) -> None:
    engine = load(models / "tts")
    ticket = Ticket([SpeechInput("Hi.")], key="")
    with before_each_pass(engine, lambda embeddings: embeddings.fill_(float("nan"))):
        engine.run(Counted(ticket.works))
    with pytest.raises(EngineFault, match="another seed"):
        ticket.outcomes()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"speaker": "Nobody"}, "VOICE_SPEAKER is Nobody, and the voice has aiden, dylan"),
        ({"language": "sv"}, "VOICE_LANGUAGE is sv, and the voice speaks zh, en, de"),
        ({"device": "cuda"}, "No NVIDIA GPU can be used here"),
    ],
)
def test_a_setting_that_cannot_be_is_told_before_anything_is_loaded(
    models: Path, changed: dict[str, Any], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(LoadError, match=says):
        load(models / "tts", **changed)


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors", "speech_tokenizer"])
def test_a_folder_without_all_of_a_checkpoint_is_named(
    models: Path, tmp_path: Path, missing: str
) -> None:
    folder = tmp_path / "tts"
    shutil.copytree(models / "tts", folder)
    part = folder / missing
    shutil.rmtree(part) if part.is_dir() else part.unlink()
    with pytest.raises(LoadError, match=str(folder)):
        load(folder)


def test_it_names_its_model_and_the_languages_that_it_speaks(engine: CudaVoice) -> None:
    assert engine.model == "tiny-random-qwen3-tts"
    assert engine.languages[0] == "en"
    assert set(engine.languages) == {"zh", "en", "de", "it", "pt", "es", "ja", "ko", "fr", "ru"}
    assert (engine.speaker.name, engine.speaker.language) == ("Aiden", "English")


def test_the_decoder_is_float32_whatever_the_voice_computes_in(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow = Precision("bfloat16", "bfloat16", "float16")
    monkeypatch.setattr(loading, "precision_for", lambda capability: narrow)
    model = load(models / "tts")._tts.model
    assert model.talker.dtype == torch.bfloat16
    weights = [*model.speech_tokenizer.model.parameters(), *model.speech_tokenizer.model.buffers()]
    assert {weight.dtype for weight in weights if weight.is_floating_point()} == {torch.float32}
