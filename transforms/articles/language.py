"""Language of a text, by py3langid."""

from __future__ import annotations

import lzma
import re
from array import array
from functools import lru_cache
from io import BytesIO
from typing import Any

import numpy as np
from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier

MIN_LETTERS = 20
"""Letters below which a text is too short to say its language."""

_MAX_CHARS = 400  # more text does not change the answer, only the cost
_LETTERS = re.compile(r"[^\W\d_]")
_IDEOGRAPHS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")

# py3langid tells apart languages that ISO 639-1 has no code for: the code of the macro-language, or of the language
# that a reader of the one reads too.
_MACRO = {
    "ary": "ar", "arz": "ar", "uzs": "uz", "sdh": "ku", "yue": "zh", "wuu": "zh", "fuv": "ff", "gug": "gn",
    "kik": "ki", "hbo": "he", "ltg": "lv", "grc": "el",
}  # fmt: skip

# Written so much alike that a page's own label is the better judge among them.
_SIBLINGS = (
    frozenset({"no", "nb", "nn", "da"}),
    frozenset({"id", "ms"}),
    frozenset({"hr", "sr", "bs", "sh"}),
    frozenset({"gl", "pt"}),
)


@lru_cache(maxsize=1)
def language_model() -> Any:
    """The model, loaded at the first use; one of our own, so that nobody's set_languages() changes our answers.

    py3langid's own way unpacks it into a file first: where the disk is full, every page would fail for it.
    """
    with lzma.open(MODEL_DIR / MODEL_FILE) as packed, np.load(BytesIO(packed.read()), allow_pickle=False) as model:
        return LanguageIdentifier(
            model["ptc"],
            model["pc"],
            model["classes"].tolist(),
            _as_array(model["nextmove"]),
            model["out_feat"].tolist(),
            tk_row=_as_array(model["nextmove_row"]),
        )


def _as_array(values: Any) -> array[int]:
    """Unsigned numbers as Python's own array, whose elements are read fastest one by one."""
    made = array({2: "H", 4: "I", 8: "L"}[values.dtype.itemsize])
    made.frombytes(values.tobytes())
    return made


def identify(text: str) -> str | None:
    """Language of a text as an ISO 639-1 code; None for too little text or for what is no language."""
    sample = text[:_MAX_CHARS]
    # An ideograph or syllable carries about as much as three letters of an alphabet.
    if len(_LETTERS.findall(sample)) + 2 * len(_IDEOGRAPHS.findall(sample)) < MIN_LETTERS:
        return None
    code = _iso(language_model().classify(sample)[0])
    if code is not None:
        return code
    ranked = (_iso(name) for name, _ in language_model().rank(sample))
    return next((name for name in ranked if name is not None), None)


def _iso(code: str) -> str | None:
    return code if len(code) == 2 else _MACRO.get(code)


def settle(identified: str | None, declared: str | None) -> str | None:
    """Language from what the text looks like and what the page or feed says of itself.

    The text is the better witness (templates are often left at their default language), save where there is too
    little of it or where it lies between languages that are written alike.

    Args:
        identified: Answer of `identify`.
        declared: A BCP 47 tag such as `fa-AF`, or None.
    """
    label = (declared or "").strip().replace("_", "-").split("-")[0].lower()
    if not re.fullmatch(r"[a-z]{2}", label):
        return identified
    if identified is None or any(identified in group and label in group for group in _SIBLINGS):
        return label
    return identified
