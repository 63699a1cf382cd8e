// The list of operations against a plain model, and its bitmap against one that is drawn afresh.
import assert from 'node:assert/strict';
import test from 'node:test';
import { fakeCanvas } from './canvas.mjs';
import { stepsOf } from '../../app/web/static/surface/changes.js';
import { createPainting } from '../../app/web/static/surface/strokes.js';
import { seeded } from './random.mjs';

const painting = () => createPainting(fakeCanvas());
async function afresh({ ops, undone }) {
  const other = painting();
  await other.load(structuredClone({ ops, undone }));
  return other.sheet.canvas.drawn;
}
const flat = (ops) => ops.flatMap((op) => (op.tool === 'group' ? flat(op.ops) : [op]));

function randomOp(random) {
  const points = Array.from({ length: 1 + random.below(4) }, () => [random.below(256), random.below(256), ...(random.below(3) ? [] : [0.5])]);
  const stroke = () => ({ tool: random.of(['brush', 'eraser']), color: random.of(['#111111', '#222222']), size: 1 + random.below(70), points });
  const shape = () => ({ tool: random.of(['rect', 'ellipse', 'polygon']), color: '#333333', points: [[1, 2], [random.below(256), 90], [7, 200]] });
  const paper = () => ({ tool: 'paper', paper: [random.of(['#aaaaaa', '#bbbbbb']), '#cccccc', random.below(256)] });
  const kind = random.below(12);
  if (kind === 0) return paper();
  if (kind === 1) return { tool: 'group', ops: [paper(), stroke(), stroke()] };
  if (kind === 2) return shape();
  return stroke();
}

const CHANGES = ['move', 'recolor', 'resize', 'soften', 'fade', 'remove'];

// A change of one of the steps that are there, of as many as there were.
function randomChange(random, ops) {
  const steps = flat(ops).filter(({ tool }) => !CHANGES.includes(tool));
  const movable = steps.map(({ points }, at) => (points ? at : -1)).filter((at) => at >= 0);
  if (!movable.length) return randomOp(random);
  const at = random.of(movable);
  const any = [{ tool: 'move', at, by: [3, -random.below(50)] }, { tool: 'recolor', at, color: '#444444' }, { tool: 'fade', at, opacity: 1 }, { tool: 'remove', at }];
  return random.of(steps[at].size ? [...any, { tool: 'resize', at, size: 5 + random.below(20) }, { tool: 'soften', at, soft: 0 }] : any);
}

test('any order of strokes, undo and redo', async () => {
  for (let seed = 0; seed < 12; seed++) {
    const random = seeded(seed);
    const painted = painting();
    let [ops, undone] = [[], []];
    for (let turn = 0; turn < 150; turn++) {
      const runs = seed % 2 ? 1 : 1 + random.below(20); // long runs go back over the copies of the bitmap
      const what = random.below(5);
      for (let i = 0; i < runs; i++) {
        if (what < 3) { const op = random.below(5) ? randomOp(random) : randomChange(random, ops); painted.add(op); ops = [...ops, op]; undone = []; }
        else if (what === 3) { assert.equal(painted.undo(), ops.length > 0); if (ops.length) { undone = [...undone, ops.at(-1)]; ops = ops.slice(0, -1); } }
        else { assert.equal(painted.redo(), undone.length > 0); if (undone.length) { ops = [...ops, undone.at(-1)]; undone = undone.slice(0, -1); } }
      }
      assert.deepEqual([painted.count, painted.canUndo, painted.canRedo], [ops.length, ops.length > 0, undone.length > 0]);
      assert.deepEqual(painted.save(), { ops, undone });
      if (turn % 5 === 0) assert.deepEqual(painted.sheet.canvas.drawn, await afresh({ ops, undone }), `seed ${seed}, turn ${turn}`);
    }
  }
});

test('the picture consists of what came since the paper', () => {
  const random = seeded(9);
  for (let round = 0; round < 200; round++) {
    const painted = painting();
    const ops = Array.from({ length: random.below(8) }, () => randomOp(random));
    for (const op of ops) painted.add(op);
    const all = flat(ops);
    assert.deepEqual(stepsOf(ops), all);
    const papers = all.map((op, i) => (op.tool === 'paper' ? i : -1)).filter((i) => i >= 0);
    assert.deepEqual(painted.current(), all.slice(papers.at(-1) ?? 0));
    assert.equal(painted.untouched, all.slice((papers.at(-1) ?? -1) + 1).every(({ tool }) => tool === 'eraser'));
  }
});

test('a change gives what a painting would be that was made so from the beginning', () => {
  for (let seed = 0; seed < 60; seed++) {
    const random = seeded(seed);
    const changed = painting();
    const ops = Array.from({ length: 1 + random.below(40) }, () => randomOp(random));
    for (const op of ops) changed.add(op);
    const steps = flat(ops).map((op) => structuredClone(op));
    for (let turn = 0; turn < 8; turn++) {
      const change = randomChange(random, ops);
      if (change.at === undefined) continue;
      changed.preview({ ...change, tool: 'move', by: [1, 1] }); // as while it is dragged
      if (['move', 'remove'].includes(change.tool)) changed.add(change); else changed.amend(change);
      const step = steps[change.at];
      if (step && change.tool === 'move') step.points = step.points.map(([x, y, ...width]) => [x + change.by[0], y + change.by[1], ...width]);
      if (step?.color && change.tool === 'recolor') step.color = change.color;
      if (step?.size && change.tool === 'resize') step.size = change.size;
      if (step?.size && change.tool === 'soften') step.soft = change.soft;
      if (step && step.tool !== 'fill' && change.tool === 'fade') step.opacity = change.opacity;
      if (change.tool === 'remove') steps[change.at] = null;
      const plain = painting();
      for (const op of steps.filter(Boolean)) plain.add(op);
      assert.deepEqual(changed.sheet.canvas.drawn, plain.sheet.canvas.drawn, `seed ${seed}, turn ${turn}`);
      assert.deepEqual(changed.current(), plain.current());
      assert.equal(changed.untouched, plain.untouched);
    }
  }
});

test('after every change undone the painting is as it was', () => {
  const random = seeded(4);
  const painted = painting();
  for (let i = 0; i < 20; i++) painted.add(randomOp(random));
  const before = [...painted.sheet.canvas.drawn];
  const { ops } = painted.save();
  for (let i = 0; i < 10; i++) painted.add(randomChange(random, [...ops]));
  for (let i = 0; i < 10; i++) painted.undo();
  assert.deepEqual(painted.sheet.canvas.drawn, before);
});

test('colours tried one after the other are one change', () => {
  const painted = painting();
  painted.add({ tool: 'brush', color: '#111111', size: 9, points: [[50, 50]] });
  for (const color of ['#222222', '#333333', '#444444']) painted.amend({ tool: 'recolor', at: 0, color });
  assert.equal(painted.step(0).color, '#444444');
  painted.undo();
  assert.equal(painted.step(0).color, '#111111');
  assert.equal(painted.count, 1);
});
