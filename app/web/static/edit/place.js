// The square that the model works in, placed on the whole photo: dragged, resized at its corners, or by keys. Where the
// photo may be extended, it goes over the edge.
import { boxStyle } from '../marks/frame.js';
import { fitSquare, resizeSquare, squareInPixels } from '../marks/placement.js';
import { make } from '../shared/dom.js';
import { SIDE } from '../surface/draw.js';
/** @import { Square } from '../marks/frame.js' */
/** @import { Marks } from '../marks/marks.js' */

const SQUARE_LABEL = 'The square that the model works in. Drag it, or use the arrow keys; plus and minus change its size.';

/**
 * @param {object} options
 * @param {HTMLElement} options.paper
 * @param {Marks} options.marks
 * @param {boolean} options.mayExtend
 * @param {(square: Square) => void} options.placed  hears of every other square
 */
export function buildPlace({ paper, marks, mayExtend, placed }) {
  const corners = ['nw', 'ne', 'sw', 'se'].map((name) => make('i', { className: name, 'aria-hidden': 'true' }));
  const node = make('div', {
    className: 'os-square', tabIndex: 0, role: 'group', 'aria-label': SQUARE_LABEL, hidden: true,
  }, ...corners);
  let now = null;     // [x, y, side] in units while it is dragged
  const fit = (square) => fitSquare(marks.photo, mayExtend, square);
  const standing = () => fit(marks.world());

  function show() {
    if (marks.photo) node.style.cssText = boxStyle(now ?? standing());
  }
  function settle() {
    if (!now) return;
    const square = squareInPixels(marks.photo, mayExtend, now);
    now = null;
    if (String(square) !== String(marks.square)) placed(square);
    show();
  }
  // A corner, or null for the whole square, moved by [dx, dy] in units from where the square was.
  function move(from, corner, by) {
    now = corner ? resizeSquare(marks.photo, mayExtend, from, corner, by) : fit([from[0] + by[0], from[1] + by[1], from[2]]);
    show();
  }
  hearDrag({ node, paper, corners, standing, move, settle });
  node.addEventListener('keydown', (event) => {
    const wanted = byKey(event, standing);
    if (!wanted) return;
    event.preventDefault();
    event.stopPropagation();
    now = fit(wanted);
    settle();
  });
  return { node, show };
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

function hearDrag({ node, paper, corners, standing, move, settle }) {
  let drag = null;
  node.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    event.preventDefault();
    node.focus({ preventScroll: true });
    const corner = corners.includes(event.target) ? event.target.className : null;
    drag = { id: event.pointerId, x: event.clientX, y: event.clientY, from: standing(), corner };
    try { node.setPointerCapture(event.pointerId); } catch { /* the pointer is already gone */ }
  });
  node.addEventListener('pointermove', (event) => {
    if (!drag || drag.id !== event.pointerId) return;
    const scale = SIDE / paper.getBoundingClientRect().width;
    move(drag.from, drag.corner, [(event.clientX - drag.x) * scale, (event.clientY - drag.y) * scale]);
  });
  for (const type of ['pointerup', 'pointercancel', 'lostpointercapture']) {
    node.addEventListener(type, () => { if (drag) { drag = null; settle(); } });
  }
}
