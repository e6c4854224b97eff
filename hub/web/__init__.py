"""The web: the only place that knows HTTP. ``api`` answers JSON, ``pages`` HTML; both show what ``shown`` reads."""
