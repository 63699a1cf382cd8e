// Painted examples with the rooms that were made of them, and the empty result that offers some of them.
import { ownAddress } from '../shared/address.js';
import { onestroke } from '../shared/bus.js';
import { make } from '../shared/dom.js';
import { icon } from '../shared/icons.js';
import { worded } from '../shared/subject.js';
import { thumbnail } from '../surface/draw.js';
/** @import { Operation } from '../surface/operations.js' */

/**
 * @typedef {object} Example
 * @property {string} name
 * @property {string} title
 * @property {any[]} paper  colours of wall and floor, and the horizon in units
 * @property {Operation[]} ops
 * @property {Room} [room]
 */

/** @typedef {{ model: string, file: string, count: number, at: number }} Room  the model's picture of it, in a strip of so many */

/** @param {Example} example */
export function exampleOps({ paper, ops }) { return [{ tool: 'paper', paper }, ...ops]; }

/**
 * Strokes, and beside them the room; the strokes alone where another model is in use than made the room.
 * @param {Example} example
 * @param {number} side  of a picture in pixels
 * @param {() => void} does
 */
export function exampleThumb(example, side, does) {
  const picture = thumbnail(exampleOps(example), side * 2);
  picture.setAttribute('aria-hidden', 'true');
  const { name, title, room } = example;
  const node = make('button', {
    type: 'button', className: 'os-thumb', 'data-example': name, 'aria-label': `Example: ${title}`, title, onclick: does,
  }, picture, ...(room ? buildRoom(room) : []));
  onestroke.onModel((model) => { node.classList.toggle('os-pair', model.name === room?.model); });
  return node;
}

/** @param {Room} room */
function buildRoom({ file, count, at }) {
  const shown = make('span', { className: 'os-room', 'aria-hidden': 'true' });
  const place = { '--image': `url("${ownAddress(`made/${file}`)}")`, '--count': count, '--at': at };
  for (const [name, value] of Object.entries(place)) shown.style.setProperty(name, String(value));
  return [make('span', { className: 'os-arrow', 'aria-hidden': 'true' }, icon('arrow')), shown];
}

/**
 * What stands in the place of a picture that is not there yet.
 * @param {string[]} words  head and text
 * @param {...(Node | null)} more
 */
export function buildEmpty([head, text], ...more) {
  return make('div', { className: 'os-empty' }, worded(make('b'), head), make('span', { textContent: text }), ...more);
}

/**
 * Three of the examples, and a button for all of them; nothing where there are none.
 * @param {Example[]} examples
 * @returns {HTMLElement[]}
 */
export function buildOffers(task, examples) {
  if (!examples.length) return [];
  const load = (example) => task.do('load', { name: example.name, ops: exampleOps(example) });
  const thumbs = examples.slice(0, 3).map((example) => exampleThumb(example, 84, () => load(example)));
  const row = make('div', { className: 'os-row' }, ...thumbs);
  const more = make('button', {
    type: 'button', className: 'os-link', textContent: 'or start from someone\'s strokes',
    onclick: () => onestroke.open('examples'),
  });
  return [row, more];
}
