// Fill an area: everything of nearly one colour that hangs together. It then grows by one fine pixel, so that no seam of
// mixed colours is left beside the antialiased edge of a stroke.
import { fromHex } from './color.js';

const TOLERANCE = 40; // of 255, the largest difference of a channel

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {number[]} point  x and y in pixels of the canvas; beside it nothing is filled
 * @param {string} color  #rrggbb
 * @returns {Uint8Array | null} 1 for every pixel of the area, without what it grew by
 */
export function floodFill(ctx, [x0, y0], color) {
  const { width, height } = ctx.canvas;
  if (x0 < 0 || y0 < 0 || x0 >= width || y0 >= height) return null;
  const picture = ctx.getImageData(0, 0, width, height);
  const inside = floodMask(picture, x0, y0);
  const [red, green, blue] = fromHex(color);
  const data = picture.data;
  const near = (i) => inside[i] || inside[i - width] || inside[i + width]
    || (i % width && inside[i - 1]) || ((i + 1) % width && inside[i + 1]);
  for (let i = 0; i < inside.length; i++) {
    if (!near(i)) continue;
    data[4 * i] = red;
    data[4 * i + 1] = green;
    data[4 * i + 2] = blue;
  }
  ctx.putImageData(picture, 0, 0);
  return inside;
}

// 1 for every pixel that hangs together with the one at x0, y0 and is nearly of its colour. Row by row.
function floodMask({ data, width, height }, x0, y0) {
  const start = 4 * (y0 * width + x0);
  const [red, green, blue] = [data[start], data[start + 1], data[start + 2]];
  const inside = new Uint8Array(width * height);
  const alike = (i) => !inside[i] && Math.abs(data[4 * i] - red) <= TOLERANCE
    && Math.abs(data[4 * i + 1] - green) <= TOLERANCE && Math.abs(data[4 * i + 2] - blue) <= TOLERANCE;
  const rows = [y0 * width + x0];
  while (rows.length) {
    let i = rows.pop();
    if (!alike(i)) continue;
    const left = i - (i % width);
    const right = left + width - 1;
    while (i > left && alike(i - 1)) i--;
    let above = false;
    let below = false;
    for (; i <= right && alike(i); i++) {
      inside[i] = 1;
      const up = i >= width && alike(i - width);
      const down = i < width * (height - 1) && alike(i + width);
      if (up && !above) rows.push(i - width);
      if (down && !below) rows.push(i + width);
      above = up;
      below = down;
    }
  }
  return inside;
}
