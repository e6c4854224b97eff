"""End-to-end stories: read top to bottom, they are the manual."""
