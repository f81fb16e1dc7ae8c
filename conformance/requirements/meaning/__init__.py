"""What the operation means.

Page: summary and Request Body: elements of the associates asked for, in the state asked for.
"""
