// What is laid over the photo while a button is pressed: the square, to be placed, or the edges, to be dragged outwards.
import { make, setPressed } from '../shared/dom.js';
import { buildEdges } from './edges.js';
import { buildPlace } from './place.js';
/** @import { Sides, Square } from '../marks/frame.js' */
/** @import { Marks } from '../marks/marks.js' */

/** @typedef {'place' | 'extend'} Mode */

/**
 * @param {object} options
 * @param {ReturnType<typeof import('./photopaper.js').buildPhotoPaper>} options.paper
 * @param {any} options.view
 * @param {Marks} options.marks
 * @param {boolean} options.mayExtend
 * @param {() => string} options.coach  what the paper says otherwise
 * @param {(square: Square | null) => void} options.placed
 * @param {(frame: Sides) => void} options.extended
 */
export function createModes({ paper, view, marks, mayExtend, coach, placed, extended }) {
  const { node } = paper;
  /** @type {Record<Mode, HTMLButtonElement[]>} */
  const buttons = { place: [], extend: [] };
  const place = buildPlace({ paper: node, view, marks, placed });
  const edges = mayExtend ? buildEdges({ paper, view, marks, extended }) : null;
  const free = make('button', {
    type: 'button', className: 'os-sm secondary os-free', textContent: 'Find it by itself', onclick: () => placed(null),
  });
  const told = {
    place: marks.wholeSeen ? 'Drag the square. Only what is marked inside it is filled.' : 'Drag the square to where the model should work.',
    extend: 'Drag a side or a corner outwards. What is new is filled.',
  };
  const modes = {
    /** @type {Mode | null} */
    on: null,
    nodes: [place.others, place.node, ...(marks.wholeSeen ? [free] : []), ...(edges ? [edges.node] : [])],
    /** @param {Mode | null} mode  null: none */
    set(mode) {
      modes.on = marks.photo && (mode !== 'extend' || edges) ? mode : null;
      node.classList.toggle('placing', modes.on === 'place');
      node.classList.toggle('extending', modes.on === 'extend');
      for (const [name, all] of Object.entries(buttons)) for (const button of all) setPressed(button, name === modes.on);
      view.follow();
      modes.show();
      modes.say();
      if (modes.on === 'place') place.node.focus({ preventScroll: true });
    },
    /** @param {Mode} mode */
    toggle(mode) { modes.set(modes.on === mode ? null : mode); },
    say() { paper.coach(modes.on ? told[modes.on] : coach()); },
    // After a change of the marks or of the view.
    show() {
      for (const button of Object.values(buttons).flat()) button.disabled = !marks.photo;
      if (modes.on && !marks.photo) { modes.set(null); return; }
      node.classList.toggle('by-hand', marks.wholeSeen && Boolean(marks.square));
      place.show();
      edges?.show();
    },
    /**
     * Another button that turns a mode on and off.
     * @param {Mode} mode
     * @param {object} attributes
     * @param {...any} content
     */
    button(mode, attributes, ...content) {
      const standing = {
        type: 'button', 'data-do': mode, 'aria-pressed': 'false', disabled: true, onclick: () => modes.toggle(mode),
      };
      const button = make('button', { ...standing, ...attributes }, ...content);
      buttons[mode].push(button);
      return button;
    },
  };
  node.addEventListener('viewchange', () => { place.show(); edges?.show(); });
  return modes;
}
