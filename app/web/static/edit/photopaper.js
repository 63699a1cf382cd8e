// The paper with the photo: the photo itself, what it is extended by, and what is marked on it.
import { boxStyle, frameInWorld, photoFrame } from '../marks/frame.js';
import { byFinger, make } from '../shared/dom.js';
import { icon } from '../shared/icons.js';
import { PIXELS } from '../surface/draw.js';
/** @import { EditKind } from './kinds.js' */
/** @import { Sides, Size } from '../marks/frame.js' */
/** @import { Marks } from '../marks/marks.js' */
/** @import { Task } from '../shared/task.js' */

const SMALL = 256; // pixels of a photo that is looked at closely

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {{ label: string, hint: string[] }} options.props  what the canvas is called; what the empty paper says
 * @param {EditKind} options.kind
 */
export function buildPhotoPaper({ task, props, kind }) {
  const canvas = make('canvas', { width: PIXELS, height: PIXELS, tabIndex: 0, role: 'img', 'aria-label': props.label });
  const picture = make('img', { className: 'os-view', alt: 'Your photo', draggable: false, hidden: true });
  const added = make('div', { className: 'os-added', 'aria-hidden': 'true', hidden: true });
  const layer = make('div', { className: 'os-layer' }, added, picture, canvas);
  const coach = make('div', { className: 'os-coach' });
  const node = make('div', { className: 'os-paper' }, layer, coach, buildDropHere(task, props.hint));
  let shown = null;

  /** @param {Marks} marks */
  /**
   * @param {Size} photo
   * @param {Sides} frame
   */
  function showFrame(photo, frame) {
    added.hidden = !frame.some(Boolean);
    added.style.cssText = boxStyle(frameInWorld(photo, frame));
  }
  /** @param {Marks} marks */
  function show(marks) {
    const { photo } = marks;
    picture.hidden = !photo;
    if (photo) {
      const f = photoFrame(photo);
      if (shown !== photo) picture.src = photo.view;
      picture.style.cssText = boxStyle([f.x, f.y, f.width, f.height]);
      picture.classList.toggle('sharp', kind.closely && Math.max(photo.width, photo.height) <= SMALL);
      showFrame(photo, marks.frame);
    } else added.hidden = true;
    shown = photo;
  }
  return { node, layer, canvas, show, showFrame, coach(text) { coach.textContent = text; } };
}

/**
 * @param {Task} task
 * @param {string[]} hint  head, text, and another text for fingers
 */
function buildDropHere(task, [head, text, touched = text]) {
  return make('div', { className: 'os-drop' }, make('b', { textContent: head }), make('span', { textContent: byFinger() ? touched : text }),
    make('button', { type: 'button', className: 'os-sm secondary', 'data-do': 'open', onclick: () => task.do('open') },
      icon('open'), 'Open photo'));
}
