"""``python -m hub.cli`` is ``yibiao``."""

from hub.cli import main

main()
