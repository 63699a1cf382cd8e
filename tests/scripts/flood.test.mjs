// The fill by rows against a slow one, pixel by pixel.
import assert from 'node:assert/strict';
import test from 'node:test';
import { floodFill } from '../../app/web/static/surface/flood.js';
import { seeded } from './random.mjs';

const TOLERANCE = 40;
const FILL = [1, 2, 3];

function context({ data, width, height }) {
  return {
    canvas: { width, height },
    put: null,
    getImageData() { return { data: data.slice(), width, height }; },
    putImageData(picture, x, y) { assert.deepEqual([x, y], [0, 0]); this.put = picture.data; },
  };
}

function slowFill({ data, width, height }, [x0, y0]) {
  const color = (x, y) => [...data.slice(4 * (y * width + x), 4 * (y * width + x) + 3)];
  const alike = (x, y) => color(x, y).every((value, c) => Math.abs(value - color(x0, y0)[c]) <= TOLERANCE);
  const beside = ([x, y]) => [[x - 1, y], [x + 1, y], [x, y - 1], [x, y + 1]].filter(([u, v]) => u >= 0 && v >= 0 && u < width && v < height);
  const key = ([x, y]) => y * width + x;
  const inside = new Map([[key([x0, y0]), [x0, y0]]]);
  for (const at of inside.values()) for (const next of beside(at)) if (alike(...next)) inside.set(key(next), next);
  const grown = new Set(inside.keys());
  for (const at of inside.values()) for (const next of beside(at)) grown.add(key(next));
  const filled = data.slice();
  for (const i of grown) filled.set(FILL, 4 * i);
  return filled;
}

test('a fill is the one of the reference', () => {
  const random = seeded(2);
  for (let round = 0; round < 300; round++) {
    const [width, height] = [1 + random.below(14), 1 + random.below(14)];
    const levels = random.of([[0, 40], [0, 41], [100, 130, 170], [0, 20, 60, 255]]); // on both sides of the tolerance
    const data = Uint8ClampedArray.from({ length: 4 * width * height }, (_, i) => (i % 4 === 3 ? random.below(256) : random.of(levels)));
    if (round % 2) for (let i = 0; i < data.length; i += 4) data.fill(data[i], i, i + 3); // grey: larger areas
    const at = [random.below(width), random.below(height)];
    const ctx = context({ data, width, height });
    floodFill(ctx, at, '#010203');
    assert.deepEqual(ctx.put, slowFill({ data, width, height }, at), `round ${round}, ${width} x ${height} at ${at}`);
  }
});

test('a point beside the picture fills nothing', () => {
  for (const at of [[-1, 0], [0, -1], [3, 0], [0, 2]]) {
    const ctx = context({ data: new Uint8ClampedArray(24), width: 3, height: 2 });
    floodFill(ctx, at, '#ffffff');
    assert.equal(ctx.put, null);
  }
});
