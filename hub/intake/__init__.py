"""From what a department sends to canonical rows: the source port that connectors implement, normalising, sealing, mending."""
