// One button that copies a text of the page. Where the browser has no clipboard for scripts (an address without TLS), the text is
// selected and copied the old way; where that is refused too, it stays selected for Ctrl+C.
for (const button of document.querySelectorAll("[data-copy]")) {
  const text = document.getElementById(button.dataset.copy);
  const told = document.getElementById("copied");
  button.hidden = false;
  button.addEventListener("click", async () => {
    text.focus();
    text.select();
    let done = false;
    try {
      await navigator.clipboard.writeText(text.value);
      done = true;
    } catch (error) {
      done = document.execCommand("copy");
    }
    told.textContent = done ? button.dataset.done : "";
  });
}
