// Narrows a list on the page while somebody types; without a script the form asks the server.
for (const form of document.querySelectorAll("[data-find-in]")) {
  const list = document.getElementById(form.dataset.findIn);
  const field = form.querySelector("input[type=search]");
  if (!list || !field) continue;
  const narrow = () => {
    const words = field.value.trim().toLowerCase().split(/\s+/);
    for (const row of list.querySelectorAll("[data-find-row]")) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
    for (const group of list.querySelectorAll("[data-find-group]")) {
      group.hidden = !group.querySelector("[data-find-row]:not([hidden])");
    }
  };
  field.addEventListener("input", narrow);
  if (!new URLSearchParams(location.search).get("find")) {
    form.addEventListener("submit", (event) => event.preventDefault());
  }
}
