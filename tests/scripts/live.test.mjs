// The loop of a painting with a clock and a server that the test moves.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Page } from './page.mjs';
import { seeded } from './random.mjs';
import { createPaintLoop } from '../../app/web/static/paint/paintloop.js';
import { onestroke } from '../../app/web/static/shared/bus.js';
import { WORDS } from '../../app/web/static/shared/words.js';

let tasks = 0;
async function withLoop(does, { steps = 3, live = true, most = 18 } = {}) {
  const page = new Page();
  const task = onestroke.task(`live-${++tasks}`);
  task.settings = { steps };
  const seen = { posts: [], states: [], cancelled: [], newest: [], varying: [], settled: 0 };
  const painting = { picture: 0, untouched: false, image() { return `picture ${this.picture}`; } };
  task.on('state', (state) => seen.states.push(state));
  task.on('varying', (answer) => seen.varying.push(answer));
  task.on('settled', () => { seen.settled += 1; });
  task.on('recall', () => task.heard({}));
  const loop = createPaintLoop({
    task, painting, live, most, visitor: 'v',
    tell: {
      post: (value) => seen.posts.push({ at: page.now, ...value }),
      newest: (message) => seen.newest.push(message),
      cancel: (message) => seen.cancelled.push(message),
      queuePosition: async () => seen.position ?? 0,
    },
  });
  const on = {
    page, task, painting, loop, seen,
    paint() { painting.picture += 1; loop.changed(); },
    answer(post, how = {}) { loop.answered({ kind: post.kind, seq: post.seq, state: 'done', ...how }); },
    get last() { return seen.posts.at(-1); },
    get state() { return seen.states.at(-1).name; },
  };
  try { await does(on); } finally { page.close(); }
}

test('one request in flight, and the newest painting is the next', () => withLoop(async (on) => {
  for (let i = 0; i < 5; i++) on.paint();
  assert.deepEqual(on.seen.posts.map(({ kind, image }) => [kind, image]), [['live', 'picture 1']]);
  on.answer(on.last);
  assert.equal(on.last.image, 'picture 5');
  on.answer(on.last);
  assert.equal(on.seen.posts.length, 2);
}));

test('a request is one value with all that is asked', () => withLoop(async (on) => {
  on.task.settings = { steps: 3, seed: 7, look: 'photo' };
  on.paint();
  const { at, ...value } = on.last;
  assert.deepEqual(value, { seq: 1, visitor: 'v', task: on.task.name, kind: 'live', image: 'picture 1', settings: { steps: 3, seed: 7, look: 'photo' } });
  on.task.settings.seed = 8;
  assert.equal(on.last.settings.seed, 7);
}));

test('variations that have to wait say so, and a lost server is said over them, too', () => withLoop(async (on) => {
  on.paint();
  on.loop.vary();
  assert.deepEqual(on.seen.varying, [{ state: 'later' }]);
  on.answer(on.last);
  await on.page.pass(600);
  on.answer(on.last);
  assert.deepEqual([on.last.kind, on.state], ['variations', 'refined']);
  on.page.online = false;
  await on.page.pass(2000);
  assert.deepEqual([on.seen.varying.at(-1), on.seen.states.at(-1)], [{ error: WORDS.gone.error }, { name: 'error', ...WORDS.gone }]);
}));

test('a rest of 600 ms after the last change refines once', () => withLoop(async (on) => {
  on.paint();
  await on.page.pass(100);
  on.answer(on.last);
  await on.page.pass(499);
  assert.equal(on.seen.posts.length, 1);
  await on.page.pass(1);
  assert.deepEqual([on.last.kind, on.seen.posts.length], ['refine', 2]);
  for (let step = 1; step <= 3; step++) { on.answer(on.last, { state: 'step', step }); assert.deepEqual([on.state, on.seen.states.at(-1).step], ['thinking', step]); }
  on.answer(on.last);
  assert.deepEqual([on.state, on.seen.settled], ['refined', 1]);
  await on.page.pass(60000);
  assert.equal(on.seen.posts.length, 2);
}));

test('one step alone is settled without a refinement', () => withLoop(async (on) => {
  on.paint();
  on.answer(on.last);
  await on.page.pass(60000);
  assert.deepEqual([on.seen.posts.length, on.seen.settled], [1, 1]);
}, { steps: 1 }));

test('while the pen is down nothing is refined', () => withLoop(async (on) => {
  on.task.emit('drawing', true);
  on.paint();
  on.answer(on.last);
  await on.page.pass(5000);
  assert.equal(on.seen.posts.length, 1);
}));

test('an answer to what is old changes nothing', () => withLoop(async (on) => {
  on.paint();
  on.answer(on.last);
  await on.page.pass(600);
  const old = on.last;
  on.paint();
  const states = on.seen.states.length;
  assert.equal(on.loop.current(old), false);
  on.answer(old, { state: 'step', step: 2 });
  on.answer({ kind: 'live', seq: on.last.seq + 1 });
  assert.equal(on.seen.states.length, states);
  assert.ok(on.last.seq > old.seq);
}));

test('no answer for 20 seconds is said', () => withLoop(async (on) => {
  on.paint();
  await on.page.pass(19999);
  assert.notEqual(on.state, 'error');
  await on.page.pass(1);
  assert.deepEqual(on.seen.states.at(-1), { name: 'error', ...WORDS.late });
  on.paint();
  assert.equal(on.last.image, 'picture 2');
}));

test('a place in the line keeps the request alive', () => withLoop(async (on) => {
  on.seen.position = 4;
  on.paint();
  await on.page.pass(60000);
  assert.deepEqual([on.state, on.seen.states.at(-1).queue_position, on.seen.posts.length], ['queue', 4, 1]);
}));

test('without its server the page waits, and sends the newest when it is back', () => withLoop(async (on) => {
  on.paint();
  on.page.online = false;
  await on.page.pass(3000);
  assert.deepEqual(on.seen.states.at(-1), { name: 'error', ...WORDS.gone });
  on.painting.picture = 7;
  await on.page.pass(30000);
  assert.equal(on.seen.posts.length, 1);
  on.page.online = true;
  await on.page.pass(2000);
  assert.deepEqual([on.seen.posts.length, on.last.image], [2, 'picture 7']);
}));

test('Stop cancels and lets nothing follow', () => withLoop(async (on) => {
  on.paint();
  on.answer(on.last);
  await on.page.pass(600);
  on.answer(on.last, { state: 'step', step: 2 });
  on.loop.stop();
  assert.deepEqual(on.seen.cancelled.map(({ seq }) => seq), [on.last.seq]);
  assert.deepEqual(on.seen.states.at(-1), { name: 'cancelled', step: 2, steps: 3 });
  on.answer(on.last);
  await on.page.pass(60000);
  assert.deepEqual([on.state, on.seen.posts.length], ['cancelled', 2]);
}));

test('a busy model is asked again after 400 ms, a loading one after 1000 ms', () => withLoop(async (on) => {
  on.paint();
  for (const [state, ms] of [['busy', 400], ['queue', 1000]]) {
    const before = on.seen.posts.length;
    on.answer(on.last, { state });
    await on.page.pass(ms - 1);
    assert.equal(on.seen.posts.length, before);
    await on.page.pass(1);
    assert.equal(on.seen.posts.length, before + 1);
  }
}));

test('that the model loads is said until there is a picture', () => withLoop(async (on) => {
  on.paint();
  on.answer(on.last, { state: 'queue', queue_position: 0 });
  assert.equal(on.state, 'loading');
  const said = on.seen.states.length;
  for (let second = 0; second < 5; second++) {
    if (second % 2) on.paint();
    await on.page.pass(1100);
    on.answer(on.last, { state: 'queue', queue_position: 0 });
  }
  assert.deepEqual(new Set(on.seen.states.slice(said).map(({ name }) => name)), new Set(['loading']));
  await on.page.pass(1000);
  on.answer(on.last);
  assert.equal(on.state, 'painting');
}));

test('new paper ends variations that were to come', () => withLoop(async (on) => {
  on.paint();
  on.answer(on.last);
  await on.page.pass(600);
  on.answer(on.last);
  on.loop.vary();
  assert.deepEqual([on.last.kind, on.seen.varying.at(-1)], ['variations', { step: 0, steps: 3 }]);
  on.painting.untouched = true;
  on.loop.changed();
  assert.deepEqual([on.state, on.seen.varying.at(-1)], ['idle', { state: 'stopped' }]);
}));

test('variations wait for the refined picture and end with a change', () => withLoop(async (on) => {
  on.paint();
  on.loop.vary();
  on.answer(on.last);
  await on.page.pass(600);
  assert.equal(on.last.kind, 'refine');
  on.answer(on.last);
  const varied = on.last;
  assert.equal(varied.kind, 'variations');
  on.paint();
  assert.deepEqual(on.seen.cancelled.map(({ seq }) => seq), [varied.seq]);
  assert.equal(on.seen.varying.at(-1).state, 'later');
  on.answer(on.last);
  await on.page.pass(600);
  on.answer(on.last);
  assert.equal(on.last.kind, 'variations');
}));

test('where nothing is live a change only makes old what runs', () => withLoop(async (on) => {
  on.paint();
  assert.deepEqual([on.state, on.seen.posts.length], ['ready', 0]);
  on.loop.generate();
  assert.equal(on.last.kind, 'refine');
  on.paint();
  assert.deepEqual(on.seen.newest.map(({ seq }) => seq), [on.last.seq + 1]);
  assert.equal(on.loop.current(on.last), false);
}, { live: false }));

test('new paper is idle', () => withLoop(async (on) => {
  on.paint();
  on.painting.untouched = true;
  on.paint();
  await on.page.pass(60000);
  assert.deepEqual([on.state, on.seen.posts.length, on.loop.state().busy], ['idle', 1, false]);
}));

test('whatever happens: one request in flight, numbers grow, the newest painting gets its picture', async () => {
  for (let seed = 0; seed < 30; seed++) await withLoop(async (on) => {
    const random = seeded(seed);
    const check = (turn) => {
      const open = on.seen.posts.filter((post) => on.loop.current(post) && post.kind !== 'variations');
      assert.ok(open.length <= 1, `seed ${seed}, turn ${turn}: ${open.length} in flight`);
      const numbers = on.seen.posts.map(({ seq }) => seq);
      assert.deepEqual(numbers, [...new Set(numbers)].sort((a, b) => a - b));
    };
    for (let turn = 0; turn < 60; turn++) {
      const what = random.below(10);
      if (what < 3) on.paint();
      else if (what < 6 && on.last) on.answer(random.of(on.seen.posts.slice(-3)), random.of([{}, { state: 'step', step: 1 }, { state: 'busy' }, { state: 'queue', queue_position: 2 }, { state: 'error', error: 'No.' }]));
      else if (what === 6) on.loop.vary();
      else if (what === 7) on.loop.stop();
      else await on.page.pass(random.of([50, 300, 700, 3000]));
      check(turn);
    }
    on.paint();
    for (let turn = 0; turn < 8; turn++) {
      for (const post of on.seen.posts.slice(-2)) if (on.loop.current(post)) on.answer(post);
      await on.page.pass(700);
      check(turn);
    }
    assert.equal(on.state, 'refined');
    assert.equal(on.seen.posts.findLast(({ kind }) => kind === 'refine').image, `picture ${on.painting.picture}`);
  });
});

test('a slow model paints at the end of a stroke, with all steps, and the page waits longer for it', () => withLoop(async (on) => {
  const quick = onestroke.model;
  onestroke.setModel({ ...quick, seconds: 20 });
  try {
    on.task.emit('drawing', true);
    on.paint();
    on.paint();
    await on.page.pass(100);
    assert.deepEqual(on.seen.posts.map(({ kind, image }) => [kind, image]), [['refine', 'picture 2']]);
    await on.page.pass(100000);
    assert.equal(on.state, 'thinking');
    on.answer(on.last);
    assert.equal(on.state, 'refined');
  } finally { onestroke.setModel(quick); }
}));

test('a live picture in flight when a slow model comes is not waited for', () => withLoop(async (on) => {
  const quick = onestroke.model;
  on.paint();
  const [live] = on.seen.posts;
  onestroke.setModel({ ...quick, seconds: 20 });
  try {
    on.loop.changed();
    await on.page.pass(100);
    assert.deepEqual(on.seen.posts.map(({ kind }) => kind), ['live', 'refine']);
    on.answer(live);
    assert.equal(on.state, 'thinking');
    on.answer(on.last);
    assert.equal(on.state, 'refined');
  } finally { onestroke.setModel(quick); }
}));
