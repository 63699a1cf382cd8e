// The loop of an edit with a clock and a server that the test moves.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Page } from './page.mjs';
import { seeded } from './random.mjs';
import { createEditLoop } from '../../app/web/static/edit/editloop.js';
import { onestroke } from '../../app/web/static/shared/bus.js';
import { askLostAgain, noteLost } from '../../app/web/static/request/goingon.js';
import { WORDS } from '../../app/web/static/shared/words.js';

let tasks = 0;
async function withLoop(does, { auto = true, seed = 100 } = {}) {
  const page = new Page();
  const task = onestroke.task(`edit-${++tasks}`);
  task.settings = { steps: 5, seed };
  const seen = { posts: [], states: [], cancelled: [], newest: [], varying: [], refused: [], forgotten: 0 };
  const doc = { version: 0, untouched: false, wrong: null, problem() { return this.wrong; }, forget() { seen.forgotten += 1; }, async value() { return { photo: `version ${this.version}` }; } };
  task.on('state', (state) => seen.states.push(state));
  task.on('varying', (answer) => seen.varying.push(answer));
  const loop = createEditLoop({
    task, doc, visitor: 'v', auto: () => auto,
    post: (value) => seen.posts.push(value),
    newest: (message) => seen.newest.push(message),
    cancel: (message) => seen.cancelled.push(message),
    refused: (problem) => seen.refused.push(problem),
  });
  const on = {
    page, task, doc, loop, seen,
    change(how) { doc.version += 1; loop.changed(how); },
    answer(post, how = {}) { loop.answered({ seq: post.seq, state: 'done', src: 'data:,', ...how }); },
    get last() { return seen.posts.at(-1); },
    get state() { return seen.states.at(-1)?.name; },
  };
  try { await does(on); } finally { page.close(); }
}

test('changes in one breath are one request, of the newest', () => withLoop(async (on) => {
  for (let i = 0; i < 5; i++) { on.change(); await on.page.pass(59); }
  assert.equal(on.seen.posts.length, 0);
  await on.page.pass(1);
  assert.deepEqual(on.seen.posts.map(({ photo }) => photo), ['version 5']);
}));

test('a setting may still be turned', () => withLoop(async (on) => {
  on.change({ setting: true });
  await on.page.pass(299);
  assert.equal(on.seen.posts.length, 0);
  await on.page.pass(1);
  assert.equal(on.seen.posts.length, 1);
}));

test('by hand a change only makes old what runs', () => withLoop(async (on) => {
  on.change();
  await on.page.pass(5000);
  assert.deepEqual([on.state, on.seen.posts.length], ['ready', 0]);
  on.loop.generate();
  await on.page.pass(0);
  assert.equal(on.seen.posts.length, 1);
  on.change();
  assert.deepEqual([on.seen.newest.map(({ seq }) => seq), on.loop.current(on.last)], [[on.last.seq + 1], false]);
}, { auto: false }));

test('steps, then the result; an older answer changes nothing', () => withLoop(async (on) => {
  on.change();
  await on.page.pass(60);
  const old = on.last;
  on.change();
  await on.page.pass(60);
  assert.ok(on.last.seq > old.seq);
  on.answer(old);
  assert.equal(on.state, 'thinking');
  await on.page.pass(40);
  for (let step = 1; step <= 5; step++) { on.answer(on.last, { state: 'step', step, steps: 5 }); assert.deepEqual(on.seen.states.at(-1), { name: 'thinking', step, steps: 5, ms: 40 }); }
  on.answer(on.last, { step: 5 });
  assert.deepEqual([on.state, on.loop.state().busy], ['refined', false]);
}));

test('an answer after each step keeps the minute of patience', () => withLoop(async (on) => {
  on.change();
  await on.page.pass(60);
  for (let i = 0; i < 3; i++) { await on.page.pass(50000); on.answer(on.last, { state: 'step', step: i }); }
  await on.page.pass(59999);
  assert.equal(on.state, 'thinking');
  await on.page.pass(1);
  assert.deepEqual(on.seen.states.at(-1), { name: 'error', ...WORDS.late });
}));

test('what keeps a request from being sent is said', () => withLoop(async (on) => {
  on.doc.value = async () => { throw { error: 'This.', hint: 'That.' }; };
  on.change();
  await on.page.pass(60);
  assert.deepEqual(on.seen.states.at(-1), { name: 'error', error: 'This.', hint: 'That.' });
  on.doc.value = async () => { throw new Error('broken'); };
  on.change();
  await on.page.pass(60);
  assert.deepEqual(on.seen.states.at(-1), { name: 'error', ...WORDS.notSent });
  on.doc.wrong = WORDS.nothingKept;
  on.change();
  await on.page.pass(1000);
  assert.deepEqual([on.seen.refused, on.seen.posts.length], [[WORDS.nothingKept], 0]);
}));

test('what is old before it could be sent is not sent', () => withLoop(async (on) => {
  on.doc.value = () => { const photo = `version ${on.doc.version}`; return new Promise((resolve) => setTimeout(resolve, 5000, { photo })); };
  on.change();
  await on.page.pass(1000);
  on.change();
  await on.page.pass(10000);
  assert.deepEqual(on.seen.posts.map(({ photo }) => photo), ['version 2']);
}));

test('a photo that the server forgot is sent once more, not twice', () => withLoop(async (on) => {
  on.change();
  await on.page.pass(60);
  for (let i = 0; i < 2; i++) { on.answer(on.last, { state: 'error', error: 'Gone.', gone: true }); await on.page.pass(0); }
  assert.deepEqual([on.seen.forgotten, on.seen.posts.length, on.state], [1, 2, 'error']);
}));

test('without its server the page waits, and sends the newest when it is back', () => withLoop(async (on) => {
  on.change();
  await on.page.pass(60);
  on.page.online = false;
  await on.page.pass(2000);
  assert.deepEqual(on.seen.states.at(-1), { name: 'error', ...WORDS.gone });
  on.doc.version = 9;
  await on.page.pass(30000);
  assert.equal(on.seen.posts.length, 1);
  on.page.online = true;
  await on.page.pass(2060);
  assert.deepEqual(on.seen.posts.map(({ photo }) => photo), ['version 1', 'version 9']);
}));

test('what was asked for by hand when the server was lost is asked for again, and variations behind it', () => withLoop(async (on) => {
  on.loop.generate();
  await on.page.pass(0);
  on.page.online = false;
  await on.page.pass(2000);
  assert.deepEqual([on.state, on.seen.posts.length], ['error', 1]);
  on.page.online = true;
  await on.page.pass(2000);
  assert.deepEqual([on.state, on.seen.posts.length], ['thinking', 2]);
  on.answer(on.last);
  on.loop.vary();
  await on.page.pass(0);
  on.page.online = false;
  await on.page.pass(2000);
  on.page.online = true;
  await on.page.pass(2000);
  assert.deepEqual(on.seen.varying.at(-1), { state: 'later' });
  on.answer(on.last);
  await on.page.pass(0);
  assert.deepEqual([on.last.settings.seed, on.loop.state().varying], [101, true]);
}, { auto: false }));

test('a page that comes back without what was asked for asks again, once', () => {
  for (const varied of [null, { png: 'data:v' }]) {
    const [task, kept, asked] = [onestroke.task(`edit-${++tasks}`), [], []];
    Object.assign(task, { varied });
    const lost = noteLost({ task, keep: () => kept.push(lost.value()) });
    for (const state of [{ name: 'thinking' }, { name: 'error', error: 'No.' }, { name: 'error', ...WORDS.gone }]) task.emit('state', state);
    assert.deepEqual(kept, [{ varied: varied?.png ?? null }]);
    for (const name of ['generate', 'variations']) task.actions[name] = (...how) => asked.push([name, ...how]);
    askLostAgain(task, JSON.parse(JSON.stringify(lost.value())));
    assert.deepEqual(asked, [varied ? ['variations', varied] : ['generate']]);
    task.emit('state', { name: 'thinking' });
    askLostAgain(task, lost.value());
    assert.deepEqual([kept.at(-1), asked.length], [null, 1]);
  }
});

test('what an answer was asked with stays known, whatever is set meanwhile', () => withLoop(async (on) => {
  on.loop.generate();
  await on.page.pass(0);
  on.task.settings.seed = 99;
  assert.deepEqual(on.loop.asked(on.last).settings, { steps: 5, seed: 100 });
  assert.equal(on.loop.asked({ seq: on.last.seq + 1 }), null);
}, { auto: false }));

test('variations are the four seeds that follow, one after the other', () => withLoop(async (on) => {
  on.change();
  on.loop.vary();
  assert.deepEqual(on.seen.varying, [{ state: 'later' }]);
  await on.page.pass(60);
  on.answer(on.last);
  for (let i = 1; i <= 4; i++) {
    await on.page.pass(0);
    assert.equal(on.seen.posts.length, 1 + i);
    assert.equal(on.last.settings.seed, (2147483645 + i) % 2147483648);
    assert.equal(on.loop.current(on.last), false); // its picture is not the result
    on.answer(on.last);
    assert.deepEqual([on.seen.varying.at(-1).state, on.seen.varying.at(-1).pictures.length], [i < 4 ? 'step' : 'done', i]);
  }
  assert.deepEqual(on.seen.varying.at(-1).pictures.map(({ seed }) => seed), [2147483646, 2147483647, 0, 1]);
  assert.equal(on.loop.state().varying, false);
}, { seed: 2147483645 }));

test('a change ends the variations', () => withLoop(async (on) => {
  on.loop.vary();
  await on.page.pass(0);
  on.answer(on.last);
  await on.page.pass(0);
  on.change();
  assert.deepEqual([on.seen.varying.at(-1).state, on.loop.state().varying], ['stopped', false]);
  await on.page.pass(60);
  assert.deepEqual([on.seen.posts.length, on.last.settings.seed], [3, 100]);
}));

test('Stop cancels and lets nothing follow', () => withLoop(async (on) => {
  on.change();
  on.loop.vary();
  await on.page.pass(60);
  on.answer(on.last, { state: 'step', step: 2, steps: 5 });
  on.loop.stop();
  assert.deepEqual(on.seen.cancelled.map(({ seq }) => seq), [on.last.seq]);
  assert.deepEqual(on.seen.states.at(-1), { name: 'cancelled', step: 2, steps: 5 });
  on.answer(on.last);
  await on.page.pass(120000);
  assert.deepEqual([on.state, on.seen.posts.length], ['cancelled', 1]);
}));

test('the paper\'s schedule has its own number of steps', () => withLoop(async (on) => {
  assert.equal(on.loop.state().steps, 5);
  on.task.settings.schedule = 'paper';
  assert.equal(on.loop.state().steps, 40);
}));

test('whatever happens: numbers grow, one request counts, the newest version gets its result', async () => {
  for (let seed = 0; seed < 30; seed++) await withLoop(async (on) => {
    const random = seeded(seed);
    for (let turn = 0; turn < 60; turn++) {
      const what = random.below(10);
      if (what < 3) on.change(random.of([{}, { setting: true }]));
      else if (what < 6 && on.last) on.answer(random.of(on.seen.posts.slice(-3)), random.of([{}, { state: 'step', step: 1 }, { state: 'busy' }, { state: 'queue', queue_position: 2 }, { state: 'error', error: 'No.' }, { state: 'error', error: 'Gone.', gone: true }]));
      else if (what === 6) on.loop.vary();
      else if (what === 7) on.loop.stop();
      else await on.page.pass(random.of([20, 70, 400, 3000]));
      const current = on.seen.posts.filter((post) => on.loop.current(post));
      assert.ok(current.every((post) => post === on.last), `seed ${seed}, turn ${turn}`);
      const numbers = on.seen.posts.map((post) => post.seq);
      assert.deepEqual(numbers, [...new Set(numbers)].sort((a, b) => a - b));
    }
    on.change();
    await on.page.pass(300);
    assert.equal(on.last.photo, `version ${on.doc.version}`);
    on.answer(on.last);
    assert.equal(on.state, 'refined');
  });
});
