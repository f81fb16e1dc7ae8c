"use strict";
const items = [...document.querySelectorAll("[data-item]")];
const by = id => document.getElementById(id);
const inputs = ["search", "status", "chapter", "level"].map(by);
const texts = new Map(items.map(item => [item, (item.dataset.search || item.textContent).toLowerCase()]));
function filter() {
  const [search, status, chapter, level] = inputs.map(input => input.value);
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = { requirement: 0, finding: 0 }, all = { requirement: 0, finding: 0 };
  for (const item of items) {
    const is = item.dataset;
    item.hidden = (status && is.status !== status) || (chapter && is.chapter !== chapter) || (level && is.level !== level)
      || !words.every(word => texts.get(item).includes(word));
    all[is.item] += 1;
    if (!item.hidden) shown[is.item] += 1;
  }
  by("shown").textContent = `${shown.requirement} of ${all.requirement} requirements, ${shown.finding} of ${all.finding} findings`;
}
function reveal() {
  let target = null;
  try { target = by(decodeURIComponent(location.hash.slice(1))); } catch { return; }
  if (!target) return;
  if (target.closest("[hidden]")) { for (const input of inputs) input.value = ""; filter(); }
  for (let up = target; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
  target.scrollIntoView();
}
for (const input of inputs) input.addEventListener("input", filter);
for (const link of document.querySelectorAll("[data-choose-chapter]")) link.addEventListener("click", () => {
  for (const input of inputs) input.value = "";
  by("chapter").value = link.dataset.chooseChapter;
  filter();
});
by("reset").addEventListener("click", () => { for (const input of inputs) input.value = ""; filter(); by("search").focus(); });
document.addEventListener("keydown", event => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  event.preventDefault();
  by("search").focus();
});
for (const button of document.querySelectorAll("[data-copy]")) button.addEventListener("click", async () => {
  const source = by(button.dataset.copy);
  try { await navigator.clipboard.writeText(source.textContent); }
  catch {
    const range = document.createRange();
    range.selectNodeContents(source);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    document.execCommand("copy");
  }
  button.textContent = "Copied";
});
addEventListener("hashchange", reveal);
addEventListener("beforeprint", () => { for (const each of document.querySelectorAll("main details")) each.open = true; });
filter();
reveal();
