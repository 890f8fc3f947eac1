"""Frame caps, number formats and batch sizes: the figures behind the GPU engines."""

from __future__ import annotations

import pytest

from voicehost.engines.cuda.card import _has_code
from voicehost.engines.cuda.faults import is_lost, is_out_of_memory
from voicehost.engines.cuda.memory import Measured, rows_that_fit
from voicehost.engines.cuda.precision import precision_for
from voicehost.engines.cuda.size import CLEAN_PASSES, Size
from voicehost.engines.cuda.speech.decoding import rows_to_decode
from voicehost.engines.cuda.speech.frames import MOST_FRAMES, expected_frames, frame_cap
from voicehost.engines.cuda.speech.room import Room
from voicehost.engines.protocol import LoadError
from voicehost.engines.step_cost import FRAMES_PER_SECOND

MIB = 1024 * 1024
SENTENCE = "The quarterly figures are in, and they are better than anybody had expected. "


def seconds(frames: int) -> float:
    return frames / FRAMES_PER_SECOND


def test_a_text_is_expected_to_take_as_long_as_a_reader_takes() -> None:
    # 150 words a minute.
    text = "word " * 150
    assert 48 < seconds(expected_frames(text)) < 62


def test_a_cap_leaves_room_for_the_slowest_reading_and_no_more() -> None:
    for text in ("Hi.", SENTENCE, SENTENCE * 3):
        assert seconds(frame_cap(text)) >= 3 * len(text) / 15
        assert seconds(frame_cap(text)) <= 3 * len(text) / 15 + 3.2
    assert seconds(frame_cap("Hi.")) < 4


@pytest.mark.parametrize(
    ("short", "spoken"),
    [
        ("2024", "twenty twenty-four"),
        ("$1,234.56", "one thousand two hundred thirty-four dollars and fifty-six cents"),
        ("+49 170 1234567", "plus forty nine, one seven zero, one two three four five six seven"),
    ],
)
def test_digits_count_as_what_is_said_of_them(short: str, spoken: str) -> None:
    assert seconds(frame_cap(short)) > len(spoken) / 15


def test_a_character_of_chinese_or_japanese_counts_as_a_syllable() -> None:
    assert seconds(expected_frames("早上好，欢迎大家。" * 10)) == pytest.approx(18, abs=1)


def test_no_text_may_run_longer_than_the_models_own_limit() -> None:
    assert frame_cap(SENTENCE * 100) == MOST_FRAMES


@pytest.mark.parametrize(
    ("card", "capability", "formats"),
    [
        ("T4", (7, 5), ("float16", "float32", "float16")),
        ("A10G", (8, 6), ("bfloat16", "bfloat16", "float16")),
        ("L4", (8, 9), ("bfloat16", "bfloat16", "float16")),
        ("H200", (9, 0), ("bfloat16", "bfloat16", "float16")),
        ("CPU", None, ("float32", "float32", "int8")),
    ],
)
def test_each_card_computes_in_its_formats(
    card: str, capability: tuple[int, int] | None, formats: tuple[str, str, str]
) -> None:
    chosen = precision_for(capability)
    assert (chosen.talker, chosen.predictor, chosen.ears) == formats, card


def test_a_card_without_half_precision_is_refused_with_what_would_do() -> None:
    with pytest.raises(LoadError, match=r"6\.1; 7\.0 or newer is needed"):
        precision_for((6, 1))


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("CUDA failed with error out of memory"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"),
        RuntimeError("cublas error: CUBLAS_STATUS_ALLOC_FAILED"),
        MemoryError(),
    ],
)
def test_every_library_s_word_for_no_memory_is_known(error: Exception) -> None:
    assert is_out_of_memory(error)


@pytest.mark.parametrize("error", [RuntimeError("shape mismatch"), ValueError("out of memory")])
def test_other_errors_are_not_taken_for_it(error: Exception) -> None:
    assert not is_out_of_memory(error)


@pytest.mark.parametrize(
    "said",
    [
        "CUDA error: device-side assert triggered",
        "CUDA error: an illegal memory access was encountered",
        "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED",
        "CUDA failed with error unspecified launch failure",
    ],
)
def test_a_card_that_is_lost_is_known(said: str) -> None:
    assert is_lost(RuntimeError(said))
    assert not is_out_of_memory(RuntimeError(said))


@pytest.mark.parametrize("said", ["CUDA error: out of memory", "shape mismatch"])
def test_what_passes_is_not_taken_for_a_lost_card(said: str) -> None:
    assert not is_lost(RuntimeError(said))


@pytest.mark.parametrize(
    ("capability", "architectures", "fits"),
    [
        ((7, 5), ["sm_75", "sm_80", "compute_90"], True),
        ((8, 9), ["sm_75", "sm_86", "sm_90"], True),
        ((12, 0), ["sm_75", "sm_90", "compute_90"], True),
        ((7, 0), ["sm_75", "sm_80", "compute_90"], False),
        ((10, 0), ["sm_75", "sm_90a"], False),
    ],
)
def test_a_card_without_code_in_pytorch_is_refused(
    capability: tuple[int, int], architectures: list[str], fits: bool
) -> None:
    assert _has_code(capability, architectures) == fits


def test_a_size_halves_after_a_shortage_and_doubles_again_after_many_good_passes() -> None:
    size = Size(16)
    assert size.short()
    assert size.now == 8
    assert size.short(tried=3)
    assert size.now == 1.5
    assert size.short()
    assert size.now == 1
    assert not size.short()
    for _ in range(CLEAN_PASSES - 1):
        size.passed()
    assert size.now == 1
    size.passed()
    assert size.now == 2
    for _ in range(10 * CLEAN_PASSES):
        size.passed()
    assert size.now == 16


def test_a_batch_holds_as_many_texts_as_its_frames_allow() -> None:
    room = Room(rows=4, frames=800)
    assert room.choose([100] * 9) == 4
    assert room.choose([800] * 4) == 4
    assert room.choose([2048, 800, 800]) == 2
    assert room.choose([9000, 10]) == 1
    assert room.choose([10]) == 1


def test_sound_is_decoded_in_groups_that_fit() -> None:
    assert rows_to_decode(0, 4_000 * MIB) == 4
    assert rows_to_decode(8448, 4_639 * MIB) == 2  # a T4
    assert rows_to_decode(13_000, 4_000 * MIB) == 4
    assert rows_to_decode(4_200, 4_000 * MIB) == 1


def test_the_batch_is_as_large_as_its_longest_rows_fit() -> None:
    # 9000 MiB, of which a tenth stays free and 4100 hold the model: 4000 for rows of 200 each.
    measured = Measured(model=4100 * MIB, frame=0.25 * MIB)
    assert rows_that_fit(measured, limit_mib=9000, frames=800, most=64) == 20
    assert rows_that_fit(measured, limit_mib=9000, frames=800, most=16) == 16
    assert rows_that_fit(measured, limit_mib=9000, frames=400, most=64) == 40


def test_one_row_is_always_tried_and_no_limit_is_no_limit() -> None:
    measured = Measured(model=4100 * MIB, frame=0.25 * MIB)
    assert rows_that_fit(measured, limit_mib=4200, frames=800, most=16) == 1
    assert rows_that_fit(measured, limit_mib=0, frames=800, most=16) == 16
