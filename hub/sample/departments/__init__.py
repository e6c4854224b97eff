"""How each department writes what it holds: its own column names, codes and habits, and the planted faults on the way out.

One module a department. ``COLUMNS`` gives, per contract, the columns in the order of the export, each with the function
from a row to the cell; a cell is text, a number, a date, a list, a boolean or None, as the format can carry it.
"""
