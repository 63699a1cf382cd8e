// The square that the model works in, on the photo: dragged, resized at its corners, or by keys. Beside it thin lines around
// the other squares, where it was found and is not the only one.
import { boxStyle, centredSquare, squareInWorld } from '../marks/frame.js';
import { fitSquare, resizeSquare, SMALLEST, squareInPixels } from '../marks/placement.js';
import { make } from '../shared/dom.js';
import { hearDrag } from './drag.js';
/** @import { Square } from '../marks/frame.js' */
/** @import { Marks } from '../marks/marks.js' */

const SQUARE_LABEL = 'The square that the model works in. Drag it, or use the arrow keys; plus and minus change its size.';
const LEAST_FOUND = 4; // units of the side of a square on a photo that is seen whole

/**
 * @param {object} options
 * @param {HTMLElement} options.paper
 * @param {any} options.view
 * @param {Marks} options.marks
 * @param {(square: Square) => void} options.placed  hears of every other square
 */
export function buildPlace({ paper, view, marks, placed }) {
  const corners = ['nw', 'ne', 'sw', 'se'].map((name) => make('i', { className: name, 'data-grip': name, 'aria-hidden': 'true' }));
  const node = make('div', { className: 'os-square', tabIndex: 0, role: 'group', 'aria-label': SQUARE_LABEL }, ...corners);
  const others = make('div', { className: 'os-others', 'aria-hidden': 'true' });
  const least = marks.wholeSeen ? LEAST_FOUND : SMALLEST;
  let now = null;     // [x, y, side] in units while it is dragged
  const fit = (square) => fitSquare(marks.photo, marks.frame, square, least);
  const largest = () => marks.found.toSorted((a, b) => b[2] - a[2])[0];
  const square = () => marks.square ?? largest() ?? centredSquare(marks.photo);
  const standing = () => squareInWorld(marks.photo, square());
  const style = (units) => boxStyle(view.onPaper(units));

  function show() {
    if (!marks.photo) return;
    node.style.cssText = style(now ?? standing());
    const rest = marks.square ? [] : marks.found.filter((each) => each !== largest());
    others.replaceChildren(...rest.map((each) => {
      const line = make('div', { className: 'os-other' });
      line.style.cssText = style(squareInWorld(marks.photo, each));
      return line;
    }));
    others.hidden = Boolean(now);
  }
  function settle() {
    if (!now) return;
    const square = squareInPixels(marks.photo, marks.frame, now);
    now = null;
    if (String(square) !== String(marks.square)) placed(square);
    show();
  }
  // A corner, or null for the whole square, moved by [dx, dy] in units from where the square was.
  function move(from, corner, by) {
    now = corner ? resizeSquare(marks.photo, marks.frame, from, corner, by, least)
      : fit([from[0] + by[0], from[1] + by[1], from[2]]);
    show();
  }
  hearDrag({ node, paper, view, grips: corners, from: standing, move, settle });
  node.addEventListener('keydown', (event) => {
    const wanted = byKey(event, standing);
    if (!wanted) return;
    event.preventDefault();
    event.stopPropagation();
    now = fit(wanted);
    settle();
  });
  return { node, others, show };
}

// The square that a key asks for; null for the keys that ask for none.
function byKey({ key, shiftKey }, standing) {
  const by = shiftKey ? 10 : 2;
  const move = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] }[key];
  const grow = { '+': 1.1, '=': 1.1, '-': 1 / 1.1 }[key];
  if (!move && !grow) return null;
  const [x, y, side] = standing();
  return move ? [x + move[0], y + move[1], side] : [x - side * (grow - 1) / 2, y - side * (grow - 1) / 2, side * grow];
}
