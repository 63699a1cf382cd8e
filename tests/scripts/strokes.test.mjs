// The list of operations against a plain model, and its bitmap against one that is drawn afresh.
import assert from 'node:assert/strict';
import test from 'node:test';
import { fakeCanvas } from './canvas.mjs';
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
  const paper = () => ({ tool: 'paper', paper: [random.of(['#aaaaaa', '#bbbbbb']), '#cccccc', random.below(256)] });
  const kind = random.below(12);
  if (kind === 0) return paper();
  if (kind === 1) return { tool: 'group', ops: [paper(), stroke(), stroke()] };
  return stroke();
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
        if (what < 3) { const op = randomOp(random); painted.add(op); ops = [...ops, op]; undone = []; }
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
    const papers = all.map((op, i) => (op.tool === 'paper' ? i : -1)).filter((i) => i >= 0);
    assert.deepEqual(painted.current(), all.slice(papers.at(-1) ?? 0));
    assert.equal(painted.untouched, !all.length || papers.at(-1) === all.length - 1);
  }
});

test('strokes that were drawn under the pen are not drawn again', () => {
  const painted = painting();
  const before = [...painted.sheet.canvas.drawn];
  painted.add({ tool: 'brush', color: '#111111', size: 3, points: [[1, 2]] }, { drawn: true });
  assert.deepEqual(painted.sheet.canvas.drawn, before);
  painted.undo();
  painted.redo();
  assert.equal(painted.sheet.canvas.drawn.length, before.length + 1);
});
