"""Fetch the page behind each entry."""
