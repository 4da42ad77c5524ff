"""Models from elsewhere as ones that can be attacked, each shown the rows that it takes."""
