"""Everything that uses ART: its attacks, and this package's attacks on its classifiers."""
