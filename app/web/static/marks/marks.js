// A photo and what is marked on it: a mask, strokes of colour, the frame that it is extended by, the square that the model
// works in. Operations with undo, as on the paper. Opening a photo, extending it and placing the square are operations too.
import { keysOf } from '../files/photos.js';
import { toHex } from '../surface/color.js';
import { createOperations, flat } from '../surface/operations.js';
import { photoFrame } from './frame.js';
import { createLayer, isEmpty, penLayers } from './layers.js';
import { MASK_SIDE } from './markpictures.js';
import { createShown } from './shown.js';
/** @import { Square } from './frame.js' */

const INK_SIDE = 1024;     // pixels of the longer side of strokes, of which the model sees little more than the colour

/** @typedef {ReturnType<typeof createMarks>} Marks */

/**
 * @param {Parameters<typeof createShown>[0]} options  `masks`: strokes say what may change; otherwise they are only colour,
 *   and none are needed. `mayExtend`: the photo's frame can be made larger.
 */
export function createMarks(options) {
  const shown = createShown(options);
  const { layers, placed, pictures } = shown;
  const operations = createOperations(() => {
    shown.forget();
    for (const op of operations.all) shown.apply(op);
    shown.look();
  });
  // Since the last photo that began afresh.
  const current = () => operations.since((op) => op.tool === 'photo' && !op.keep);
  return {
    sheet: shown.sheet,
    mask: layers.mask, ink: layers.ink,
    layers: penLayers(layers, shown.apply),
    get photo() { return placed.photo; },
    get square() { return placed.square; }, // null where it is found around the mask
    get frame() { return placed.frame; },
    wholeSeen: options.masks, // otherwise the square is seen
    /** @type {Square[]} the squares that the last answer was made in */
    found: [],
    get marked() { return shown.marked; },
    world: shown.world, extend: shown.extend, isFull: shown.isFull, current,
    // Nothing to be done yet.
    get untouched() { return !placed.photo || (options.masks && !shown.marked.any); },
    // Whether anything is drawn.
    get clearable() { return Object.values(layers).some((layer) => !isEmpty(layer)); },
    add(op) {
      if (op.tool === 'box') op.points = [op.points[0], op.points.at(-1)];
      operations.add(op);
      shown.apply(op);
      shown.look();
    },
    undo: operations.undo,
    redo: operations.redo,
    get last() { return operations.last; },
    get next() { return operations.next; },
    get canUndo() { return operations.canUndo; },
    get canRedo() { return operations.canRedo; },
    get count() { return operations.all.length; },
    get version() { return operations.version; },
    colorAt: (point) => colorOf(placed.photo, point),
    // Data URLs of what is marked, of the photo alone; null where nothing is.
    maskUrl() {
      if (!options.masks || isEmpty(layers.mask)) return null;
      return shown.fullSize(current(), { layer: 'mask', most: MASK_SIDE, background: '#000' });
    },
    inkUrl: () => (isEmpty(layers.ink) ? null : shown.fullSize(current(), { layer: 'ink', most: INK_SIDE })),
    prepare: pictures.prepare,
    save: operations.save,
    // recall(key) brings a photo of an earlier visit back, or throws. What was done meanwhile comes after it.
    async load(saved, recall) {
      const all = flat([...saved.ops, ...saved.undone]);
      for (const key of new Set(keysOf(all))) await recall(key);
      await pictures.prepare(all);
      const since = operations.all;
      operations.restore(since.length ? { ops: [...saved.ops, ...since], undone: [] } : saved);
    },
  };
}

// The colour of the photo's view at a point in units.
function colorOf(photo, [x, y]) {
  const f = photoFrame(photo);
  const { ctx } = createLayer(1);
  const scale = photo.image.naturalWidth / f.width;
  ctx.drawImage(photo.image, (x - f.x) * scale, (y - f.y) * scale, 1, 1, 0, 0, 1, 1);
  return toHex(ctx.getImageData(0, 0, 1, 1).data);
}
