// What outlives a reload: entries of the history, against a plain model, and what the tab's own storage holds.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Page } from './page.mjs';
import { seeded } from './random.mjs';
import { createEntries } from '../../app/web/static/result/entries.js';
import { createRemoval } from '../../app/web/static/result/removal.js';
import { createKeeper, readStore, writeStore } from '../../app/web/static/shared/store.js';

// Keys and values in order, as many characters as there is room for.
function storage(room = Infinity) {
  const kept = {};
  const size = () => Object.entries(kept).reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  const hidden = {
    getItem: (key) => kept[key] ?? null,
    removeItem(key) { delete kept[key]; },
    setItem(key, value) {
      const old = kept[key];
      kept[key] = value;
      if (size() <= room) return;
      if (old === undefined) delete kept[key]; else kept[key] = old;
      throw new Error('full');
    },
  };
  globalThis.sessionStorage = new Proxy(kept, { get: (_, name) => hidden[name] });
  return kept;
}
// A browser's database: entries by their id, as they were when they were put.
function database() {
  const kept = new Map();
  return {
    kept,
    load: async () => [...kept.values()].map((entry) => structuredClone(entry)),
    async put(entry) { kept.set(entry.id, structuredClone(entry)); },
    async drop({ id }) { kept.delete(id); },
  };
}
const denied = { load: async () => { throw new Error('denied'); }, put: async () => { throw new Error('denied'); }, drop: async () => { throw new Error('denied'); } };
const picture = (number, length = 40) => ({ src: `${number}:`.padEnd(length, 'x'), seed: number, ops: [{ tool: 'fill', point: [number, 0] }], settings: { steps: 3, seed: -1 } });
const sources = (entries) => entries.all.map(({ src }) => src);
const HISTORY_MAX = 50;

test('any order of keeping, favouring, removing, putting back and reloading', async () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = seeded(seed);
    const store = database();
    let entries = createEntries(store);
    await entries.ready;
    let removal = createRemoval({ entries, show() {} });
    let model = [];      // of { src, favourite, made }
    let removed = [];
    const bound = () => {
      const plain = model.filter(({ favourite }) => !favourite).slice(HISTORY_MAX);
      model = model.filter((one) => !plain.includes(one));
    };
    for (let turn = 0; turn < 300; turn++) {
      const what = random.below(10);
      if (what < 5) {
        const one = picture(random.below(200));
        const entry = entries.add(one);
        assert.deepEqual([entry.src, entry.seed, entry.settings, entry.ops], [one.src, one.seed, { steps: 3, seed: one.seed }, one.ops]);
        if (!model.some(({ src }) => src === one.src)) { model = [{ src: one.src, favourite: false, made: turn }, ...model]; bound(); }
      } else if (what < 7 && model.length) {
        const at = random.below(model.length);
        removal.remove(entries.all[at]);
        removed.push(model[at]);
        model = model.filter((_, i) => i !== at);
      } else if (what === 7) {
        removal.undo();
        const one = removed.pop();
        if (one && !model.some(({ src }) => src === one.src)) model = [...model, one].sort((a, b) => b.made - a.made);
      } else if (what === 8 && model.length) {
        const at = random.below(model.length);
        const on = !model[at].favourite;
        entries.setFavourite(entries.all[at], on);
        model[at].favourite = on;
        bound();
      } else {
        entries = createEntries(store);
        await entries.ready;
        removal = createRemoval({ entries, show() {} });
        removed = [];
      }
      assert.deepEqual(sources(entries), model.map(({ src }) => src));
      assert.deepEqual(entries.all.map(({ favourite = false }) => favourite), model.map(({ favourite }) => favourite));
      assert.equal(new Set(entries.all.map(({ id }) => id)).size, model.length);
    }
    assert.equal(store.kept.size, model.length);
  }
});

test('a picture and the grid that begins with it are two entries', () => {
  const entries = createEntries(database());
  const one = picture(1);
  const whole = entries.add({ ...one, pictures: [one, picture(2)] });
  assert.notEqual(entries.add(one), whole);
  assert.equal(entries.add({ ...one, pictures: [one, picture(2)] }), whole);
  assert.equal(entries.all.length, 2);
});

test('an entry does not change with what it was made of', () => {
  const one = picture(1);
  const entry = createEntries(database()).add(one);
  one.ops[0].point[0] = 99;
  assert.deepEqual(entry.ops, [{ tool: 'fill', point: [1, 0] }]);
});

test('Ctrl+Z means a removal until something else is done', () => {
  const entries = createEntries(database());
  const shown = [];
  const removal = createRemoval({ entries, show: (entry) => shown.push(entry?.seed ?? null) });
  for (let i = 0; i < 3; i++) entries.add(picture(i));
  assert.equal(removal.fresh, false);
  removal.remove(entries.all[1]);
  assert.deepEqual([removal.fresh, removal.count, shown.at(-1)], [true, 1, 0]);
  removal.settle();
  assert.deepEqual([removal.fresh, removal.count], [false, 1]);
  removal.undo();
  assert.deepEqual([removal.fresh, removal.count, shown.at(-1)], [false, 0, 1]);
  assert.deepEqual(entries.all.map(({ seed }) => seed).sort(), [0, 1, 2]);
});

test('where the browser keeps nothing, the history of this visit works and that is told', async () => {
  let lost = 0;
  const entries = createEntries(denied, () => { lost += 1; });
  await entries.ready;
  assert.equal(lost, 1);
  for (let i = 0; i < 60; i++) entries.add(picture(i));
  entries.remove(entries.all[0]);
  assert.deepEqual(sources(entries), Array.from({ length: 49 }, (_, i) => picture(58 - i).src));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(lost, 61);
});

test('what is made before the kept ones are here comes before them', async () => {
  const store = database();
  await store.put({ ...picture(1), id: '000000000000001' });
  const entries = createEntries(store);
  entries.add(picture(2));
  await entries.ready;
  assert.deepEqual(entries.all.map(({ seed }) => seed), [2, 1]);
});

test('a full or denied storage of the tab keeps what it has', () => {
  storage(100);
  assert.equal(writeStore('paint', 'y'.repeat(50)), true);
  assert.equal(writeStore('paint', 'z'.repeat(200)), false);
  assert.equal(readStore('paint', null), 'y'.repeat(50));
  Object.defineProperty(globalThis, 'sessionStorage', { configurable: true, get() { throw new Error('denied'); } });
  try {
    assert.equal(writeStore('paint', {}), false);
    assert.deepEqual(readStore('paint', { fresh: true }), { fresh: true });
  } finally { Object.defineProperty(globalThis, 'sessionStorage', { configurable: true, writable: true, value: undefined }); }
});

test('what cannot be read is as if it had never been there', () => {
  const kept = storage();
  kept['onestroke.paint'] = '{';
  assert.deepEqual(readStore('paint', { fresh: true }), { fresh: true });
});

test('changes in one breath are written once, and at once when the page goes', async () => {
  const page = new Page();
  try {
    storage();
    let [value, asked] = [0, 0];
    const { keep, keepNow } = createKeeper('paint', () => { asked += 1; return { value }; });
    for (value = 1; value < 5; value++) { keep(); await page.pass(249); }
    assert.equal(asked, 0);
    await page.pass(1);
    assert.deepEqual([asked, readStore('paint', null)], [1, { value: 5 }]);
    keep();
    value = 9;
    keepNow();
    await page.pass(1000);
    assert.deepEqual([asked, readStore('paint', null)], [2, { value: 9 }]);
  } finally { page.close(); }
});
