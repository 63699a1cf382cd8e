// All that a result carries, laid over the photo that the result is itself. Its mask has grown already and covers what a photo
// was extended by; its edges, the square and the frame are in pixels of the photo.
import { fetchFile } from '../files/choose.js';
import { squareAround } from '../marks/frame.js';
import { onestroke } from '../shared/bus.js';
import { WORDS } from '../shared/words.js';
import { SIDE } from '../surface/draw.js';
import { bringing } from '../surface/undoing.js';
import { asGrown } from './grownmask.js';
/** @import { EditKind } from './kinds.js' */
/** @import { Can } from './phototools.js' */
/** @import { PictureRecord } from '../files/png.js' */
/** @import { Size } from '../marks/frame.js' */
/** @import { Marks } from '../marks/marks.js' */
/** @import { Task } from '../shared/task.js' */
/** @import { Operation } from '../surface/operations.js' */

/**
 * @param {PictureRecord} record
 * @param {Can} can
 * @returns {Operation[]} what to mark on the result
 */
export function marksOf({ mask, layer, square, extend }, can) {
  const inset = extend ?? [0, 0, 0, 0];
  const ops = [];
  if (square) ops.push({ tool: 'square', square: [square[0] + inset[0], square[1] + inset[1], square[2]] });
  if (mask && can.masks) ops.push({ tool: 'picture', src: mask });
  if (layer && can.colours) ops.push({ tool: 'ink', src: layer, inset });
  return ops;
}

/**
 * @param {PictureRecord} record
 * @param {object} known
 * @param {Size} known.photo
 * @param {string[]} known.names  of settings
 * @param {string[]} known.looks
 * @param {string | undefined} known.estimated  the setting that the server can measure, which is now no longer asked for
 * @returns {Record<string, any>} those of the record's settings that there are here
 */
export function settingsOf({ settings, numbers, mask, square, side }, { photo, names, looks, estimated }) {
  /** @type {Record<string, any>} */
  const values = { ...settings, ...numbers };
  const unit = SIDE / (square?.[2] ?? side ?? Math.min(photo.width, photo.height)); // units a pixel, of the square
  for (const name of ['grow', 'feather']) if (name in values) values[name] = Math.round(values[name] * unit);
  if (mask) values.grow = 0;
  if (values[estimated] !== undefined) values.estimate = false;
  if (!looks.includes(values.look)) delete values.look;
  return Object.fromEntries(Object.entries(values).filter(([key, value]) => value !== undefined && names.includes(key)));
}

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {{ settings: object }} options.props
 * @param {Can} options.can
 * @param {EditKind} options.kind
 * @param {Marks} options.marks
 * @param {() => boolean} options.partOnly  whether a square is placed where otherwise the whole photo is worked on
 * @param {(file: File) => Promise<object | null>} options.open
 * @param {(op: Operation) => void} options.did
 * @param {() => void} options.changed
 * @returns {(record: PictureRecord) => Promise<void>}
 */
export function createRecordUse({ task, props, can, kind, marks, partOnly, open, did, changed }) {
  const known = { names: Object.keys(props.settings), estimated: kind.estimates?.setting };
  return async function useRecord(record) {
    // What was made larger is small again first.
    if (record.input && !await open(await fetchFile(record.input, 'input.png'))) return;
    const ops = marksOf(record, can).map((op) => (op.tool === 'picture' ? asGrown(op, { task, marks }) : op));
    if (!record.square && partOnly()) ops.unshift({ tool: 'square', square: squareAround(marks.photo) });
    try { await marks.prepare(ops); } catch {
      task.emit('notice', { head: WORDS.notPicture.error, text: WORDS.notPicture.hint, alert: true });
      return;
    }
    const settings = settingsOf(record, { photo: marks.photo, looks: onestroke.model.looks, ...known });
    const op = await bringing(task, { tool: 'group', name: 'record', ops }, settings);
    if (ops.length || op.settings) did(op); else changed();
  };
}
