// What outlives a reload: entries of the history in a storage that is soon full, against a plain model.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Page } from './page.mjs';
import { seeded } from './random.mjs';
import { createEntries } from '../../app/web/static/result/entries.js';
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
const picture = (number, length = 40) => ({ src: `${number}:`.padEnd(length, 'x'), seed: number, ops: [{ tool: 'fill', point: [number, 0] }], settings: { steps: 3, seed: -1 } });
const sources = (entries) => entries.all.map(({ src }) => src);

test('any order of keeping, removing and reloading', () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = seeded(seed);
    storage();
    let entries = createEntries('paint');
    let model = [];
    for (let turn = 0; turn < 200; turn++) {
      const what = random.below(6);
      if (what < 3) {
        const one = picture(random.below(90));
        const entry = entries.add(one);
        assert.deepEqual([entry.src, entry.seed, entry.settings, entry.ops], [one.src, one.seed, { steps: 3, seed: one.seed }, one.ops]);
        if (!model.includes(one.src)) model = [one.src, ...model].slice(0, 50);
      } else if (what < 5 && model.length) {
        const at = random.below(model.length);
        const next = entries.remove(entries.all[at]);
        model = model.filter((_, i) => i !== at);
        assert.equal(next?.src ?? null, model[Math.min(at, model.length - 1)] ?? null);
      } else entries = createEntries('paint');
      assert.deepEqual(sources(entries), model);
      assert.equal(new Set(entries.all.map(({ id }) => id)).size, model.length);
    }
    assert.equal(Object.keys(globalThis.sessionStorage).filter((key) => key.includes('.entry.')).length, model.length);
  }
});

test('an entry does not change with what it was made of', () => {
  storage();
  const one = picture(1);
  const entry = createEntries('paint').add(one);
  one.ops[0].point[0] = 99;
  assert.deepEqual(entry.ops, [{ tool: 'fill', point: [1, 0] }]);
});

test('a full storage keeps the newest entries, and strokes before any of them', () => {
  const kept = storage(6000);
  const entries = createEntries('paint');
  const clock = Date.now;
  try {
    for (let i = 0; i < 30; i++) { Date.now = () => 1e12 + i; entries.add(picture(i, 700)); }
  } finally { Date.now = clock; }
  const left = createEntries('paint');
  assert.deepEqual(sources(left), sources(entries).slice(0, left.all.length));
  assert.ok(left.all.length >= 3 && left.all.length < 8);
  assert.equal(writeStore('paint', 'y'.repeat(5000)), true);
  assert.equal(readStore('paint', null), 'y'.repeat(5000));
  assert.ok(Object.keys(kept).filter((key) => key.includes('.entry.')).length < left.all.length);
  assert.equal(writeStore('paint', 'z'.repeat(9000)), false);
  assert.equal(readStore('paint', null), 'y'.repeat(5000));
});

test('where the storage is denied, the history of this visit works and nothing is kept', () => {
  Object.defineProperty(globalThis, 'sessionStorage', { configurable: true, get() { throw new Error('denied'); } });
  try {
    const entries = createEntries('paint');
    for (let i = 0; i < 60; i++) entries.add(picture(i));
    entries.remove(entries.all[0]);
    assert.deepEqual(sources(entries), Array.from({ length: 49 }, (_, i) => picture(58 - i).src));
    assert.equal(writeStore('paint', {}), false);
    assert.deepEqual(readStore('paint', { fresh: true }), { fresh: true });
    assert.deepEqual(sources(createEntries('paint')), []);
  } finally { Object.defineProperty(globalThis, 'sessionStorage', { configurable: true, writable: true, value: undefined }); }
});

test('what cannot be read is as if it had never been there', () => {
  const kept = storage();
  kept['onestroke.paint'] = '{';
  assert.deepEqual(readStore('paint', { fresh: true }), { fresh: true });
  kept['onestroke.paint.entries'] = '["1","2"]';
  kept['onestroke.paint.entry.2'] = JSON.stringify({ id: '2', src: 'b' });
  assert.deepEqual(sources(createEntries('paint')), ['b']);
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
