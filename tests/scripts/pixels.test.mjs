// Arithmetic over pixels against slow references: masks from files, coverage, colours.
import assert from 'node:assert/strict';
import test from 'node:test';
import './canvas.mjs';
import { coverageOf } from '../../app/web/static/marks/coverage.js';
import { toMask } from '../../app/web/static/marks/markpictures.js';
import { fromHex, toHex } from '../../app/web/static/surface/color.js';
import { seeded } from './random.mjs';

const pixels = (random, count, of = (r) => r.below(256)) => Uint8ClampedArray.from({ length: 4 * count }, () => of(random));

test('a mask is white where the file is white and opaque', () => {
  const random = seeded(13);
  const levels = (r) => r.of([0, 127, 128, 255]);
  const data = pixels(random, 2000, levels);
  const mask = data.slice();
  toMask(mask);
  for (let i = 0; i < data.length; i += 4) {
    const [red, green, blue, alpha] = data.subarray(i, i + 4);
    const white = alpha >= 128 && (red + green + blue) / 3 > 127.4;
    assert.deepEqual([...mask.subarray(i, i + 4)], Array(4).fill(white ? 255 : 0), String([red, green, blue, alpha]));
  }
  const again = mask.slice();
  toMask(again);
  assert.deepEqual(again, mask);
});

test('coverage looks at every pixel', () => {
  const random = seeded(14);
  for (let round = 0; round < 300; round++) {
    const data = pixels(random, 1 + random.below(6), (r) => r.of(round % 3 ? [0, 255] : [0, 1, 250, 251, 255]));
    const alphas = [...data].filter((_, i) => i % 4 === 3);
    assert.deepEqual(coverageOf(data), { any: alphas.some((alpha) => alpha > 0), all: alphas.every((alpha) => alpha > 250) });
  }
});

test('colours there and back', () => {
  const random = seeded(15);
  for (let round = 0; round < 500; round++) {
    const color = [random.below(256), random.below(256), random.below(256)];
    const hex = toHex([...color, 9]);
    assert.match(hex, /^#[0-9a-f]{6}$/);
    assert.deepEqual(fromHex(hex), color);
  }
});
