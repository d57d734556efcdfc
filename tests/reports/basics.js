(() => {
// What can be checked of accessibility without judgement.
const bad = [];
const all = selector => Array.from(document.querySelectorAll(selector));
const say = (what, node) => bad.push(`${what}: ${node.outerHTML.slice(0, 80)}`);
if (!document.documentElement.lang) bad.push('no language');
if (!document.title) bad.push('no title');
for (const tag of ['main', 'h1', 'body > header', 'body > footer'])
  if (all(tag).length !== 1) bad.push(`${all(tag).length} of ${tag}`);
let level = 0;
for (const heading of all('h1, h2, h3, h4, h5, h6')) {
  const next = Number(heading.tagName[1]);
  if (next > level + 1) say('a level is missing', heading);
  if (!heading.textContent.trim()) say('empty', heading);
  level = next;
}
const ids = all('[id]').map(node => node.id);
if (new Set(ids).size !== ids.length) bad.push('an id twice');
for (const node of all('input, select'))
  if (!node.labels.length || !Array.from(node.labels).some(label => label.textContent.trim())) say('no label', node);
for (const node of all('a, button, summary, th, option, legend, figcaption'))
  if (!node.textContent.trim()) say('no text', node);
for (const node of all('svg'))
  if (node.getAttribute('aria-hidden') !== 'true' &&
    !(node.getAttribute('role') === 'img' && node.querySelector('title').textContent)) say('no title', node);
for (const node of all('ul')) for (const child of node.children) if (child.tagName !== 'LI') say('in a list', child);
for (const node of all('dl')) for (const child of node.children) if (child.tagName !== 'DIV') say('in a list', child);
for (const node of all('[tabindex]')) if (node.tabIndex >= 0) say('out of order', node);
for (const node of all('[aria-labelledby]'))
  for (const id of node.getAttribute('aria-labelledby').split(' '))
    if (!document.getElementById(id)) say('labelled by nothing', node);
for (const node of all('summary a, summary button, summary input, a a, button a')) say('within a control', node);
for (const node of all('[style], [onclick]')) say('an attribute that the policy forbids', node);
for (const node of all('button, select, input, summary, nav a')) {
  const box = node.getBoundingClientRect();
  const label = node.closest('label'), area = label ? label.getBoundingClientRect() : box;
  if (node.checkVisibility() && area.width && area.height < 20) say(`too small (${area.height})`, node);
}
return bad.slice(0, 20);
})()
