"""Charts out of a CSV: columns with types, filters, groups and their figures, proposals, and a page that stands alone with its drawings."""
