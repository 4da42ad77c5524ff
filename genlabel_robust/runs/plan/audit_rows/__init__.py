"""The rows of an audit, in the form that its model takes."""
