"""Any trained model as something that attacks can query; the one door to ART's estimators."""
