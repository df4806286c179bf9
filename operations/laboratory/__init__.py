"""The laboratory in the back office: a table is uploaded, a model is trained, compared with the champion, and proposed."""
