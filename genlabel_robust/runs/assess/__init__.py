"""Assessment of one model: attacks, certificates, and checks of their credibility."""
