import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.sealing import Seal

SEAL = Seal("0" * 64)
WORDS = st.lists(st.text(max_size=5), max_size=3)


@given(st.text(), WORDS)
def test_what_was_closed_opens_with_the_same_words(text, about):
    assert SEAL.open(SEAL.close(text, *about), *about) == text


@given(WORDS, WORDS)
def test_other_words_open_nothing(about, others):
    opened = SEAL.open(SEAL.close("secret", *about), *others)

    assert opened == ("secret" if about == others else None)


def test_another_key_opens_nothing():
    assert Seal("1" * 64).open(SEAL.close("secret")) is None


def test_the_same_text_never_looks_the_same():
    assert SEAL.close("secret") != SEAL.close("secret")
    assert b"secret" not in SEAL.close("secret")


@pytest.mark.parametrize("place", [0, 12, -1])
def test_a_changed_byte_opens_nothing(place):
    sealed = bytearray(SEAL.close("secret"))
    sealed[place] ^= 1

    assert SEAL.open(bytes(sealed)) is None


def test_what_was_never_sealed_opens_nothing():
    assert SEAL.open(b"x" * 28) is None
