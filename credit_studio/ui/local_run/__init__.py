"""The browser's Python worker."""
