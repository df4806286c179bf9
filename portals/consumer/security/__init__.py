"""How the person signs in: their passkeys, and being asked once more who they are."""
