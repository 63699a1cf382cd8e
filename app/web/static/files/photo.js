// A picture file to a square PNG of the paper's size, made small in the browser: turned upright, cut to its middle, and
// without the place and camera that the file may hold.
import { WORDS } from '../shared/words.js';
import { sheetCanvas, SIDE } from '../surface/draw.js';

export const FILE_MAX = 60e6; // bytes

/**
 * @param {Blob} file
 * @param {number} side  of the square in pixels
 * @returns {Promise<string>} the photo's middle as a data URL of a PNG
 * @throws {{ error: string, hint: string }} where the file is too large or no picture
 */
export async function loadPhoto(file, side = SIDE) {
  if (file.size > FILE_MAX) throw WORDS.tooBig;
  let whole;
  try { whole = await createImageBitmap(file, { imageOrientation: 'from-image' }); } catch { throw WORDS.notPicture; }
  const cut = Math.min(whole.width, whole.height);
  const [left, top] = [whole.width, whole.height].map((length) => (length - cut) >> 1);
  const resized = /** @type {const} */ ({ resizeWidth: side, resizeHeight: side, resizeQuality: 'high' });
  const small = await createImageBitmap(whole, left, top, cut, cut, resized);
  const canvas = sheetCanvas(side);
  const c = canvas.getContext('2d');
  c.fillStyle = '#ffffff'; // what is transparent in the file
  c.fillRect(0, 0, side, side);
  c.drawImage(small, 0, 0);
  whole.close();
  small.close();
  return canvas.toDataURL('image/png');
}
