"""What is shown, as plain data: read through the store under the limits of who asks. Used by the API and by the pages."""
