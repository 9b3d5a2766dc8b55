"""HTTP as a polite guest: addresses checked, sizes capped, robots.txt obeyed.

No stage of its own; feeds/ and pages/ fetch through it.
"""
