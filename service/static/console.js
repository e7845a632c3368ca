"use strict";
// Niceties only: every page works without this file.
(function () {
  const queue = document.getElementById("queue");
  const search = document.querySelector("input[type=search]");
  const rows = queue ? Array.from(queue.tBodies[0].rows) : [];
  let here = -1;
  function move(step) {
    if (!rows.length) return;
    if (here >= 0) rows[here].classList.remove("here");
    here = Math.min(Math.max(here + step, 0), rows.length - 1);
    rows[here].classList.add("here");
    rows[here].scrollIntoView({ block: "nearest" });
  }
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (/^(INPUT|TEXTAREA|SELECT|BUTTON|A|SUMMARY)$/.test(event.target.tagName)) return;
    if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "Enter" && here >= 0) rows[here].querySelector("a").click();
    else if (event.key === "/" && search) { event.preventDefault(); search.focus(); }
  });
  for (const form of document.querySelectorAll("form[method=post]")) {
    form.addEventListener("submit", function (event) { // a double click is one act
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "yes";
    });
  }
  window.addEventListener("pageshow", function () {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
})();
