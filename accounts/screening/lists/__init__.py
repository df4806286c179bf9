"""Published lists of sanctions: read from their XML, kept in dated versions, and compared with people."""
