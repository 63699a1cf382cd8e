// Soft strokes and those that let something through, pixel by pixel.
import assert from 'node:assert/strict';
import test from 'node:test';
import './page.mjs';
import { createCover, isWash, lineOf, startWash } from '../../app/web/static/surface/wash.js';
import { seeded } from './random.mjs';

const SIDE = 96;
globalThis.ImageData = class {
  constructor(data, width, height) { Object.assign(this, { data, width, height }); }
};

// A context over real pixels.
function pixels(color) {
  const data = new Uint8ClampedArray(4 * SIDE * SIDE).map((_, i) => [...color, 255][i % 4]);
  return {
    canvas: { width: SIDE, height: SIDE }, data,
    getImageData: () => new ImageData(new Uint8ClampedArray(data), SIDE, SIDE),
    putImageData(picture, _x, _y, left, top, width, height) {
      for (let y = top; y < top + height; y++) for (let i = 4 * (y * SIDE + left); i < 4 * (y * SIDE + left + width); i++) data[i] = picture.data[i];
    },
    at: (x, y) => [...data.slice(4 * (y * SIDE + x), 4 * (y * SIDE + x) + 3)],
  };
}
const sheet = () => ({ ctx: pixels([200, 100, 0]), paperCtx: pixels([0, 0, 240]) });
const randomStroke = (random) => ({
  tool: random.of(['brush', 'eraser']), color: '#102030', size: 4 + random.below(30), soft: random.of([0, 0.4, 1]), opacity: random.of([0.3, 1]),
  points: Array.from({ length: 1 + random.below(12) }, () => [random.below(SIDE + 20) - 10, random.below(SIDE), ...(random.below(2) ? [] : [0.5])]),
});

test('a stroke that grows under the pen is the stroke that is drawn at once, but for its end', () => {
  const random = seeded(41);
  for (let round = 0; round < 60; round++) {
    const op = randomStroke(random);
    const once = sheet();
    startWash(once, op, 1).draw(op.points);
    const grown = sheet();
    const wash = startWash(grown, op, 1);
    for (let n = 1; n <= op.points.length; n++) wash.draw(op.points.slice(0, n));
    // What was drawn to an end that moved on may be left: there is never less.
    const strength = (ctx, i) => Math.abs(ctx.data[i] - [200, 100, 0, 255][i % 4]);
    for (let i = 0; i < once.ctx.data.length; i++) assert.ok(strength(grown.ctx, i) >= strength(once.ctx, i), `round ${round}`);
  }
});

test('a stroke that crosses itself is as light there as elsewhere', () => {
  const on = sheet();
  startWash(on, { tool: 'brush', color: '#000000', size: 12, opacity: 0.5 }, 1).draw([[10, 48], [80, 48], [48, 10], [48, 80]]);
  assert.deepEqual(on.ctx.at(48, 48), [100, 50, 0]);
  assert.deepEqual(on.ctx.at(20, 48), [100, 50, 0]);
  assert.deepEqual(on.ctx.at(10, 10), [200, 100, 0]);
});

test('the eraser brings back the paper by its share', () => {
  const on = sheet();
  startWash(on, { tool: 'eraser', size: 20, opacity: 0.25 }, 1).draw([[48, 48]]);
  assert.deepEqual(on.ctx.at(48, 48), [150, 75, 60]);
});

test('coverage falls with the distance: not at all within a hard edge, all the way in a soft one', () => {
  for (const soft of [0, 0.3, 1]) {
    const { covered, cover } = createCover(SIDE, SIDE, soft);
    cover([20, 48, 16], [70, 48, 16]);
    const column = Array.from({ length: 48 }, (_, i) => covered[(48 - i) * SIDE + 48]);
    for (let i = 1; i < column.length; i++) assert.ok(column[i] <= column[i - 1]);
    assert.ok(column[0] >= 254);
    assert.equal(column[18], 0);
    const between = column.filter((value) => value > 0 && value < 255).length;
    assert.ok(soft === 0 ? between <= 2 : between >= 14 * soft, `${soft}: ${between}`);
  }
});

test('a line that grows keeps its points, and they lie along the stroke', () => {
  const random = seeded(42);
  for (let round = 0; round < 100; round++) {
    const points = Array.from({ length: 2 + random.below(30) }, () => [random.below(500), random.below(500), 40]);
    const whole = lineOf(points, 40);
    assert.deepEqual(whole[0], points[0]);
    assert.deepEqual(whole.at(-1), points.at(-1));
    const first = lineOf(points.slice(0, -1), 40);
    assert.deepEqual(whole.slice(0, first.length - 1), first.slice(0, -1));
    for (let i = 1; i < whole.length - 1; i++) assert.ok(Math.hypot(whole[i][0] - whole[i - 1][0], whole[i][1] - whole[i - 1][1]) >= 40 / 6);
  }
});

test('a stroke with a hard edge and nothing showing through is none of these', () => {
  assert.ok(!isWash({ tool: 'brush' }) && !isWash({ tool: 'brush', soft: 0, opacity: 1 }));
  assert.ok(isWash({ tool: 'brush', soft: 0.1 }) && isWash({ tool: 'eraser', opacity: 0.9 }));
});
