"""Response body.

Page: Response, Response body with its table; the sample shows what the table does not specify.

Every successful answer of the run is checked, whichever requirement asked for it; with $select, null is expected.
"""
