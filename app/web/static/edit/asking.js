// What an edit of a photo is asked with.
import { squareAround } from '../marks/frame.js';
import { WORDS } from '../shared/words.js';
/** @import { EditKind } from './kinds.js' */
/** @import { Can } from './phototools.js' */
/** @import { Photos } from '../files/photos.js' */
/** @import { Marks } from '../marks/marks.js' */

/**
 * @param {object} options
 * @param {Can} options.can
 * @param {EditKind} options.kind
 * @param {Marks} options.marks
 * @param {Photos} options.library
 */
export function createAsking({ can, kind, marks, library }) {
  const placed = () => String(marks.square) !== String(squareAround(marks.photo));
  return {
    // Whether a square of the photo is placed where otherwise the whole photo is worked on.
    get partOnly() { return kind.whole && placed(); },
    // For the loop of the edit.
    doc: {
      get untouched() { return marks.untouched; },
      problem() {
        const full = can.masks && marks.isFull() && !marks.inkUrl();
        return full ? { ...WORDS.nothingKept, button: ['Undo mask', 'undo'] } : null;
      },
      forget() { if (marks.photo) marks.photo.id = null; },
      async value() {
        const photo = await library.id(marks.photo);
        const free = kind.whole && !placed();
        return {
          photo, name: marks.photo.name, square: free ? null : marks.square, mask: marks.maskUrl(),
          image: can.colours ? marks.inkUrl() : null, extend: marks.extend(),
        };
      },
    },
    // What is to be estimated from the photo is sent as nothing.
    asSent(value) {
      if (!kind.estimates || !value.settings.estimate) return value;
      return { ...value, settings: { ...value.settings, [kind.estimates.setting]: null } };
    },
  };
}
