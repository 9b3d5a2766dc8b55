"""Extract and clean the text and metadata of a page."""
