"""Parts from outside the package: how they are named, looked up, imported and told apart."""
