"""What an outsider writes to add a method, a goal, a loss or a format: the files of the recipes in CONTRIBUTING."""
