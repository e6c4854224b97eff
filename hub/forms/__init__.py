"""Forms filled in: units and periods, rosters, indicators, formulas, the canonical report and its workbook."""
