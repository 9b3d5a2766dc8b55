"""Importing this module loads what is slow to load and every worker needs.

It is for the process that forks the workers, so that each begins with it, and shares its memory. What goes wrong here
goes wrong again where it is used, and is told there.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from transforms.articles.language import language_model
from transforms.tags.gazetteer import shared_gazetteer

with ThreadPoolExecutor(2) as _loaders:  # no thread is left when it ends
    _loaders.submit(language_model)
    _loaders.submit(shared_gazetteer)
