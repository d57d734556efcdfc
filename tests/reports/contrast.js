(() => {
// The contrast of every text that is drawn, by WCAG 2.2 (1.4.3): 4.5, or 3 for large text.
for (const details of document.querySelectorAll('details')) details.open = true;
const channel = value => {
  const part = value / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
};
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const parse = text => (text.match(/[\d.]+/g) || []).map(Number);
const backgroundOf = node => {
  for (let up = node; up; up = up.parentElement) {
    const colour = parse(getComputedStyle(up).backgroundColor);
    if (colour.length === 3 || colour[3] === 1) return colour;
    if (colour[3] > 0) throw new Error('a background that lets others through');
  }
  return [255, 255, 255];
};
const bad = [];
let checked = 0;
for (const node of document.querySelectorAll('body *')) {
  const text = Array.from(node.childNodes).filter(child => child.nodeType === 3)
    .map(child => child.textContent.trim()).join('');
  const field = node.matches('select') || node.matches('input[type=search]');
  if (!(text || field) || !node.checkVisibility() || node.matches('script, style, title, desc')) continue;
  const style = getComputedStyle(node);
  const colours = [node instanceof SVGElement ? style.fill : style.color];
  if (field) colours.push(getComputedStyle(node, '::placeholder').color);
  const size = parseFloat(style.fontSize), bold = Number(style.fontWeight) >= 700;
  const wanted = size >= 24 || (bold && size >= 18.66) ? 3 : 4.5;
  const below = light(backgroundOf(node));
  for (const colour of colours) {
    const above = light(parse(colour));
    const ratio = (Math.max(above, below) + 0.05) / (Math.min(above, below) + 0.05);
    checked += 1;
    if (ratio < wanted) bad.push(`${ratio.toFixed(2)} ${node.tagName}.${node.className} ${text.slice(0, 40)}`);
  }
}
return {checked, bad: bad.slice(0, 20)};
})()
