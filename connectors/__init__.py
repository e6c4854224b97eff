"""The connectors that come with Yibiao, one package per kind of source. Each knows ``hub.intake.port`` and no other part
of the hub, and is found by its entry point in the group ``yibiao.sources``: one of another maker is a package like these.
"""
