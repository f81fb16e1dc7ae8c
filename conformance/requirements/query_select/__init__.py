"""Query string: $select.

Page: Query String Parameters. It names properties, separated by commas; the others are nulled out.
"""
