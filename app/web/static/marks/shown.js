// What the operations on a photo have come to: the photo, the square, the layers, and how much of it is marked.
import { SCALE } from '../surface/draw.js';
import { createBefore } from './before.js';
import { createCoverage } from './coverage.js';
import { drawMark } from './drawmark.js';
import { extension, photoBox, squareInWorld } from './frame.js';
import { drawFullSize } from './fullsize.js';
import { createLayers, wipe } from './layers.js';
import { createMarkPictures } from './markpictures.js';
/** @import { Photo } from '../files/photos.js' */
/** @import { Operation } from '../surface/operations.js' */
/** @import { Placed } from './before.js' */

const NOTHING = { any: false, all: false };

/**
 * @param {object} options
 * @param {(key: string) => Photo} options.photoOf
 * @param {boolean} options.masks
 * @param {boolean} options.mayExtend
 * @param {Parameters<typeof createBefore>[0]} [options.changeBefore]
 */
export function createShown({ photoOf, masks, mayExtend, changeBefore }) {
  const layers = createLayers();
  const pictures = createMarkPictures();
  const before = createBefore(changeBefore);
  const covered = createCoverage(layers.mask);
  /** @type {Placed} */
  const placed = { photo: null, square: null };
  let marked = NOTHING;

  /**
   * @param {Operation} op
   * @param {number} [from]  of a stroke under the pen
   */
  function apply(op, from) {
    switch (op.tool) {
      case 'group': for (const inner of op.ops) apply(inner); break;
      case 'square': placed.square = op.square; break;
      case 'photo': Object.assign(placed, { photo: photoOf(op.key), square: op.square }); if (!op.keep) wipe(layers); break;
      default: drawMark(op, layers, { photo: placed.photo, masks, pictures }, from);
    }
  }
  // The square in units.
  function world() { return squareInWorld(placed.photo, placed.square); }
  // How far the photo is extended to fill the square, in pixels; null where it is not.
  function extend() { return mayExtend ? extension(placed.photo, placed.square) : null; }
  function markedNow() {
    const [x, y, side] = world().map((v) => v * SCALE);
    const inSquare = covered([x, y, side, side]);
    return { any: inSquare.any || covered(photoBox(placed.photo)).any || Boolean(extend()), all: inSquare.all };
  }
  return {
    sheet: before.sheet,
    placed, layers, pictures, apply, world, extend,
    get marked() { return marked; },
    forget() {
      wipe(layers);
      Object.assign(placed, { photo: null, square: null });
    },
    // The "before" picture and whether anything is marked.
    look() {
      before.show(placed);
      marked = placed.photo ? markedNow() : NOTHING;
    },
    // Whether nothing is kept: of the square, or of the whole photo where the model's squares are free.
    isFull: (free) => Boolean(placed.photo) && (free ? covered(photoBox(placed.photo)).all : marked.all),
    /**
     * @param {Operation[]} ops
     * @param {Parameters<typeof drawFullSize>[2]} options
     */
    fullSize: (ops, options) => drawFullSize(ops, { photo: placed.photo, masks, pictures }, options),
  };
}
