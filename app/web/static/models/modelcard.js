// One model as a card: what it is, and below what can be done with it.
import { make } from '../shared/dom.js';
import { factsLine, licenceSaid } from './modelwords.js';

/**
 * @param {any} model  what the server says of it
 * @param {...Node} foot
 */
export function buildModelCard(model, ...foot) {
  const paragraph = (text, className = '') => (text ? make('p', { className, textContent: text }) : null);
  return make('article', { className: 'os-card', 'data-model': model.id, 'aria-current': model.inUse ? 'true' : undefined },
    make('h3', { textContent: model.name, title: model.id }), paragraph(factsLine(model), 'os-facts'),
    paragraph(model.problem, 'os-problem'), paragraph(model.description), paragraph(model.limits, 'os-limits'),
    paragraph(model.licence && licenceSaid(model.licence), 'os-limits'),
    make('footer', {}, ...foot));
}

/**
 * A heading and cards, built anew when what they show is another, so that a button that has the focus keeps it.
 * @param {string} id
 * @param {string} title
 * @param {(answer: any) => any} seen  of the server's answer
 * @param {(seen: any) => Node[]} build
 */
export function buildCards(id, title, seen, build) {
  const cards = make('div', { className: 'os-cards' });
  const node = make('section', { 'aria-labelledby': id }, make('h2', { id, textContent: title }), cards);
  let shown = '';
  function show(answer) {
    const now = seen(answer);
    const text = JSON.stringify(now);
    if (text === shown) return;
    shown = text;
    cards.replaceChildren(...build(now));
  }
  return { node, show };
}
