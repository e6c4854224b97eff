"""Pages: HTML from the server, for townships, departments and the data bureau."""
