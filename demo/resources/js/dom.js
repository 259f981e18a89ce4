/** An element with attributes and children; text is always text, never markup. */
export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value)
  node.append(...children)

  return node
}

export function avatar({ id, name }) {
  const initials = name
    .split(/\s+/)
    .slice(0, 2)
    .map(word => [...word][0])
    .join('')
  const node = element('span', { class: 'avatar', 'aria-hidden': 'true' }, id === null ? '>_' : initials.toUpperCase())
  if (id !== null) node.style.setProperty('--hue', hue(id))

  return node
}

/** Neighbouring ids get colours that are far apart: steps of the golden angle. */
function hue(id) {
  return Math.round((20 + id * 137.508) % 360)
}
