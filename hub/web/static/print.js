// The print button of a laid-out report: without this script the browser's own print command does the same.
const button = document.querySelector("[data-print]");
button.hidden = false;
button.addEventListener("click", () => window.print());
