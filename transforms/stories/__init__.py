"""Tell new articles, revisions, repeats and near-duplicates apart."""
