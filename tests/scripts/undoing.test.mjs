// Settings that come with strokes, against a plain model: whatever is undone and redone, both belong together.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Page } from './page.mjs';
import { seeded } from './random.mjs';
import { onestroke } from '../../app/web/static/shared/bus.js';
import { createOperations } from '../../app/web/static/surface/operations.js';
import { bringing, redoStep, undoStep } from '../../app/web/static/surface/undoing.js';

let tasks = 0;
async function withTask(does) {
  const page = new Page();
  const task = onestroke.task(`undoing-${++tasks}`);
  task.on('write', () => task.written());
  task.settings = { seed: 2420, steps: 3, look: 'photo' };
  const operations = createOperations(() => {});
  const shown = []; // settings when the page was told of a change
  const changed = () => shown.push({ ...task.settings });
  try { await does({ task, operations, shown, changed }); } finally { page.close(); }
}

test('undo takes the settings back with the strokes, and redo brings both again', async () => {
  for (let seed = 0; seed < 20; seed++) await withTask(async ({ task, operations, shown, changed }) => {
    const random = seeded(seed);
    let states = [{ ...task.settings }]; // after each operation that is done
    let undone = [];
    for (let turn = 0; turn < 60; turn++) {
      const what = random.below(4);
      if (what < 2) {
        const settings = what ? { seed: random.below(3), steps: random.below(3) } : undefined;
        operations.add(await bringing(task, { tool: 'group', ops: [] }, settings));
        states = [...states, { ...states.at(-1), ...settings }];
        undone = [];
      } else if (what === 2) {
        await undoStep({ task, operations, changed });
        if (states.length > 1) { undone = [...undone, states.at(-1)]; states = states.slice(0, -1); assert.deepEqual(shown.at(-1), states.at(-1)); }
      } else {
        await redoStep({ task, operations, changed });
        if (undone.length) { states = [...states, undone.at(-1)]; undone = undone.slice(0, -1); assert.deepEqual(shown.at(-1), states.at(-1)); }
      }
      assert.deepEqual(task.settings, states.at(-1), `seed ${seed}, turn ${turn}`);
    }
  });
});

test('what a person set since then stays, where it did not come with the strokes', () => withTask(async ({ task, operations, changed }) => {
  operations.add(await bringing(task, { tool: 'group', ops: [] }, { seed: 2417, steps: 3 }));
  task.set('steps', 1);
  await undoStep({ task, operations, changed });
  assert.deepEqual(task.settings, { seed: 2420, steps: 1, look: 'photo' });
}));

test('nothing to undo changes nothing', () => withTask(async ({ task, operations, shown, changed }) => {
  await undoStep({ task, operations, changed });
  await redoStep({ task, operations, changed });
  assert.deepEqual(shown, []);
}));
