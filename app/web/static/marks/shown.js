// What the operations on a photo have come to: the photo, its frame, the square, the layers, and how much of it is marked.
import { SCALE } from '../surface/draw.js';
import { createBefore } from './before.js';
import { createCoverage } from './coverage.js';
import { drawMark } from './drawmark.js';
import { AS_IT_IS, extension, photoBox, squareAround, squareInWorld } from './frame.js';
import { drawFullSize } from './fullsize.js';
import { createLayers, wipe } from './layers.js';
import { createMarkPictures } from './markpictures.js';
/** @import { Photo } from '../files/photos.js' */
/** @import { Operation } from '../surface/operations.js' */
/** @import { Sides, Square } from './frame.js' */

const NOTHING = { any: false, all: false };

/**
 * @param {object} options
 * @param {(key: string) => Photo} options.photoOf
 * @param {boolean} options.masks  the whole photo is seen, and the square is found around the mask unless it is placed
 * @param {boolean} options.mayExtend
 * @param {Parameters<typeof createBefore>[0]} [options.changeBefore]
 */
export function createShown({ photoOf, masks, mayExtend, changeBefore }) {
  const layers = createLayers();
  const pictures = createMarkPictures();
  const before = createBefore(changeBefore);
  const covered = createCoverage(layers.mask);
  /** @type {{ photo: Photo | null, square: Square | null, frame: Sides }} */
  const placed = { photo: null, square: null, frame: AS_IT_IS };
  let marked = NOTHING;

  /**
   * @param {Operation} op
   * @param {number} [from]  of a stroke under the pen
   */
  function apply(op, from) {
    switch (op.tool) {
      case 'group': for (const inner of op.ops) apply(inner); break;
      case 'square': place(op.square); break;
      case 'frame': placed.frame = op.frame; break;
      case 'photo': open(op); break;
      default: drawMark(op, layers, { photo: placed.photo, masks, pictures }, from);
    }
  }
  function open({ key, square, keep }) {
    placed.photo = photoOf(key);
    if (!masks) placed.square = square;
    if (keep) return;
    if (masks) Object.assign(placed, { square: null, frame: AS_IT_IS });
    wipe(layers);
  }
  // A square that reaches over the edge, from an earlier visit, extends the photo.
  function place(square) {
    placed.square = square;
    if (!mayExtend || !square) return;
    const out = extension(placed.photo, square);
    placed.frame = /** @type {Sides} */ (placed.frame.map((v, i) => Math.max(v, out[i])));
  }
  // The part of the photo that both pictures on the page show.
  function seen() { return masks ? squareAround(placed.photo, placed.frame) : placed.square; }
  // The same in units.
  function world() { return squareInWorld(placed.photo, seen()); }
  const isExtended = () => placed.frame.some(Boolean);
  // Whether nothing is kept of what the model sees.
  function isFull() {
    if (!placed.photo || !placed.square) return Boolean(placed.photo) && covered(photoBox(placed.photo)).all;
    const [x, y, side] = squareInWorld(placed.photo, placed.square).map((v) => v * SCALE);
    return covered([x, y, side, side]).all;
  }
  return {
    sheet: before.sheet,
    placed, layers, pictures, apply, world, isFull,
    // How far the photo is extended, in pixels; null where it is not.
    extend: () => (isExtended() ? placed.frame : null),
    get marked() { return marked; },
    forget() {
      wipe(layers);
      Object.assign(placed, { photo: null, square: null, frame: AS_IT_IS });
    },
    // The "before" picture and whether anything is marked.
    look() {
      before.show({ photo: placed.photo, square: placed.photo && seen() });
      const { any, all } = placed.photo ? covered(photoBox(placed.photo)) : NOTHING;
      marked = { any: any || isExtended(), all };
    },
    /**
     * @param {Operation[]} ops
     * @param {Parameters<typeof drawFullSize>[2]} options
     */
    fullSize: (ops, options) => drawFullSize(ops, { photo: placed.photo, masks, pictures }, options),
  };
}
