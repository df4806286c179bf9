"""The pages of disaster areas: what is declared, and the form that counts and proposes one."""
