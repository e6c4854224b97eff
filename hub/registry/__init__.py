"""What the city agreed on, as one immutable Catalog: definitions read, checked, compared, explained; the expression language."""
