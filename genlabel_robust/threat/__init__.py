"""What an attacker may do: the threat model, its constraints, and the space of attacks."""
