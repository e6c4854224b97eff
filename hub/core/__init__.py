"""What every layer may use and nothing that knows a contract, a table or a page."""
