"""Whole jobs: the graph, the commands, the ledger of local runs."""
