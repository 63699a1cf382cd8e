// Several files, with a server and a clock that the test moves.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Page } from './page.mjs';
import { createBatch } from '../../app/web/static/edit/batch.js';
import { onestroke } from '../../app/web/static/shared/bus.js';

let tasks = 0;
async function withBatch(does, { broken = [], short = [], misfit = () => null, marked = () => ({ mask: null, image: null }) } = {}) {
  const page = new Page();
  const task = onestroke.task(`batch-${++tasks}`);
  task.settings = { steps: 4 };
  const seen = { notices: [], posts: [], cancelled: [], kept: [], opened: 0 };
  task.on('notice', (notice) => seen.notices.push(notice));
  task.on('keep', (picture) => seen.kept.push(picture));
  const library = {
    async open({ name }) {
      seen.opened += 1;
      await seen.opening?.(name);
      if (broken.includes(name)) throw { error: 'This file is not a picture' };
      return { id: `id of ${name}`, name, ...(short.includes(name) ? { note: 'Its rest is missing.' } : {}) };
    },
  };
  const batch = createBatch({
    task, library, visitor: 'v', marked, misfit, ops: ({ name }) => [{ tool: 'photo', key: name }],
    post: (value) => seen.posts.push(value), cancel: (message) => seen.cancelled.push(message),
  });
  const on = {
    page, task, batch, seen,
    run: (...names) => batch.run(names.map((name) => ({ name }))),
    answer: (how) => batch.heard({ kind: 'batch', seq: seen.posts.at(-1).seq, ...how }),
    get said() { return seen.notices.at(-1); },
    get choices() { return (seen.notices.at(-1).choices ?? []).map(([label]) => label); },
  };
  try { await does(on); } finally { page.close(); }
}
const picture = (index) => ({ index, src: `picture ${index}` });

test('files go to the server one by one, then as one request with the settings of that moment', () => withBatch(async (on) => {
  const running = on.run('a', 'b');
  on.task.settings.steps = 9;
  await running;
  assert.deepEqual(on.seen.posts.map(({ photos, names, settings }) => [photos, names, settings]), [[['id of a', 'id of b'], ['a', 'b'], { steps: 4 }]]);
  assert.deepEqual(on.choices, ['Stop']);
}));

test('every picture is kept once, with the photo that it came from', () => withBatch(async (on) => {
  await on.run('a', 'b', 'c');
  on.answer({ state: 'step', pictures: [picture(1)], first: 1, file: 2, files: 3, step: 0, steps: 4 });
  assert.deepEqual([on.said.head, on.said.text], ['Pictures 1 to 2 of 3', 'Step 1 of 4. 1 of 3 are ready.']);
  on.answer({ state: 'step', pictures: [picture(1), picture(0)], first: 3, file: 3, files: 3, step: 2, steps: 4 });
  assert.deepEqual([on.said.head, on.said.text], ['Picture 3 of 3', 'Step 2 of 4. 2 of 3 are ready.']);
  on.answer({ state: 'done', pictures: [picture(2)], final: { files: 3, result: 'r', name: 'all.zip' } });
  assert.deepEqual(on.seen.kept.map(({ index, ops, settings }) => [index, ops[0].key, settings.steps]), [[1, 'b', 4], [0, 'a', 4], [2, 'c', 4]]);
  assert.deepEqual([on.said.head, on.choices, on.said.alert], ['3 of 3 pictures are ready', ['Download zip'], false]);
  on.answer({ state: 'done', pictures: [picture(2)] });
  assert.equal(on.seen.kept.length, 3);
}));

test('files that are no pictures are told, and the others made', () => withBatch(async (on) => {
  await on.run('a', 'b', 'c');
  assert.deepEqual(on.seen.posts[0].names, ['a']);
  on.answer({ state: 'done', pictures: [picture(0)], final: { files: 1, result: 'r', name: 'all.zip' } });
  assert.equal(on.said.head, '1 of 3 pictures are ready');
  assert.equal(on.said.text, 'They are in the history too. 2 could not be made. b and 1 more: This file is not a picture.');
}, { broken: ['b', 'c'] }));

test('files that do not fit what is marked are named before anything is made', () => withBatch(async (on) => {
  await on.run('a', 'b', 'c', 'd');
  assert.deepEqual(on.seen.posts[0].names, ['a', 'c']);
  assert.deepEqual([on.said.head, on.said.text], ['2 of 4 pictures are at the server', '2 left out. d: This file is not a picture. b: It is wider.']);
  on.answer({ state: 'done', pictures: [0, 1].map(picture), final: { files: 2, result: 'r', name: 'all.zip' } });
  assert.deepEqual(on.seen.kept.map(({ ops }) => ops[0].key), ['a', 'c']);
  assert.ok(on.said.text.includes('2 could not be made. d:'));
}, { broken: ['d'], misfit: ({ name }) => (name === 'b' ? 'It is wider' : null) }));

test('it is told how long it takes: first as the server expects, then as it has gone', () => withBatch(async (on) => {
  await on.run('a', 'b', 'c', 'd');
  const step = { state: 'step', first: 1, file: 2, files: 4, step: 1, steps: 4 };
  on.answer({ ...step, pictures: [], left: 10 });
  assert.equal(on.said.text, 'Step 1 of 4. 0 of 4 are ready. About 20 s left.');
  await on.page.pass(30000);
  on.answer({ ...step, pictures: [picture(0)] });
  assert.equal(on.said.text, 'Step 1 of 4. 1 of 4 are ready. About 2 min left.');
  await on.page.pass(1000);
  on.answer({ ...step, pictures: [1, 2, 3].map(picture) });
  assert.equal(on.said.text, 'Step 1 of 4. 4 of 4 are ready.');
}));

test('files that are cut short are made, and told at the end', () => withBatch(async (on) => {
  await on.run('a', 'b', 'c');
  on.answer({ state: 'done', pictures: [0, 1, 2].map(picture), final: { files: 3, result: 'r', name: 'all.zip' } });
  assert.equal(on.said.head, '3 of 3 pictures are ready');
  assert.equal(on.said.text, 'They are in the history too. a and 1 more: Its rest is missing.');
}, { short: ['a', 'c'] }));

test('without a single picture nothing is asked for', () => withBatch(async (on) => {
  await on.run('b');
  assert.deepEqual([on.seen.posts, on.said.head, on.said.alert, on.batch.state().running], [[], 'No picture was made', true, false]);
}, { broken: ['b'] }));

test('what cannot begin says why', async () => {
  await withBatch(async (on) => {
    await on.run(...Array.from({ length: 33 }, (_, i) => String(i)));
    assert.deepEqual([on.said.head, on.said.text, on.seen.opened, on.choices], ['Up to 32 files at once', 'These are 33.', 0, []]);
    await on.run('a');
    await on.run('b');
    assert.deepEqual([on.said.head, on.seen.opened, on.choices], ['A batch is under way', 1, ['Stop']]);
  });
  const marked = () => { throw { error: 'Mark one photo first', hint: 'So.' }; };
  await withBatch(async (on) => { await on.run('a'); assert.deepEqual([on.said.head, on.seen.opened], ['Mark one photo first', 0]); }, { marked });
});

test('Stop while files are sent lets nothing follow, later it cancels', () => withBatch(async (on) => {
  on.seen.opening = async (name) => { if (name === 'b') on.batch.stop(); };
  await on.run('a', 'b', 'c');
  assert.deepEqual([on.seen.posts, on.seen.opened, on.said.head], [[], 2, 'Stopped']);
  on.seen.opening = null;
  await on.run('a');
  on.batch.stop();
  const { visitor, seq, kind, task } = on.seen.posts[0]; // by these the server knows whom a word is about
  assert.deepEqual(on.seen.cancelled, [{ visitor, seq, kind, task }]);
  on.answer({ state: 'stopped', pictures: [picture(0)], final: { files: 1, result: 'r', name: 'all.zip' } });
  assert.deepEqual([on.said.text, on.seen.kept.length, on.batch.state().running], ['They are in the history too. You stopped it.', 1, false]);
}));

test('a server that is gone ends it, once', () => withBatch(async (on) => {
  await on.run('a');
  await on.page.pass(60000);
  assert.equal(on.batch.state().running, true);
  on.page.online = false;
  await on.page.pass(2000);
  assert.deepEqual([on.said.head, on.batch.state().running, on.choices], ['The page lost its server', false, []]);
  const said = on.seen.notices.length;
  await on.page.pass(60000);
  on.batch.broke();
  on.answer({ state: 'step', pictures: [picture(0)] });
  assert.deepEqual([on.seen.notices.length, on.seen.kept.length], [said, 0]);
}));
