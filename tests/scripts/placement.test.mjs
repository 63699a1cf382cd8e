// Where a photo and its square lie: bounds that hold for every photo, and ways there and back.
import assert from 'node:assert/strict';
import test from 'node:test';
import { centredSquare, extension, frameInWorld, photoBox, photoFrame, squareAround, squareInWorld } from '../../app/web/static/marks/frame.js';
import { dragFrame, fitSquare, resizeSquare, squareInPixels } from '../../app/web/static/marks/placement.js';
import { seeded } from './random.mjs';

const NEAR = 1e-9;
const close = (a, b, by = NEAR) => a.every((value, i) => Math.abs(value - b[i]) <= by);
const photoOf = (random) => ({ width: 1 + random.below(random.of([4, 300, 5000])), height: 1 + random.below(random.of([4, 300, 5000])) });
const squareOf = (random) => [random.next() * 400 - 80, random.next() * 400 - 80, random.next() * 300];

const frameOf = (random, photo) => Array.from({ length: 4 }, () => random.below(2) * random.below(Math.max(photo.width, photo.height)));
const grown = ({ width, height }, [l, t, r, b]) => [width + l + r, height + t + b];

function each(rounds, does) {
  const random = seeded(rounds);
  for (let round = 0; round < rounds; round++) {
    const photo = photoOf(random);
    does(random, photo, round % 2 ? frameOf(random, photo) : [0, 0, 0, 0]);
  }
}

test('a photo lies in the middle of its world, its longer side over three quarters', () => each(300, (_random, photo) => {
  const { x, y, width, height, k } = photoFrame(photo);
  assert.ok(close([Math.max(width, height), 2 * x + width, 2 * y + height, width / k, height / k], [192, 256, 256, photo.width, photo.height]));
  assert.ok(close(photoBox(photo), [x, y, width, height].map((v) => 3 * v)));
  const [left, top, wide, high] = photoBox(photo, [1, 2, 3, 4]);
  assert.ok(close([left + wide, top + high], [(x + width - 3 * k) * 3, (y + height - 4 * k) * 3], 1e-6));
}));

test('the square in the middle lies within the photo, the one around holds it and its frame', () => each(300, (_random, photo, frame) => {
  const [x, y, side] = centredSquare(photo);
  assert.ok(x >= 0 && y >= 0 && x + side <= photo.width && y + side <= photo.height && (x === 0 || y === 0));
  assert.deepEqual(extension(photo, [x, y, side]), [0, 0, 0, 0]);
  const around = squareAround(photo, frame);
  assert.ok(extension(photo, around).every((out, i) => out >= frame[i]));
  assert.equal(around[2], Math.max(...grown(photo, frame)));
}));

test('what is extended is the square without the photo, side by side', () => each(500, (random, photo) => {
  const square = [random.below(100) - 50, random.below(100) - 50, 1 + random.below(100)];
  const out = extension(photo, square);
  for (const [axis, length] of [photo.width, photo.height].entries()) {
    const inside = (at) => at >= 0 && at < length;
    const beside = Array.from({ length: square[2] }, (_, i) => square[axis] + i).filter((at) => !inside(at));
    assert.equal(Math.min(out[axis], square[2]) + Math.min(out[axis + 2], square[2]), beside.length);
  }
}));

const bounds = (photo, frame) => {
  const [x, y, width, height] = frameInWorld(photo, frame);
  return [[x, y], [x + width, y + height], Math.min(width, height)];
};

test('a fitting square lies within the frame, and fits once more as it is', () => each(1000, (random, photo, frame) => {
  const [low, high, most] = bounds(photo, frame);
  const [x, y, side] = fitSquare(photo, frame, squareOf(random), 4);
  assert.ok(side >= Math.min(4, most) - NEAR && side > 0);
  assert.ok(x >= low[0] - NEAR && y >= low[1] - NEAR && x + side <= high[0] + NEAR && y + side <= high[1] + NEAR);
  assert.ok(close(fitSquare(photo, frame, [x, y, side], 4), [x, y, side], 1e-6));
}));

test('whole pixels stay what they are on their way through the world', () => each(1000, (random, photo, frame) => {
  const [width, height] = grown(photo, frame);
  const side = 1 + random.below(Math.min(width, height));
  const square = [random.below(width - side + 1) - frame[0], random.below(height - side + 1) - frame[1], side];
  assert.deepEqual(squareInPixels(photo, frame, squareInWorld(photo, square)), square);
}));

test('the pixels of any square are those of the frame', () => each(500, (random, photo, frame) => {
  const [x, y, side] = squareInPixels(photo, frame, squareOf(random));
  const [left, top, right, bottom] = frame;
  assert.ok([x, y, side].every(Number.isInteger) && side >= 1 && x >= -left && y >= -top);
  assert.ok(x + side <= photo.width + right && y + side <= photo.height + bottom);
}));

test('a corner moves and the opposite one stays', () => each(1000, (random, photo, frame) => {
  const from = fitSquare(photo, frame, squareOf(random));
  for (const corner of ['nw', 'ne', 'sw', 'se']) {
    const by = [random.next() * 200 - 100, random.next() * 200 - 100];
    const [x, y, side] = resizeSquare(photo, frame, from, corner, by);
    const stays = ([left, top, length]) => [corner.includes('e') ? left : left + length, corner.includes('s') ? top : top + length];
    assert.ok(close(stays([x, y, side]), stays(from), 1e-6), corner);
    const [low, high] = bounds(photo, frame);
    assert.ok(x >= low[0] - NEAR && y >= low[1] - NEAR && x + side <= high[0] + 1e-6 && y + side <= high[1] + 1e-6, corner);
  }
}));

test('a dragged edge moves alone, outwards only, and back to the photo itself', () => each(1000, (random, photo, frame) => {
  const most = Math.max(photo.width, photo.height);
  const by = [random.next() * 400 - 200, random.next() * 400 - 200];
  for (const edge of ['n', 'e', 's', 'w', 'nw', 'ne', 'sw', 'se']) {
    const dragged = dragFrame(photo, frame, edge, by);
    for (const [at, name] of ['w', 'n', 'e', 's'].entries()) {
      if (!edge.includes(name)) assert.equal(dragged[at], frame[at], edge);
      assert.ok(Number.isInteger(dragged[at]) && dragged[at] >= 0 && dragged[at] <= most, edge);
    }
    assert.deepEqual(dragFrame(photo, dragged, edge, by.map(() => 0)).map((v) => v > 0), dragged.map((v) => v > 0));
  }
  assert.deepEqual(dragFrame(photo, frame, 'nw', [9999, 9999]).slice(0, 2), [0, 0]);
}));
