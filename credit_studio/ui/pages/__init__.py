"""One file a page: the page and its State together."""
