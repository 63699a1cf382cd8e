// While the square is placed: the whole photo is seen with the square over it, and the buttons for it are pressed.
import { make, setPressed } from '../shared/dom.js';
import { buildPlace } from './place.js';
/** @import { Square } from '../marks/frame.js' */
/** @import { Marks } from '../marks/marks.js' */

/**
 * @param {object} options
 * @param {ReturnType<typeof import('./photopaper.js').buildPhotoPaper>} options.paper
 * @param {Marks} options.marks
 * @param {boolean} options.mayExtend
 * @param {string} options.coach  what the paper says otherwise
 * @param {() => void} options.goHome  brings the view to where it belongs
 * @param {(square: Square) => void} options.placed
 */
export function createPlacing({ paper, marks, mayExtend, coach, goHome, placed }) {
  const buttons = [];
  const place = buildPlace({ paper: paper.node, marks, mayExtend, placed });
  const told = mayExtend
    ? 'Drag the square. Over the edge, the photo is extended.'
    : 'Drag the square to where the model should work.';
  const placing = {
    on: false,
    node: place.node,
    set(on) {
      placing.on = Boolean(on && marks.photo);
      paper.node.classList.toggle('placing', placing.on);
      place.node.hidden = !placing.on;
      for (const button of buttons) setPressed(button, placing.on);
      goHome();
      place.show();
      paper.coach(placing.on ? told : coach);
      if (placing.on) place.node.focus({ preventScroll: true });
    },
    toggle: () => placing.set(!placing.on),
    // After a change of the marks.
    show() {
      for (const button of buttons) button.disabled = !marks.photo;
      if (placing.on && !marks.photo) placing.set(false);
      place.show();
    },
    // Another button that turns it on and off.
    button(attributes, ...content) {
      const standing = { type: 'button', 'data-do': 'place', 'aria-pressed': 'false', disabled: true, onclick: placing.toggle };
      buttons.push(make('button', { ...standing, ...attributes }, ...content));
      return buttons.at(-1);
    },
  };
  return placing;
}
