// What a result carries, laid over the photo that it is itself.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Page } from './page.mjs';
import { seeded } from './random.mjs';
import { createRecordUse, marksOf, settingsOf } from '../../app/web/static/edit/userecord.js';
import { onestroke } from '../../app/web/static/shared/bus.js';

const ALL = { masks: true, colours: true, mayExtend: true };
const PHOTO = { width: 300, height: 200 };
const NAMES = ['seed', 'steps', 'look', 'grow', 'feather', 'factor', 'sigma', 'estimate'];
const known = { photo: PHOTO, names: NAMES, looks: ['day'], estimated: undefined };
const recordOf = (more = {}) => ({ mask: null, layer: null, input: null, square: null, extend: null, numbers: {}, settings: {}, ...more });

test('a square of the photo is one of the extended photo, moved by what was added', () => {
  const random = seeded(1);
  for (let round = 0; round < 200; round++) {
    const square = [random.below(99) - 50, random.below(99) - 50, 1 + random.below(99)];
    const extend = random.below(2) ? Array.from({ length: 4 }, () => random.below(40)) : null;
    const [op] = marksOf(recordOf({ square, extend }), ALL);
    const [left, top] = extend ?? [0, 0];
    assert.deepEqual(op, { tool: 'square', square: [square[0] + left, square[1] + top, square[2]] });
  }
});

test('what the tab has no tools for is left out', () => {
  const record = recordOf({ mask: 'data:m', layer: 'data:l', extend: [1, 2, 3, 4] });
  for (const masks of [true, false]) for (const colours of [true, false]) {
    const tools = marksOf(record, { masks, colours, mayExtend: false }).map(({ tool }) => tool);
    assert.deepEqual(tools, [...(masks ? ['picture'] : []), ...(colours ? ['ink'] : [])]);
  }
  assert.deepEqual(marksOf(record, ALL)[1].inset, [1, 2, 3, 4]);
  assert.deepEqual(marksOf(recordOf(), ALL), []);
});

test('edges in pixels of the square are edges in units of it', () => {
  assert.equal(settingsOf(recordOf({ numbers: { grow: 10 }, square: [0, 0, 64] }), known).grow, 40);
  assert.equal(settingsOf(recordOf({ numbers: { feather: 50 } }), known).feather, 64); // of the largest within the photo
  assert.deepEqual(settingsOf(recordOf({ mask: 'data:m', numbers: { grow: 10, feather: 25 } }), known), { grow: 0, feather: 32 }); // grown already
});

test('only settings that there are here are used', () => {
  const settings = { seed: 5, steps: undefined, look: 'night' };
  assert.deepEqual(settingsOf(recordOf({ settings, numbers: { factor: 4, frames: 9 } }), known), { seed: 5, factor: 4 });
  assert.deepEqual(settingsOf(recordOf({ settings: { look: 'day' } }), known), { look: 'day' });
  const found = settingsOf(recordOf({ numbers: { sigma: 0.25 } }), { ...known, estimated: 'sigma' });
  assert.deepEqual(found, { sigma: 0.25, estimate: false });
});

async function used(record, { partOnly = false, unreadable = false } = {}) {
  const page = new Page();
  const task = onestroke.task(`record-${Math.random()}`);
  const seen = [];
  task.on('write', () => { seen.push(['write', task.wanted]); task.written(); });
  task.on('notice', ({ head }) => seen.push(['notice', head]));
  const marks = { photo: PHOTO, async prepare() { if (unreadable) throw new Error('no picture'); } };
  const use = createRecordUse({
    task, props: { settings: { seed: 1 }, looks: [] }, can: ALL, kind: { estimates: null }, marks, partOnly: () => partOnly,
    open: async () => null, did: (op) => seen.push(['did', op]), changed: () => seen.push(['changed']),
  });
  try { await use(record); } finally { page.close(); }
  return seen;
}

test('settings are written before the marks are one entry for undo', async () => {
  const seen = await used(recordOf({ mask: 'data:m', settings: { seed: 8 } }));
  assert.deepEqual(seen, [['write', { seed: 8 }], ['did', { tool: 'group', name: 'record', ops: [{ tool: 'picture', src: 'data:m' }] }]]);
  assert.deepEqual((await used(recordOf({ settings: { seed: 8 } }))).at(-1), ['changed']);
});

test('a record of the whole photo takes a placed square away', async () => {
  const [did] = await used(recordOf(), { partOnly: true });
  assert.deepEqual(did[1].ops, [{ tool: 'square', square: [0, -50, 300] }]);
});

test('marks that cannot be read change nothing', async () => {
  assert.deepEqual(await used(recordOf({ mask: 'data:m', settings: { seed: 8 } }), { unreadable: true }), [['notice', 'This file is not a picture']]);
});
