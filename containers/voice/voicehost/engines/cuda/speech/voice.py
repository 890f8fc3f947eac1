"""Qwen3-TTS: several texts at once, each with its own cap, seed and way to be called off."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from voicehost.engines.cuda.card import Card, open_card
from voicehost.engines.cuda.checkpoints import model_name
from voicehost.engines.cuda.faults import is_out_of_memory, noticing_loss
from voicehost.engines.cuda.memory import Peak, release, rows_that_fit
from voicehost.engines.cuda.speech.decoding import GroupedDecoder, rows_to_decode
from voicehost.engines.cuda.speech.frames import expected_frames, frame_cap
from voicehost.engines.cuda.speech.languages import NAMES, spoken_languages
from voicehost.engines.cuda.speech.loading import load_voice, why_mute
from voicehost.engines.cuda.speech.room import PROMPT, Room
from voicehost.engines.cuda.speech.sampling import Sampler, Sampling
from voicehost.engines.cuda.speech.self_check import check, measure
from voicehost.engines.cuda.speech.speakers import speakers
from voicehost.engines.cuda.speech.steering import Steering, Utterances
from voicehost.engines.fingerprint import fingerprint, folder_digest
from voicehost.engines.protocol import LoadError, Report, Speaker, Speech, SpeechInput
from voicehost.errors import EngineFault
from voicehost.queueing.batch import Abandoned, Batch
from voicehost.queueing.ticket import Work

# Of the card's memory; the ears have a third, CUDA itself what is left.
SHARE = 0.55
PACKAGES = ("qwen-tts", "torch", "transformers", "tokenizers")
TOO_LARGE = "The GPU has not enough memory for this text. Send it in shorter pieces."
NO_NUMBER = "The model computed no sound for a text. Try again with another seed."


class CudaVoice:
    """`rows` shrinks when the GPU's memory turns out to be too small, and grows again slowly."""

    name = "qwen3-tts"
    refills = False
    samples = True

    def __init__(
        self,
        folder: Path,
        *,
        device: str,
        speaker: str,
        language: str,
        limit_mib: int,
        rows: int,
        piece_characters: int,
        greedy: bool = False,
    ) -> None:
        self.model = model_name(folder)
        self.device = device
        self.gpu_name: str | None = None
        self.languages: tuple[str, ...] = spoken_languages(folder, language)
        self.speaker = Speaker(speaker, NAMES[language].capitalize())
        self.voices: tuple[str, ...] = speakers(folder, speaker)
        self.fingerprint: str | None = None
        self._folder = folder
        self._limit_mib = limit_mib
        self._longest = frame_cap("x" * piece_characters)
        self._room = Room(rows, self._longest)
        self._greedy = greedy
        self._tts: Any = None
        self._steering: Steering | None = None
        self._card: Card | None = None
        self._batch: Batch | None = None

    def load(self, report: Report) -> None:
        """Raises LoadError when the checkpoint, the card or the self-check fails."""
        report("opening the GPU", 0.05)
        card = open_card(self.device, limit_mib=self._limit_mib, share=SHARE)
        self._card, self.gpu_name = card, card.name
        loaded = load_voice(self._folder, card, self.speaker.name, report)
        self._tts = loaded.tts
        model, defaults = self._tts.model, self._tts.generate_defaults
        self._steering = Steering(
            model,
            talker=Sampler(Sampling.of(defaults, greedy=self._greedy)),
            predictor=Sampler(Sampling.of(defaults, "subtalker_", greedy=self._greedy)),
        )
        peak = Peak()
        decoder = GroupedDecoder(
            model.speech_tokenizer.decode, before=peak.note, on_shortage=self._note_shortage
        )
        model.speech_tokenizer.decode = decoder
        report("checking the voice", 0.8)
        try:
            check(self._speak, card.device, loaded.precision)
        except (RuntimeError, MemoryError) as error:
            raise LoadError(why_mute(self._folder, error)) from error
        if card.on_gpu:
            report("measuring its memory", 0.9)
            self._measure(card, decoder, peak)
        self.fingerprint = fingerprint(
            self.model, PACKAGES, folder_digest(self._folder), loaded.precision, self._greedy
        )

    def _measure(self, card: Card, decoder: GroupedDecoder, peak: Peak) -> None:
        try:
            measured = measure(self._speak, card.device, peak)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            self._room.size.limit(1)
            return
        decoder.rows = rows_to_decode(card.limit_mib, measured.model)
        rows = rows_that_fit(
            measured,
            limit_mib=card.limit_mib,
            frames=self._longest + PROMPT,
            most=self._room.rows,
        )
        self._room.size.limit(rows)

    @property
    def rows(self) -> int:
        return self._room.rows

    def sample(self) -> SpeechInput:
        return SpeechInput("Ready.", language=self.languages[0])

    def run(self, batch: Batch) -> None:
        self._batch = batch
        total = len(batch.rows)
        try:
            with noticing_loss():
                while works := batch.step():
                    chosen = self._room.choose([frame_cap(work.payload.text) for work in works])
                    self._run(batch, works[:chosen], total)
        finally:
            self._batch = None

    def _run(self, batch: Batch, works: Sequence[Work], total: int) -> None:
        try:
            self._say(batch, works, total)
        except Abandoned:
            return
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
        else:
            self._room.size.passed()
            return
        # Out of the except block, since the error holds on to what it could not allocate.
        self._note_shortage()
        release()
        if not self._room.size.short(len(works)):
            batch.fail(works[0], EngineFault(TOO_LARGE))

    def _say(self, batch: Batch, works: Sequence[Work], total: int) -> None:
        inputs: list[SpeechInput] = [work.payload for work in works]
        longest = max(expected_frames(spoken.text) for spoken in inputs)
        done = total - len(batch.rows)

        def wanted(frame: int) -> list[bool]:
            batch.advance((done + min(1.0, frame / longest) * len(works)) / total)
            rows = batch.step()
            return [work in rows for work in works]

        utterances = Utterances(
            [frame_cap(spoken.text) for spoken in inputs],
            [spoken.seed for spoken in inputs],
            wanted,
            device=self.device_in_use,
        )
        audios = self._speak(inputs, utterances)
        outcomes = zip(works, audios, utterances.cut, utterances.broken, strict=True)
        for work, audio, cut, broken in outcomes:
            if work.cancelled:
                continue
            if audio is None:
                batch.fail(work, EngineFault(TOO_LARGE))
            elif broken or len(audio) == 0 or not np.isfinite(audio).all():
                batch.fail(work, EngineFault(NO_NUMBER))
            else:
                if cut:
                    batch.count("CappedTexts")
                batch.finish(work, Speech(audio, complete=not cut))

    @property
    def device_in_use(self) -> str:
        return self._card.device if self._card else "cpu"

    def _speak(self, inputs: Sequence[SpeechInput], utterances: Utterances) -> list[Any]:
        """Mono float32 audio of each, None where decoding it found no memory. Raises Abandoned, or
        what the libraries raise."""
        if self._tts is None or self._steering is None:
            raise RuntimeError("load() comes first")
        with self._steering.during(utterances):
            audios, _ = self._tts.generate_custom_voice(
                text=[spoken.text for spoken in inputs],
                speaker=[spoken.voice or self.speaker.name for spoken in inputs],
                language=[NAMES[spoken.language] for spoken in inputs],
                instruct=[spoken.instruct for spoken in inputs],
                max_new_tokens=max(utterances.caps) + 1,
                # The draw is made in the scores: see Sampler.
                do_sample=False,
                subtalker_dosample=False,
            )
        return list(audios)

    def _note_shortage(self) -> None:
        if self._batch is not None:
            self._batch.count("OutOfMemory")
