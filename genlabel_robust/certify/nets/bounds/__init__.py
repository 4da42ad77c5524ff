"""Linear bounds on the outputs of a net in boxes and balls, by backward passes."""
