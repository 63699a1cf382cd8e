// The row under the photo: the photo's own buttons, or the palette while painting in colour.
import { fetchFile } from '../files/choose.js';
import { iconButton, make } from '../shared/dom.js';
import { fadeMore } from '../shared/fade.js';
import { icon } from '../shared/icons.js';
import { buildPalette } from '../surface/palette.js';
/** @import { Can } from './phototools.js' */
/** @import { Task } from '../shared/task.js' */
/** @import { Tools } from '../surface/tools.js' */

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {Tools} options.tools
 * @param {Can} options.can
 * @param {{ name: string, title: string, src: string }[]} options.examples
 * @param {ReturnType<typeof import('./modes.js').createModes>} options.modes
 * @param {() => boolean} options.hasPhoto
 * @param {(file: File) => void} options.open  an example
 * @returns {{ node: HTMLElement, show: () => void }} to be shown again after every change
 */
export function buildPhotoFoot({ task, tools, can, examples, modes, hasPhoto, open }) {
  const node = make('div', { className: 'os-foot' }, buildPhotoRow({ task, can, examples, modes, open }));
  function show() {
    node.classList.toggle('painting', can.colours && hasPhoto() && (!can.masks || tools.tool === 'paint'));
  }
  if (can.colours) {
    node.append(buildColourRow({ task, tools, modes }));
    tools.onChange(show);
  }
  return { node, show };
}

function buildPhotoRow({ task, can, examples, modes, open }) {
  const openButton = make('button', {
    type: 'button', className: 'os-sm secondary', 'data-do': 'open', title: 'JPEG, PNG, WebP or TIFF; any size',
    onclick: () => task.do('open'),
  }, icon('open'), 'Open photo');
  const paste = iconButton('paste', 'Paste', {
    tip: 'Paste a picture  (Ctrl+V)', 'data-do': 'paste', onclick: () => task.do('paste'),
  });
  const extend = can.mayExtend ? modes.button('extend', {
    className: 'os-sm secondary', title: 'Make the photo larger: drag a side or a corner  (G)',
  }, icon('extend'), 'Extend') : null;
  const square = can.mayExtend
    ? modes.button('place', { className: 'ib', 'aria-label': 'Square', 'data-tip': 'Show the square that the model works in  (M)' }, icon('place'))
    : modes.button('place', {
      className: 'os-sm secondary', title: 'Move or resize the square that the model works in  (M)',
    }, icon('place'), 'Square');
  const thumbs = examples.map((example) => buildExample(example, open));
  const or = thumbs.length && !extend ? make('span', { className: 'or', textContent: 'or try' }) : null;
  return fadeMore(make('div', { className: 'os-photo' }, openButton, paste, extend, square, or, ...thumbs));
}

function buildExample({ name, title, src }, open) {
  const onclick = async () => open(await fetchFile(src, `${name}.jpg`));
  return make('button', {
    type: 'button', className: 'os-thumb', 'data-example': name, 'aria-label': `Example: ${title}`, title, onclick,
  }, make('img', { src, alt: '', draggable: false }));
}

function buildColourRow({ task, tools, modes }) {
  const open = iconButton('open', 'Open photo', { className: 'os-open', onclick: () => task.do('open') });
  const square = modes.button('place',
    { className: 'ib', 'aria-label': 'Square', 'data-tip': 'Move or resize the square  (M)' }, icon('place'));
  return make('div', { className: 'os-colours' }, open, square, buildPalette({ tools }));
}
