"""What the stories stage reads off one text alone: done where the text was made, in a worker process."""

from __future__ import annotations

from dataclasses import dataclass, replace

from schemas.records import Article
from transforms.stories.fingerprint import Fingerprint, fingerprint
from transforms.stories.wire import detect_wire_origin


@dataclass(frozen=True, slots=True)
class Signed:
    """An article that is ready to be placed.

    Attributes:
        article: With wire_origin filled.
        bands: Keys under which it is looked up and filed.
    """

    article: Article
    fingerprint: Fingerprint
    bands: tuple[str, ...]


def sign(article: Article) -> Signed:
    """The article with its text's fingerprint, the keys made of it, and the agency that the text names."""
    print_, bands = fingerprint(article.text, article.title)
    wire_origin = detect_wire_origin(article.text, article.authors, article.wire_origin)
    return Signed(replace(article, wire_origin=wire_origin), print_, bands)
