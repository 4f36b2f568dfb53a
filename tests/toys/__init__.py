"""A method and a goal that nobody uses: what an outsider writes to add one."""
