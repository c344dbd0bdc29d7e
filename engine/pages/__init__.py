"""HTML pages that load nothing: one base template, one style sheet, tables and drawings."""
