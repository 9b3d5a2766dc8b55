"""`make bench`: speed and memory of the whole chain, each as a ratio within one run.

Needs the real pages of the bench material (NEWSBEAM_BENCH, else ../shared/bench). The machine's noise is in every
figure: rounds of the two sides alternate, and least, median and greatest of their ratios are printed.
"""
