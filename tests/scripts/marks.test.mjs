// Marks on photos: their operations against a plain model, what is shown against what is drawn afresh.
import assert from 'node:assert/strict';
import test from 'node:test';
import { createMarks } from '../../app/web/static/marks/marks.js';
import './canvas.mjs';
import { seeded } from './random.mjs';

const PHOTOS = Object.fromEntries([['a', 300, 220], ['b', 64, 64], ['c', 10, 900]].map(([key, width, height]) => [key, { key, width, height, image: { name: key } }]));
const flat = (ops) => ops.flatMap((op) => (op.tool === 'group' ? flat(op.ops) : [op]));

function create(masks = true, mayExtend = true) {
  const opened = new Map();
  const recall = async (key) => { opened.set(key, PHOTOS[key]); };
  return { marks: createMarks({ photoOf: (key) => opened.get(key), masks, mayExtend }), recall, opened };
}
const shown = (marks) => [marks.mask.canvas.drawn, marks.ink.canvas.drawn, marks.photo?.key, marks.square, marks.frame, marks.photo && marks.world(), marks.marked, marks.count, marks.untouched];

async function afresh(saved, masks) {
  const other = create(masks);
  await other.marks.load(structuredClone(saved), other.recall);
  return shown(other.marks);
}

function randomOp(random, opened) {
  const points = Array.from({ length: 1 + random.below(4) }, () => [random.below(256), random.below(256)]);
  const photo = () => ({ tool: 'photo', key: random.of([...opened]), square: [random.below(20) - 10, 0, 40 + random.below(90)], ...(random.below(2) ? { keep: true } : {}) });
  const kinds = {
    stroke: () => ({ tool: random.of(['mask', 'eraser', 'paint']), color: '#112233', size: 1 + random.below(40), points }),
    box: () => ({ tool: 'box', points: structuredClone(points) }),
    square: () => ({ tool: 'square', square: [random.below(50) - 25, random.below(50) - 25, 30 + random.below(60)] }),
    frame: () => ({ tool: 'frame', frame: Array.from({ length: 4 }, () => random.below(90)) }),
    invert: () => ({ tool: 'invert' }), clear: () => ({ tool: 'clear' }), photo,
    group: () => ({ tool: 'group', ops: [photo(), kinds.stroke(), { tool: 'group', ops: [kinds.box()] }] }),
  };
  return kinds[random.of(['stroke', 'stroke', 'stroke', ...Object.keys(kinds)])]();
}

// The square and the frame after these operations. A new photo has neither, where the square is found around a mask.
function placesOf(all, masks) {
  let [square, frame] = [null, [0, 0, 0, 0]];
  let photo = null;
  for (const op of all) {
    if (op.tool === 'photo') {
      photo = PHOTOS[op.key];
      if (!masks) square = op.square;
      else if (!op.keep) [square, frame] = [null, [0, 0, 0, 0]];
    } else if (op.tool === 'frame') frame = op.frame;
    else if (op.tool === 'square') {
      square = op.square;
      const out = [-square[0], -square[1], square[0] + square[2] - photo.width, square[1] + square[2] - photo.height];
      frame = frame.map((v, i) => Math.max(v, out[i]));
    }
  }
  return [square, frame];
}

test('any order of marks, undo and redo', async () => {
  for (let seed = 0; seed < 12; seed++) {
    const random = seeded(seed);
    const { marks, recall } = create(seed % 2 === 0);
    assert.equal(marks.wholeSeen, seed % 2 === 0);
    for (const key of Object.keys(PHOTOS)) await recall(key);
    let [ops, undone] = [[{ tool: 'photo', key: 'a', square: [0, 0, 220] }], []];
    marks.add(structuredClone(ops[0]));
    for (let turn = 0; turn < 60; turn++) {
      const what = random.below(5);
      if (what < 3) {
        const op = randomOp(random, Object.keys(PHOTOS));
        if (op.tool === 'box') op.points = [op.points[0], op.points.at(-1)];
        marks.add(structuredClone(op));
        [ops, undone] = [[...ops, op], []];
      } else if (what === 3 && ops.length > 1) { marks.undo(); undone = [...undone, ops.at(-1)]; ops = ops.slice(0, -1); }
      else if (what === 4) { assert.equal(marks.redo(), undone.length > 0); if (undone.length) { ops = [...ops, undone.at(-1)]; undone = undone.slice(0, -1); } }
      assert.deepEqual(marks.save(), { ops, undone });
      assert.deepEqual(shown(marks), await afresh(marks.save(), seed % 2 === 0), `seed ${seed}, turn ${turn}`);
      const all = flat(ops);
      const begins = all.map((op, i) => (op.tool === 'photo' && !op.keep ? i : -1)).filter((i) => i >= 0);
      assert.deepEqual(marks.current(), all.slice(begins.at(-1) ?? 0));
      assert.deepEqual([marks.square, marks.frame], placesOf(all, seed % 2 === 0));
    }
  }
});

test('all undone is as nothing had been opened, and everything comes back', async () => {
  const random = seeded(5);
  const { marks, recall } = create();
  for (const key of Object.keys(PHOTOS)) await recall(key);
  const nothing = shown(marks);
  marks.add({ tool: 'photo', key: 'a', square: [0, 0, 220] });
  for (let i = 0; i < 20; i++) marks.add(randomOp(random, Object.keys(PHOTOS)));
  const all = shown(marks);
  while (marks.canUndo) marks.undo();
  assert.deepEqual(shown(marks), nothing);
  assert.deepEqual([marks.undo(), marks.maskUrl(), marks.inkUrl(), marks.isFull()], [false, null, null, false]);
  while (marks.canRedo) marks.redo();
  assert.deepEqual([shown(marks), marks.redo()], [all, false]);
});

test('a stroke under the pen leaves no trace until it is added', async () => {
  const random = seeded(6);
  const { marks, recall } = create();
  await recall('a');
  marks.add({ tool: 'photo', key: 'a', square: [0, 0, 220] });
  for (let round = 0; round < 40; round++) {
    const op = { tool: random.of(['mask', 'eraser', 'paint', 'box']), color: '#445566', size: 9, points: [[random.below(256), 3]] };
    const before = structuredClone(shown(marks));
    marks.layers.keep();
    marks.layers.draw(op);
    for (let from = 1; from < 5; from++) { op.points.push([random.below(256), random.below(256)]); marks.layers.draw(op, from); }
    marks.layers.rewind();
    assert.deepEqual(shown(marks), before);
    if (random.below(2)) marks.add(op);
    assert.deepEqual(shown(marks), await afresh(marks.save(), true));
  }
});

test('a visit is restored with every photo once, or not at all', async () => {
  const saved = { ops: [{ tool: 'photo', key: 'a', square: [0, 0, 9] }, { tool: 'group', ops: [{ tool: 'photo', key: 'b', square: [0, 0, 9] }] }], undone: [{ tool: 'photo', key: 'a', square: [1, 1, 9] }] };
  const { marks, recall, opened } = create();
  const asked = [];
  await marks.load(saved, (key) => { asked.push(key); return recall(key); });
  assert.deepEqual([asked, [...opened.keys()], marks.photo.key], [['a', 'b'], ['a', 'b'], 'b']);
  const other = create().marks;
  await assert.rejects(other.load(saved, async () => { throw new Error('gone'); }));
  assert.deepEqual([other.count, other.photo, other.untouched], [0, null, true]);
});

test('there is something to clear once something is drawn, and an extended photo alone is nothing of it', async () => {
  for (const masks of [true, false]) {
    const { marks, recall } = create(masks);
    await recall('a');
    assert.equal(marks.clearable, false);
    marks.add({ tool: 'photo', key: 'a', square: [0, 0, 220] });
    assert.equal(marks.clearable, false);
    marks.add({ tool: 'frame', frame: [9, 0, 0, 0] });
    assert.deepEqual([marks.clearable, marks.marked.any], [false, true]);
    marks.add({ tool: 'paint', color: '#112233', size: 9, points: [[20, 20], [30, 30]] });
    assert.equal(marks.clearable, true);
    marks.add({ tool: 'clear' });
    assert.equal(marks.clearable, false);
    marks.undo();
    assert.equal(marks.clearable, true);
  }
});

test('a photo that was opened before those of an earlier visit came back is the one that is open', async () => {
  const { marks, recall } = create();
  await recall('b');
  const own = { tool: 'photo', key: 'b', square: [0, 0, 9] };
  const earlier = { tool: 'photo', key: 'a', square: [0, 0, 9] };
  marks.add(own);
  await marks.load({ ops: [earlier], undone: [] }, recall);
  assert.equal(marks.photo.key, 'b');
  assert.deepEqual(marks.save().ops, [earlier, own]);
  marks.undo();
  assert.equal(marks.photo.key, 'a');
});
