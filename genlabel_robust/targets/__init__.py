"""Any trained model as something that attacks can query."""
