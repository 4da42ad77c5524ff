"""genlabel_robust: how robust is a classifier, and how sure is that number?"""

__version__ = "0.1.0"
