"""The demonstration: a sample city, its departments as running systems, the main job, and the result held against the truth.

Used by ``yibiao demo`` and by the tests that judge the whole (precision and recall). Of the
product itself only ``yibiao fill`` needs a part of it: ``tables`` prints a report on a terminal.
"""
