"""Everything that is kept, and the only home of SQL: the ledger, tables made from the Catalog, merge, golden, views, history."""
