// Where a photo and its square lie: bounds that hold for every photo, and ways there and back.
import assert from 'node:assert/strict';
import test from 'node:test';
import { centredSquare, extension, photoBox, photoFrame, squareAround, squareInWorld } from '../../app/web/static/marks/frame.js';
import { fitSquare, resizeSquare, squareInPixels, widerSquare } from '../../app/web/static/marks/placement.js';
import { seeded } from './random.mjs';

const NEAR = 1e-9;
const close = (a, b, by = NEAR) => a.every((value, i) => Math.abs(value - b[i]) <= by);
const photoOf = (random) => ({ width: 1 + random.below(random.of([4, 300, 5000])), height: 1 + random.below(random.of([4, 300, 5000])) });
const squareOf = (random) => [random.next() * 400 - 80, random.next() * 400 - 80, random.next() * 300];

function each(rounds, does) {
  const random = seeded(rounds);
  for (let round = 0; round < rounds; round++) does(random, photoOf(random), Boolean(round % 2));
}

test('a photo lies in the middle of its world, its longer side over three quarters', () => each(300, (_random, photo) => {
  const { x, y, width, height, k } = photoFrame(photo);
  assert.ok(close([Math.max(width, height), 2 * x + width, 2 * y + height, width / k, height / k], [192, 256, 256, photo.width, photo.height]));
  assert.ok(close(photoBox(photo), [x, y, width, height].map((v) => 3 * v)));
  const [left, top, wide, high] = photoBox(photo, [1, 2, 3, 4]);
  assert.ok(close([left + wide, top + high], [(x + width - 3 * k) * 3, (y + height - 4 * k) * 3], 1e-6));
}));

test('the square in the middle lies within the photo, the one around holds it', () => each(300, (_random, photo) => {
  const [x, y, side] = centredSquare(photo);
  assert.ok(x >= 0 && y >= 0 && x + side <= photo.width && y + side <= photo.height && (x === 0 || y === 0));
  assert.equal(extension(photo, [x, y, side]), null);
  const out = extension(photo, squareAround(photo)) ?? [0, 0, 0, 0];
  assert.deepEqual([photo.width + out[0] + out[2], photo.height + out[1] + out[3]], Array(2).fill(Math.max(photo.width, photo.height)));
}));

test('what is extended is the square without the photo, side by side', () => each(500, (random, photo) => {
  const square = [random.below(100) - 50, random.below(100) - 50, 1 + random.below(100)];
  const out = extension(photo, square) ?? [0, 0, 0, 0];
  for (const [axis, length] of [photo.width, photo.height].entries()) {
    const inside = (at) => at >= 0 && at < length;
    const beside = Array.from({ length: square[2] }, (_, i) => square[axis] + i).filter((at) => !inside(at));
    assert.equal(Math.min(out[axis], square[2]) + Math.min(out[axis + 2], square[2]), beside.length);
  }
}));

test('a fitting square lies within bounds, and fits once more as it is', () => each(1000, (random, photo, mayExtend) => {
  const f = photoFrame(photo);
  const [low, high] = mayExtend ? [[0, 0], [256, 256]] : [[f.x, f.y], [f.x + f.width, f.y + f.height]];
  const [x, y, side] = fitSquare(photo, mayExtend, squareOf(random));
  assert.ok(side >= Math.min(32, f.width, f.height) - NEAR && side > 0);
  assert.ok(x >= low[0] - NEAR && y >= low[1] - NEAR && x + side <= high[0] + NEAR && y + side <= high[1] + NEAR);
  assert.ok(close(fitSquare(photo, mayExtend, [x, y, side]), [x, y, side]));
}));

test('whole pixels stay what they are on their way through the world', () => each(1000, (random, photo, mayExtend) => {
  const most = Math.min(photo.width, photo.height);
  const side = 1 + random.below(most);
  const square = mayExtend ? [random.below(90) - 40, random.below(90) - 40, side] : [random.below(photo.width - side + 1), random.below(photo.height - side + 1), side];
  assert.deepEqual(squareInPixels(photo, mayExtend, squareInWorld(photo, square)), square);
}));

test('without extension the pixels are those of the photo', () => each(500, (random, photo) => {
  const [x, y, side] = squareInPixels(photo, false, squareOf(random));
  assert.ok([x, y, side].every(Number.isInteger) && side >= 1 && x >= 0 && y >= 0);
  assert.ok(x + side <= photo.width && y + side <= photo.height);
}));

test('a corner moves and the opposite one stays', () => each(1000, (random, photo, mayExtend) => {
  const from = fitSquare(photo, mayExtend, squareOf(random));
  for (const corner of ['nw', 'ne', 'sw', 'se']) {
    const by = [random.next() * 200 - 100, random.next() * 200 - 100];
    const [x, y, side] = resizeSquare(photo, mayExtend, from, corner, by);
    const stays = ([left, top, length]) => [corner.includes('e') ? left : left + length, corner.includes('s') ? top : top + length];
    assert.ok(close(stays([x, y, side]), stays(from)), corner);
    const f = photoFrame(photo);
    const [low, high] = mayExtend ? [[0, 0], [256, 256]] : [[f.x, f.y], [f.x + f.width, f.y + f.height]];
    assert.ok(x >= low[0] - NEAR && y >= low[1] - NEAR && x + side <= high[0] + NEAR && y + side <= high[1] + NEAR, corner);
  }
}));

test('a wider square extends the photo on every side', () => each(300, (_random, photo) => {
  const longest = Math.max(photo.width, photo.height);
  const [x, y, side] = widerSquare(photo);
  assert.ok(Math.abs(side - 1.25 * longest) <= 0.5 && side <= longest * 256 / 192 + 0.5);
  assert.ok(longest < 8 || extension(photo, [x, y, side]).every((v) => v > 0));
}));
