// What a result carries, laid over the photo that it is itself.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Page } from './page.mjs';
import { seeded } from './random.mjs';
import { asGrown, createGrownMask } from '../../app/web/static/edit/grownmask.js';
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
  task.settings = { grow: 3 };
  const marks = { photo: PHOTO, current: () => [], async prepare() { if (unreadable) throw new Error('no picture'); } };
  const use = createRecordUse({
    task, props: { settings: { seed: 1 }, looks: [] }, can: ALL, kind: { estimates: null }, marks, partOnly: () => partOnly,
    open: async () => null, did: (op) => seen.push(['did', op]), changed: () => seen.push(['changed']),
  });
  try { await use(record); } finally { page.close(); }
  return seen;
}

test('settings are written before the marks are one entry for undo', async () => {
  const seen = await used(recordOf({ mask: 'data:m', settings: { seed: 8 } }));
  assert.deepEqual(seen, [['write', { grow: 3, seed: 8 }], ['did', { tool: 'group', name: 'record', ops: [{ tool: 'picture', src: 'data:m', ownGrow: 3 }] }]]);
  assert.deepEqual((await used(recordOf({ settings: { seed: 8 } }))).at(-1), ['changed']);
});

test('a record of the whole photo takes a placed square away', async () => {
  const [did] = await used(recordOf(), { partOnly: true });
  assert.deepEqual(did[1].ops, [{ tool: 'square', square: [0, -50, 300] }]);
});

test('marks that cannot be read change nothing', async () => {
  assert.deepEqual(await used(recordOf({ mask: 'data:m', settings: { seed: 8 } }), { unreadable: true }), [['notice', 'This file is not a picture']]);
});

// What is set, change by change, while marks come and go.
function withGrownMask(settings) {
  const page = new Page();
  const task = onestroke.task(`grown-${Math.random()}`);
  task.settings = { ...settings };
  const marks = { ops: [], current() { return this.ops; } };
  const follow = createGrownMask({ task, marks });
  const photo = { tool: 'photo', key: 'a' };
  const use = (src) => { const mask = asGrown({ tool: 'picture', src }, { task, marks }); task.settings.grow = 0; return mask; };
  const after = (...ops) => { marks.ops = ops; follow(); return task.settings.grow; };
  after(photo);
  return { page, task, photo, use, after };
}

test('with a mask that has grown the edge is 0, and the person\'s own with every other one', () => {
  const { page, photo, use, after } = withGrownMask({ grow: 5 });
  try {
    const mask = use('data:m');
    const stroke = { tool: 'mask' };
    assert.equal(after(photo, mask), 0);
    assert.equal(after(photo, mask, stroke), 0);
    assert.equal(after({ ...photo, key: 'b' }), 5);            // another photo
    assert.equal(after(photo, mask), 0);                       // undone
    assert.equal(after(photo, mask, { tool: 'clear' }), 5);
    assert.equal(after(photo, mask), 0);
    assert.equal(after(photo), 5);
    assert.equal(after(photo, mask, { tool: 'picture', src: 'data:own' }), 5); // a mask from a file
  } finally { page.close(); }
});

test('what is set by hand beside a grown mask stays', () => {
  const { page, task, photo, use, after } = withGrownMask({ grow: 5 });
  try {
    after(photo, use('data:m'));
    task.settings.grow = 2;
    assert.equal(after({ ...photo, key: 'b' }), 2);
  } finally { page.close(); }
});

test('a second record over the mask of a first one does not take 0 for the person\'s own edge', () => {
  const { page, photo, use, after } = withGrownMask({ grow: 5 });
  try {
    const first = use('data:m');
    after(photo, first);
    assert.equal(after(photo, first, use('data:n')), 0);
    assert.equal(after({ ...photo, key: 'b' }), 5);
  } finally { page.close(); }
});

test('a reload between does not lose the person\'s own edge', () => {
  const earlier = withGrownMask({ grow: 5 });
  try {
    const mask = structuredClone(earlier.use('data:m'));
    const marks = { ops: [earlier.photo, mask], current() { return this.ops; } };
    const follow = createGrownMask({ task: earlier.task, marks });
    follow();
    assert.equal(earlier.task.settings.grow, 0);
    marks.ops = [{ ...earlier.photo, key: 'b' }];
    follow();
    assert.equal(earlier.task.settings.grow, 5);
  } finally { earlier.page.close(); }
});
