"""The paper's theorem on three losses."""
