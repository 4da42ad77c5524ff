"""The GenLabel paper (Sohn et al. 2022, 2201.02354), measured again."""
