"""An assessment cut into pieces of work that can be done anywhere, and put together again."""
