// Shapes, and which step of a painting is under a point.
import assert from 'node:assert/strict';
import test from 'node:test';
import './page.mjs';
import { boxAround, filledArea, isUnder } from '../../app/web/static/surface/hit.js';
import { createPolygon } from '../../app/web/static/surface/polygon.js';
import { isTooThin, shapeBox, stretched } from '../../app/web/static/surface/shapes.js';
import { createTools } from '../../app/web/static/surface/tools.js';
import { seeded } from './random.mjs';

const none = () => undefined;
const under = (op, point) => isUnder(op, point, none);

test('a shape held even is as wide as it is high, and goes where the pointer is', () => {
  const random = seeded(31);
  for (let round = 0; round < 200; round++) {
    const [from, to] = [0, 1].map(() => [random.below(256), random.below(256)]);
    assert.deepEqual(stretched(from, to, false), [from, to]);
    const points = stretched(from, to, true);
    const [, , width, height] = shapeBox({ points });
    assert.equal(width, height);
    assert.equal(width, Math.max(Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1])));
    for (const axis of [0, 1]) if (to[axis] !== from[axis]) assert.equal(Math.sign(points[1][axis] - from[axis]), Math.sign(to[axis] - from[axis]));
  }
});

test('a polygon that is begun shows the colour it will have, up to where the pointer is', () => {
  const drawn = [];
  const layers = { keep() {}, rewind() {}, draw: (op) => drawn.push(structuredClone(op)) };
  const tools = createTools({ task: { emit() {} } });
  tools.set({ tool: 'polygon', color: '#111111' });
  const polygon = createPolygon({ task: { emit() {} }, tools, painting: {}, layers });
  polygon.press([10, 10]);
  polygon.press([90, 10]);
  polygon.hover([90, 80]);
  tools.set({ color: '#222222' });
  assert.deepEqual(drawn.at(-1), { tool: 'polygon', color: '#222222', points: [[10, 10], [90, 10], [90, 80]] });
  polygon.back();
  assert.deepEqual(drawn.at(-1).points, [[10, 10]]);
  const before = drawn.length;
  polygon.drop();
  tools.set({ color: '#333333' });
  assert.equal(drawn.length, before);
});

test('what has no area is no shape, and every stroke is one', () => {
  assert.ok(isTooThin({ tool: 'rect', points: [[5, 5], [5, 80]] }));
  assert.ok(!isTooThin({ tool: 'ellipse', points: [[5, 5], [1, 80]] }));
  assert.ok(isTooThin({ tool: 'polygon', points: [[5, 5], [5, 80]] }));
  assert.ok(!isTooThin({ tool: 'brush', points: [[5, 5]] }));
});

test('a stroke is under the points that it is as wide as', () => {
  const line = { tool: 'brush', size: 20, points: [[50, 50], [150, 50], [150, 150]] };
  for (const point of [[50, 50], [100, 59], [159, 100], [150, 161], [41, 50]]) assert.ok(under(line, point), String(point));
  for (const point of [[100, 63], [100, 100], [163, 100], [37, 50]]) assert.ok(!under(line, point), String(point));
  const pressed = { tool: 'eraser', size: 40, points: [[50, 50, 0.25], [150, 50, 0.25]] };
  assert.ok(under(pressed, [100, 56]) && !under(pressed, [100, 60]));
});

test('rectangles, ellipses and polygons hold their inside', () => {
  const points = [[150, 40], [50, 80]];
  assert.ok(under({ tool: 'rect', points }, [52, 42]) && !under({ tool: 'rect', points }, [48, 42]));
  assert.ok(under({ tool: 'ellipse', points }, [100, 42]) && !under({ tool: 'ellipse', points }, [52, 42]));
  const bent = { tool: 'polygon', points: [[0, 0], [100, 0], [100, 100], [80, 20], [0, 20]] };
  assert.ok(under(bent, [50, 10]) && under(bent, [95, 60]) && !under(bent, [50, 60]));
});

test('the points of random shapes are in the box around them', () => {
  const random = seeded(32);
  for (let round = 0; round < 300; round++) {
    const points = Array.from({ length: 2 + random.below(4) }, () => [random.below(256), random.below(256)]);
    const tool = random.of(['brush', 'polygon', 'rect', 'ellipse']);
    const op = { tool, size: 1 + random.below(70), points: tool === 'rect' || tool === 'ellipse' ? points.slice(0, 2) : points };
    const [left, top, width, height] = boxAround(op, none);
    for (let i = 0; i < 40; i++) {
      const point = [random.below(256), random.below(256)];
      const slack = tool === 'brush' ? 2 : 0;
      const inBox = point[0] >= left - slack && point[0] <= left + width + slack && point[1] >= top - slack && point[1] <= top + height + slack;
      if (under(op, point)) assert.ok(inBox, JSON.stringify([op, point]));
    }
  }
});

test('an area that was filled is known by its units', () => {
  const side = 12; // pixels, three to a unit
  const mask = new Uint8Array(side * side);
  for (let y = 3; y < 9; y++) for (let x = 6; x < 12; x++) mask[y * side + x] = 1;
  const area = filledArea(mask, side, 3);
  assert.deepEqual(area.box, [2, 1, 2, 2]);
  const op = { tool: 'fill', point: [2, 1] };
  for (const [point, is] of [[[2, 1], true], [[3.9, 2.9], true], [[1.9, 1], false], [[3, 3], false], [[-1, 0], false], [[4, 1], false]]) {
    assert.equal(isUnder(op, point, () => area), is, String(point));
  }
  assert.deepEqual(boxAround(op, () => area), [2, 1, 2, 2]);
  assert.deepEqual(filledArea(new Uint8Array(side * side), side, 3).box.slice(2), [0, 0]);
});
