"""Long texts are cut where a speaker would breathe, and nothing is lost."""

from __future__ import annotations

import pytest

from voicehost.text.pieces import Ending, Piece, cut

STORY = (
    "Dr. Smith paid $3.50 at 9:30 a.m. for tea, e.g. green tea. It was good; so good, in fact, "
    "that he came back! Would you? “Yes,” said J. K. Rowling. The U.S. office closed. "
) * 6


def test_a_short_text_stays_whole() -> None:
    assert cut("One. Two. Three.", 300) == [Piece("One. Two. Three.", Ending.SENTENCE)]


def test_the_pieces_joined_are_the_text() -> None:
    for most in (40, 80, 150, 300):
        pieces = cut(STORY.strip(), most)
        assert " ".join(piece.text for piece in pieces) == STORY.strip()
        assert all(len(piece.text) <= most for piece in pieces)


def test_sentences_are_packed_into_as_few_pieces_as_fit() -> None:
    assert len(cut("A sentence here. " * 20, 300)) == 2


def test_abbreviations_and_initials_do_not_end_a_sentence() -> None:
    for piece in cut(STORY.strip(), 60):
        last = piece.text.split()[-1]
        assert piece.ending is not Ending.SENTENCE or last not in {
            "Dr.",
            "e.g.",
            "J.",
            "K.",
            "a.m.",
        }


def test_a_long_sentence_is_cut_at_clauses_before_words() -> None:
    sentence = "We measured the river every week, wrote the figures down, and drew the curve"
    pieces = cut(sentence, 40)
    assert [piece.ending for piece in pieces] == [Ending.CLAUSE, Ending.CLAUSE, Ending.SENTENCE]
    assert pieces[0].text == "We measured the river every week,"


def test_a_long_clause_is_cut_between_words() -> None:
    pieces = cut("word " * 30, 50)
    assert {piece.ending for piece in pieces[:-1]} == {Ending.WORD}
    assert all(not piece.text.startswith(" ") for piece in pieces)


@pytest.mark.parametrize("text", ["x" * 1000, "语" * 700, "第一句。第二句。" * 60])
def test_text_without_spaces_is_cut_too_and_loses_nothing(text: str) -> None:
    pieces = cut(text, 100)
    assert "".join(piece.text for piece in pieces).replace(" ", "") == text
    assert max(len(piece.text) for piece in pieces) <= 100


def test_five_thousand_dots_or_commas_are_cut_quickly() -> None:
    for text in ("a. " * 2000, "a, " * 2000, ". " * 2500, "(" * 5000, '."' * 2500):
        assert cut(text.strip(), 300)
