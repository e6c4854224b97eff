"""How fast the hub is, as ratios against a limit or a peer measured in the same run. Not tests: nothing here passes or fails."""
