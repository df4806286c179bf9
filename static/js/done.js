// The window that a shop's page opened for a card has done its work. A browser that does not let it close itself shows what the page says.

window.close();
