// A picture file to a square PNG of the paper's size, made small in the browser: turned upright, cut to its middle, and
// without the place and camera that the file may hold.
import { make } from '../shared/dom.js';
import { WORDS } from '../shared/words.js';
import { sheetCanvas, SIDE } from '../surface/draw.js';

export const FILE_MAX = 60e6;

export async function loadPhoto(file, side = SIDE) {
  if (file.size > FILE_MAX) throw WORDS.tooBig;
  let whole;
  try { whole = await createImageBitmap(file, { imageOrientation: 'from-image' }); } catch { throw WORDS.notPicture; }
  const cut = Math.min(whole.width, whole.height);
  const small = await createImageBitmap(whole, (whole.width - cut) >> 1, (whole.height - cut) >> 1, cut, cut, { resizeWidth: side, resizeHeight: side, resizeQuality: 'high' });
  const canvas = sheetCanvas(side);
  const c = canvas.getContext('2d');
  c.fillStyle = '#ffffff'; // what is transparent in the file
  c.fillRect(0, 0, side, side);
  c.drawImage(small, 0, 0);
  whole.close();
  small.close();
  return canvas.toDataURL('image/png');
}

export function chooseFile(accept = 'image/png,image/jpeg,image/webp') {
  return new Promise((resolve) => {
    const input = make('input', { type: 'file', accept, onchange: () => resolve(input.files[0] ?? null), oncancel: () => resolve(null) });
    input.click();
  });
}
