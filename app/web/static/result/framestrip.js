// The frames of the way, one beside the other; a click goes there.
import { onestroke } from '../shared/bus.js';
import { buildStrip } from './strip.js';
/** @import { Part } from '../page/parts.js' */

/** @param {Part} part */
export function framestrip({ element, props }) {
  const root = element.querySelector('.os-strip');
  const task = onestroke.task(props.task);
  const strip = buildStrip({ root, title: 'Frames', note: props.note, buttons: [], label: 'Frames' });
  const thumb = ({ src }, at) => strip.thumb(src, `Frame ${at + 1}`, () => task.emit('go', at));
  task.on('frames', ({ frames }) => strip.show(...frames.map(thumb)));
  task.on('frame', (at) => strip.select(strip.row.children[at]));
  root.classList.add('empty');
  task.on('frames', () => root.classList.remove('empty'));
}
