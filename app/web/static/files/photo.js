// A picture file to a square PNG of the paper's size, made small in the browser: turned upright, cut to its middle, and
// without the place and camera that the file may hold.
import { WORDS } from '../shared/words.js';
import { sheetCanvas, SIDE } from '../surface/draw.js';

export const FILE_MAX = 60e6; // bytes
const LEAST_SHOWN = 0.1; // of a picture, for it to be shown: the server's own measure (core/pictures/partial.py)
const PROBE_SIDE = 64; // pixels a side in which that is measured

/**
 * @param {Blob} file
 * @param {number} side  of the square in pixels
 * @param {(words: { head: string, text: string }) => void} [told]  hears of what became white, if anything did
 * @returns {Promise<string>} the photo's middle as a data URL of a PNG
 * @throws {{ error: string, hint: string }} where the file is too large or no picture
 */
export async function loadPhoto(file, side = SIDE, told = () => {}) {
  if (file.size > FILE_MAX) throw WORDS.tooBig;
  const { whole, complete } = await bitmapOf(file);
  const cut = Math.min(whole.width, whole.height);
  const [left, top] = [whole.width, whole.height].map((length) => (length - cut) >> 1);
  const resized = /** @type {const} */ ({ resizeWidth: side, resizeHeight: side, resizeQuality: 'high' });
  const small = await createImageBitmap(whole, left, top, cut, cut, resized);
  const canvas = sheetCanvas(side);
  const c = canvas.getContext('2d', { willReadFrequently: true });
  c.drawImage(small, 0, 0);
  whole.close();
  small.close();
  if (!complete) told(WORDS.cutShort);
  else if (isTransparent(c.getImageData(0, 0, side, side))) told(WORDS.transparent);
  c.globalCompositeOperation = 'destination-over';
  c.fillStyle = '#ffffff'; // behind what is transparent in the file
  c.fillRect(0, 0, side, side);
  return canvas.toDataURL('image/png');
}

/**
 * @param {Blob} blob
 * @returns {Promise<boolean>} whether it is a picture of which nothing is missing
 */
export async function isWhole(blob) {
  try { (await createImageBitmap(blob)).close(); return true; } catch { return false; }
}

const isTransparent = ({ data }) => data.some((value, at) => at % 4 === 3 && value < 255);

// A browser makes a bitmap of whole files only. What an image shows of another one has transparent pixels for the rest.
async function bitmapOf(file) {
  try { return { whole: await createImageBitmap(file, { imageOrientation: 'from-image' }), complete: true }; } catch { /* not whole */ }
  const address = URL.createObjectURL(file);
  try {
    const image = Object.assign(new Image(), { src: address });
    await image.decode();
    const sheet = Object.assign(document.createElement('canvas'), { width: image.naturalWidth, height: image.naturalHeight });
    sheet.getContext('2d').drawImage(image, 0, 0);
    const whole = await createImageBitmap(sheet);
    if (isThere(whole)) return { whole, complete: false };
  } catch { /* no picture */ } finally { URL.revokeObjectURL(address); }
  throw WORDS.notPicture;
}

// Whether a tenth of the picture is there.
function isThere(whole) {
  const probe = sheetCanvas(PROBE_SIDE).getContext('2d');
  probe.drawImage(whole, 0, 0, PROBE_SIDE, PROBE_SIDE);
  const { data } = probe.getImageData(0, 0, PROBE_SIDE, PROBE_SIDE);
  let seen = 0;
  for (let at = 3; at < data.length; at += 4) seen += data[at] > 0 ? 1 : 0;
  return seen >= LEAST_SHOWN * PROBE_SIDE * PROBE_SIDE;
}
