"""OpenAPI made from a design, and OpenAPI checked: the document, mock data, curl lines, YAML; reading, validating and linting a given one."""
