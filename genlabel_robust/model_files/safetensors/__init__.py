"""Reader of safetensors files, which contain weights and no code."""
