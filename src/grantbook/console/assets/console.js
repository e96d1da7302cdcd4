// What the console does better with a script. Everything here works without it, by links and forms.
"use strict";

document.documentElement.classList.add("scripted");

// --- The time machine: moving the slider shows the page as of then, without loading it anew -----------------------------

let wanted = null;
let under_way = false;

async function show(address, from_slider) {
  wanted = { address, from_slider };
  if (under_way) return;
  under_way = true;
  document.body.classList.add("busy");
  while (wanted) {
    const next = wanted;
    wanted = null;
    try {
      const answer = await fetch(next.address, { headers: { accept: "text/html" }, credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!page.getElementById("main")) throw new Error("not a page of the console");
      if (!wanted) put(page, answer.url, next.from_slider);
    } catch {
      wanted = null;
      location.assign(next.address);
    }
  }
  under_way = false;
  document.body.classList.remove("busy");
}

function put(page, address, from_slider) {
  const slider = document.getElementById("machine-slider");
  const value = slider && slider.value;
  for (const id of ["main", "side", "foot", "when", "marks"]) {
    const here = document.getElementById(id);
    const there = page.getElementById(id);
    if (here && there) here.replaceWith(document.adoptNode(there));
  }
  document.title = page.title;
  document.body.className = page.body.className;
  const new_slider = page.getElementById("machine-slider");
  if (slider && new_slider) {
    slider.setAttribute("aria-valuetext", new_slider.getAttribute("aria-valuetext"));
    slider.value = from_slider ? value : new_slider.getAttribute("value");
  }
  if (from_slider) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
}

document.addEventListener("input", (event) => {
  if (event.target.id !== "machine-slider") return;
  const form = new FormData(event.target.form);
  show(`${location.pathname}?${new URLSearchParams(form)}`, true);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest && event.target.closest("a[data-moves]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  const moves = link.dataset.moves;
  show(link.href, false).then(() => {
    const again = document.querySelector(`a[data-moves="${moves}"]`);
    if (again) again.focus();
  });
});

addEventListener("popstate", () => location.reload());

// --- Choices that need no button --------------------------------------------------------------------------------------

document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-submits]")) event.target.form.requestSubmit();
});

document.addEventListener("click", (event) => {
  if (event.target.matches("[data-prints]")) print();
});

// The skip link moves the focus too: not every browser does that by itself.
document.addEventListener("click", (event) => {
  if (event.target.matches("a.skip")) document.getElementById("main").focus();
});
