// What a script adds: a file may be dropped anywhere on its field, and one that misses it is not opened in the window,
// which would show it. Everything works without; nothing is remembered, sent or drawn.
"use strict";

const fieldAt = (event) => (event.target instanceof Element ? event.target.closest(".drop") : null);

for (const kind of ["dragenter", "dragover"]) {
  addEventListener(kind, (event) => {
    event.preventDefault();
    const field = fieldAt(event);
    for (const other of document.querySelectorAll(".drop.over")) other.classList.toggle("over", other === field);
    field?.classList.add("over");
    if (event.dataTransfer) event.dataTransfer.dropEffect = field ? "copy" : "none";
  });
}

addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) for (const field of document.querySelectorAll(".drop.over")) field.classList.remove("over");
});

addEventListener("drop", (event) => {
  event.preventDefault();
  const field = fieldAt(event);
  field?.classList.remove("over");
  const input = field?.querySelector("input[type=file]");
  if (!input || !event.dataTransfer?.files.length) return;
  const one = new DataTransfer();
  one.items.add(event.dataTransfer.files[0]);
  input.files = one.files;
  input.focus();
});
