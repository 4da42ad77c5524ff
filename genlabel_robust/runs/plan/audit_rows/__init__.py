"""The rows of an audit as its model takes them."""
