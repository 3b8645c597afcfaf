// Pages made to be printed: their button opens the browser's print dialog.

document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
