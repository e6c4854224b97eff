"""Row checks, batch checks and rules over golden records: all give the same Finding."""
