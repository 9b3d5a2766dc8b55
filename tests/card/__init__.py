"""Accuracy on material that is not part of the project: one function a measure, each with its counts per document."""
