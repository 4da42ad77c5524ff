"""The paper's tables of accuracies and robust accuracies."""
