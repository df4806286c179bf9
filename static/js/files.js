// The theme writes a chosen file's name into the nearest text field. Our forms have no field for it: it would fail, or fill in another one.

for (const input of document.querySelectorAll("input[type=file]")) input.hasChangeListener = true;
