// Pictures beside what they were made of, once the page has gone on: variations, and the two ends of a way.
import assert from 'node:assert/strict';
import test from 'node:test';
import './page.mjs';
import { seeded } from './random.mjs';
import { seedWords } from '../../app/web/static/edit/ends.js';
import { PAPER } from '../../app/web/static/surface/draw.js';
import { createFour, differs } from '../../app/web/static/result/variations.js';

const stroke = (color) => ({ tool: 'brush', color, size: 9, points: [[1, 2]] });

test('variations are of something earlier once strokes or settings are others, but for the seed', () => {
  const painting = { ops: [stroke('#111111')], current() { return this.ops; } };
  const task = { painting, settings: { seed: 5, steps: 3, look: 'photo' } };
  const made = { ops: structuredClone(painting.ops), settings: { ...task.settings } };
  assert.equal(differs(made, task), '');
  task.settings.seed = 6;
  assert.equal(differs(made, task), '');
  task.settings.steps = 2;
  assert.equal(differs(made, task), 'settings');
  painting.ops = [...painting.ops, stroke('#222222')];
  assert.equal(differs(made, task), 'ops');
  task.settings.steps = 3;
  painting.ops = [{ tool: 'paper', paper: [...PAPER] }, stroke('#111111')]; // as the history restores it
  assert.equal(differs(made, task), '');
  painting.ops = [{ tool: 'paper', paper: ['#000000', '#000000', 9] }, stroke('#111111')];
  assert.equal(differs(made, task), 'ops');
});

test('four stay until others come, each with what it was made of', () => {
  const random = seeded(31);
  const four = createFour();
  let asked = 0;
  let model = [];     // of each picture: the request that it was made in
  for (let turn = 0; turn < 200; turn++) {
    four.begin({ ops: [], settings: { request: ++asked } });
    assert.deepEqual(four.made.map(({ settings }) => settings.request), model);
    const come = random.below(5); // of four, before the server is gone
    for (let count = 1; count <= come; count++) {
      four.arrived(Array.from({ length: count }, (_, i) => ({ src: `${asked}.${i}`, seed: i })));
      model = [...Array(count).fill(asked), ...model.slice(count)];
      assert.deepEqual(four.made.map(({ settings }) => settings.request), model);
      assert.deepEqual(four.made.slice(0, count).map(({ src }) => src), Array.from({ length: count }, (_, i) => `${asked}.${i}`));
    }
  }
});

test('the seed beside a picture is its own', () => {
  assert.equal(seedWords(2417, null), 'Seed 2417');
  assert.equal(seedWords(2417, 2417), 'Seed 2417');
  assert.match(seedWords(99, 2417), /^Seed 2417\b.*\b99$/);
});
