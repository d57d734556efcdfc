(() => {
'use strict';
const byId = id => document.getElementById(id);
const all = selector => Array.from(document.querySelectorAll(selector));
const form = byId('filters'), search = byId('q'), rule = byId('rule'), format = byId('format');
const cards = all('.finding'), groups = all('.group'), files = all('#tree .file');
const folders = all('#tree .folder'), boxes = all('#filters input[name=s]');
const texts = new Map();

document.documentElement.classList.add('js');

const textOf = node => {
  if (!texts.has(node)) {
    const head = node.closest('.group') && node.closest('.group').querySelector('h3');
    texts.set(node, ((head ? head.textContent + ' ' : '') + node.textContent).toLowerCase());
  }
  return texts.get(node);
};
const pathOf = node => {
  let path = node.textContent;
  for (let up = node.parentElement.closest('.folder'); up; up = up.parentElement.closest('.folder')) {
    const name = up.querySelector('.name');
    path = (name && name.closest('.folder') === up ? name.textContent : '') + path;
  }
  return path.toLowerCase();
};
const lower = node => {
  if (!texts.has(node)) texts.set(node, pathOf(node));
  return texts.get(node);
};
const has = (node, name) => !name || node.dataset.f.split(' ').includes(name);
const count = (number, noun) => number + ' ' + noun + (number === 1 ? '' : 's');

function apply() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const levels = new Set(boxes.filter(box => box.checked).map(box => box.value));
  let shown = 0;
  for (const card of cards) {
    const fits = levels.has(card.dataset.s) && (!rule.value || card.dataset.r === rule.value) &&
      has(card, format.value) && words.every(word => textOf(card).includes(word));
    card.hidden = !fits;
    shown += fits;
  }
  for (const group of groups) group.hidden = !group.querySelector('.finding:not([hidden])');
  const open = new Set();
  let listed = 0;
  for (const file of files) {
    const fits = has(file, format.value) && words.every(word => lower(file).includes(word));
    file.hidden = !fits;
    listed += fits;
    for (let up = file.closest('.folder'); fits && up && !open.has(up);
      up = up.parentElement.closest('.folder')) open.add(up);
  }
  const narrow = words.length > 0 || format.value !== '';
  for (const folder of folders) {
    folder.hidden = !open.has(folder);
    if (narrow && listed <= 200 && open.has(folder)) folder.firstElementChild.open = true;
  }
  const filtered = narrow || rule.value !== '' || levels.size < boxes.length;
  byId('clear').hidden = !filtered;
  byId('nothing').hidden = shown > 0;
  byId('status').textContent = filtered
    ? shown + ' of ' + count(cards.length, 'finding') + ', ' + listed + ' of ' + count(files.length, 'file')
    : count(cards.length, 'finding') + ' in ' + count(groups.length, 'file');
}

function setUpFilters() {
  let timer = 0;
  form.hidden = false;
  form.addEventListener('submit', event => event.preventDefault());
  form.addEventListener('change', apply);
  form.addEventListener('reset', () => setTimeout(apply));
  search.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(apply, 120);
  });
  byId('toggle').addEventListener('click', () => {
    const button = byId('toggle'), opening = button.textContent === 'Open all';
    for (const card of cards) card.querySelector('details').open = opening;
    button.textContent = opening ? 'Close all' : 'Open all';
  });
  apply();
}

function step(by) {
  const visible = cards.filter(card => !card.hidden);
  if (!visible.length) return;
  const here = document.activeElement && document.activeElement.closest('.finding');
  const index = here ? visible.indexOf(here) + by : (by > 0 ? 0 : visible.length - 1);
  const next = visible[Math.max(0, Math.min(visible.length - 1, index))];
  next.querySelector('summary').focus({preventScroll: true});
  next.scrollIntoView({block: 'start'});
}

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
  const typing = event.target.closest('input:not([type=checkbox]), select, textarea');
  if (event.key === 'Escape' && form) {
    form.reset();
    if (typing) event.target.blur();
    return;
  }
  if (typing || !byId('keys').checked) return;
  if (event.key === '/' && form) {
    event.preventDefault();
    search.focus();
    search.select();
  } else if (event.key === 'j') step(1);
  else if (event.key === 'k') step(-1);
  else if (event.key === '?') {
    const help = byId('help');
    help.open = !help.open;
    if (help.open) help.querySelector('summary').focus();
  }
}

function reveal(target) {
  if (target.hidden || target.closest('[hidden]')) form.reset();
  for (let up = target; up; up = up.parentElement) if (up.tagName === 'DETAILS') up.open = true;
  if (target.classList.contains('finding')) target.querySelector('details').open = true;
}

document.addEventListener('click', event => {
  const link = event.target.closest('a[href^="#"]');
  const target = link && byId(link.getAttribute('href').slice(1));
  if (!target) return;
  // By hand, for in some sandboxed frames such a link leads out of the page.
  event.preventDefault();
  reveal(target);
  try { history.pushState(null, '', link.getAttribute('href')); } catch (error) { /* a sandbox */ }
  setTimeout(() => { target.focus({preventScroll: true}); target.scrollIntoView(); });
});
document.addEventListener('keydown', onKey);
let closed = [];
addEventListener('beforeprint', () => {
  closed = all('details:not([open])');
  for (const details of closed) details.open = true;
});
addEventListener('afterprint', () => { for (const details of closed) details.open = false; });
if (form) setUpFilters();
})();
