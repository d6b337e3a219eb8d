"""One module for each page or resource."""
