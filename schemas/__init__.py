"""What the data is: records that pass between the stages, and the tables they end in.

Imports the standard library and pyarrow only, so that any other tool may import it.
"""
