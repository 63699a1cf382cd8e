// Arithmetic over pixels against slow references: means over blocks, masks from files, coverage, colours.
import assert from 'node:assert/strict';
import test from 'node:test';
import './canvas.mjs';
import { blockMeans } from '../../app/web/static/marks/before.js';
import { coverageOf } from '../../app/web/static/marks/coverage.js';
import { toMask } from '../../app/web/static/marks/markpictures.js';
import { fromHex, toHex } from '../../app/web/static/surface/color.js';
import { seeded } from './random.mjs';

const pixels = (random, count, of = (r) => r.below(256)) => Uint8ClampedArray.from({ length: 4 * count }, () => of(random));

test('a block\'s mean is that of the pixels that touch it', () => {
  const random = seeded(11);
  for (let round = 0; round < 60; round++) {
    const width = 1 + random.below(24);
    const side = 1 + random.below(width);
    const data = pixels(random, width * width);
    const means = blockMeans({ data, width }, side);
    for (let i = 0; i < side * side; i++) {
      const [column, row] = [i % side, Math.floor(i / side)];
      const touches = (at, block) => at + 1 > block * width / side && at < (block + 1) * width / side;
      const inside = Array.from({ length: width * width }, (_, at) => at).filter((at) => touches(at % width, column) && touches(Math.floor(at / width), row));
      const mean = [0, 1, 2].map((c) => inside.reduce((sum, at) => sum + data[4 * at + c], 0) / inside.length);
      mean.forEach((value, c) => { assert.ok(Math.abs(means[4 * i + c] - value) <= 0.5 + 1e-9, `${width} to ${side}, block ${i}`); });
      assert.equal(means[4 * i + 3], 255);
    }
  }
});

test('as many blocks as pixels are the picture, and one colour stays that colour', () => {
  const random = seeded(12);
  const data = pixels(random, 49).map((value, i) => (i % 4 === 3 ? 255 : value));
  assert.deepEqual(blockMeans({ data, width: 7 }, 7), data);
  for (const side of [1, 3, 5]) assert.deepEqual(new Set(blockMeans({ data: new Uint8ClampedArray(4 * 225).fill(77), width: 15 }, side)), new Set([77, 255]));
});

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
