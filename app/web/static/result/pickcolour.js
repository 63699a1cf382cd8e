// The eyedropper on the result: a click takes the colour that is seen there.
import { sheetCanvas } from '../surface/draw.js';
import { toHex } from '../surface/color.js';
/** @import { Task } from '../shared/task.js' */

const AROUND = 1; // pixels of the picture beside the one that is meant: their mean is taken

/**
 * @param {object} options
 * @param {Task} options.task
 * @param {HTMLElement} options.root  shows that a colour can be taken
 * @param {HTMLElement} options.frame
 * @param {HTMLImageElement} options.image  in the frame
 */
export function hearPick({ task, root, frame, image }) {
  task.on('tools', ({ tool }) => root.classList.toggle('picking', tool === 'pick'));
  frame.addEventListener('pointerdown', (event) => {
    const { tools } = task;
    if (!tools?.picks || event.button !== 0 || (tools.tool !== 'pick' && !event.altKey)) return;
    const color = colorUnder(image, event);
    if (!color) return;
    event.preventDefault();
    tools.pick(color);
  });
}

// Of a picture that is shown whole and in the middle of its element; null beside it.
function colorUnder(image, { clientX, clientY }) {
  const { naturalWidth: width, naturalHeight: height } = image;
  if (!width || image.style.visibility === 'hidden') return null;
  const box = image.getBoundingClientRect();
  const scale = Math.min(box.width / width, box.height / height);
  const x = (clientX - box.left - (box.width - width * scale) / 2) / scale;
  const y = (clientY - box.top - (box.height - height * scale) / 2) / scale;
  if (x < 0 || y < 0 || x >= width || y >= height) return null;
  const c = sheetCanvas(1).getContext('2d');
  c.imageSmoothingQuality = 'high';
  c.drawImage(image, Math.floor(x) - AROUND, Math.floor(y) - AROUND, 2 * AROUND + 1, 2 * AROUND + 1, 0, 0, 1, 1);
  return toHex(c.getImageData(0, 0, 1, 1).data.slice(0, 3));
}
