// The loop of an edit: one request at a time, answered after each evaluation; every change makes the running one old news.
// Variations are the same request with the seeds that follow, one after the other.
import { clamp } from '../shared/dom.js';
import { WORDS } from '../shared/words.js';

const EDIT_DEADLINE_MS = 60000;   // without a word from the server
const SETTLE_MS = 60;             // several changes in one breath are one request
const TURNING_MS = 300;           // a slider that is still being turned
const VARIATIONS = 4;
const PAPER_STEPS = 40;           // whatever the slider says

export function newVisitor() { return Array.from(crypto.getRandomValues(new Uint8Array(12)), (v) => v.toString(16).padStart(2, '0')).join(''); }

// doc: { untouched, value() } - what to send, or a throw with { error, hint }. auto(): whether a change asks by itself.
export function createEditLoop({ task, doc, visitor, post, newest, cancel, auto, refused }) {
  let seq = 0;
  let running = null;       // { seq, sentAt, step, steps, seed, vary }
  let varying = null;       // { left: seeds to come, pictures }
  let wantsVariations = false;
  let asked = 0;            // the timer of a request to come
  const timers = {};
  const say = (name, detail = {}) => task.emit('state', { name, ...detail }, { keep: true });
  const later = (key, ms, does) => { clearTimeout(timers[key]); timers[key] = setTimeout(does, ms); };
  const byPaper = () => task.settings.schedule === 'paper';
  const steps = () => (byPaper() ? PAPER_STEPS : clamp(Math.round(task.settings.steps) || 1, 1, 40));
  task.on('settings', () => { document.querySelector(`#${task.name}-settings`)?.classList.toggle('os-by-paper', byPaper()); });

  function drop() {
    clearTimeout(timers.deadline);
    clearTimeout(timers.doubt);
    clearTimeout(asked);
    asked = 0;
    const was = running;
    running = null;
    return was;
  }
  function changed({ setting = false } = {}) {
    const was = drop();
    if (varying) { varying = null; wantsVariations = false; task.emit('varying', { state: 'stopped' }); }
    if (doc.untouched) { if (was) newest({ visitor, seq: ++seq }); wantsVariations = false; say('idle'); return; }
    const problem = doc.problem?.();
    if (problem) { if (was) newest({ visitor, seq: ++seq }); refused(problem); return; }
    if (auto()) { asked = setTimeout(() => run(), setting ? TURNING_MS : SETTLE_MS); if (was) say('thinking', { step: 0, steps: steps() }); return; }
    if (was) newest({ visitor, seq: ++seq });
    say('ready');
  }
  function generate() { drop(); const problem = doc.untouched ? null : doc.problem?.(); if (problem) refused(problem); else if (!doc.untouched) run(); }

  async function run({ seed = task.settings.seed, vary = false } = {}) {
    asked = 0;
    seq += 1;
    const mine = { seq, sentAt: performance.now(), step: 0, steps: steps(), seed, vary };
    running = mine;
    if (vary) { if (!varying.pictures.length) task.emit('varying', { step: 0, steps: VARIATIONS }); }
    else say('thinking', { step: 0, steps: mine.steps });
    try {
      const value = await doc.value();
      if (running !== mine) return;
      deadline();
      doubt(mine);
      post({ ...value, seq: mine.seq, visitor, task: task.name, settings: { ...task.settings, seed } });
    } catch (problem) { if (running === mine) failed(problem?.error ? problem : WORDS.notSent); }
  }
  // A connection that is refused or cut does not reach Gradio's failure event.
  function doubt(mine) { later('doubt', 2000, async () => { if (running === mine) { if (await reachable()) doubt(mine); else broke(); } }); }
  function deadline() { later('deadline', EDIT_DEADLINE_MS, () => failed(WORDS.lateEdit)); }

  function failed({ error, hint }) {
    const was = drop();
    if (was?.vary) { varying = null; task.emit('varying', { error }); return; }
    say('error', { error, hint });
  }
  const reachable = () => fetch(location.pathname, { method: 'HEAD', cache: 'no-store' }).then(() => true, () => false);
  async function broke() {
    if (!running) return;
    if (await reachable()) { failed(WORDS.refused); return; }
    failed(WORDS.gone);
    (function probe() { later('probe', 2000, async () => ((await reachable()) ? changed() : probe())); })();
  }

  // The result shows the answer's picture first; an answer for a variation has no place there.
  const current = (answer) => Boolean(running && !running.vary && running.seq === answer?.seq);
  function answered(answer) {
    if (!running || running.seq !== answer?.seq) return;
    deadline();
    if (running.vary) { answeredVariation(answer); return; }
    if (answer.state === 'queue') { say(answer.place ? 'queue' : 'loading', { place: answer.place }); return; }
    running.step = answer.step ?? running.step;
    running.steps = answer.steps ?? running.steps;
    const at = { step: running.step, steps: running.steps, ms: performance.now() - running.sentAt };
    if (answer.state === 'step') { say('thinking', at); return; }
    if (answer.state === 'error') {
      if (answer.gone && !running.again && doc.forget) { doc.forget(); run().then(() => { if (running) running.again = true; }); return; }
      failed(answer);
      return;
    }
    drop();
    if (answer.state === 'busy') return;
    if (answer.state === 'stopped') { say('cancelled', at); return; }
    say('refined', at);
    task.emit('settled');
    if (wantsVariations) vary();
  }
  function answeredVariation(answer) {
    if (answer.state === 'queue' && answer.place) task.emit('varying', { state: 'queue', place: answer.place });
    if (answer.state === 'queue' || answer.state === 'step') return;
    const seed = running.seed;
    drop();
    if (answer.state === 'error') { varying = null; task.emit('varying', { error: answer.error }); return; }
    if (!varying || answer.state !== 'done') { varying = null; task.emit('varying', { state: 'stopped' }); return; }
    varying.pictures.push({ src: answer.src, png: answer.png, final: answer.final, seed });
    task.emit('varying', { state: varying.left.length ? 'step' : 'done', step: varying.pictures.length, steps: VARIATIONS, pictures: varying.pictures });
    nextVariation();
  }
  function nextVariation() {
    if (!varying?.left.length) { varying = null; return; }
    run({ seed: varying.left.shift(), vary: true });
  }
  function vary() {
    if (doc.untouched) return;
    if (running || asked) { wantsVariations = true; task.emit('varying', { state: 'later' }); return; }
    wantsVariations = false;
    const first = task.settings.seed;
    varying = { left: Array.from({ length: VARIATIONS }, (_, i) => (first + i + 1) % 2147483648), pictures: [] };
    nextVariation();
  }

  function stop() {
    wantsVariations = false;
    const was = drop();
    varying = null;
    if (!was) return;
    cancel({ visitor, seq: was.seq });
    if (was.vary) task.emit('varying', { state: 'stopped' });
    else say('cancelled', { step: was.step, steps: was.steps });
  }

  return {
    changed, generate, stop, broke, current, answered, vary, failed,
    again: generate,
    state: () => ({ seq, busy: Boolean(running), dirty: Boolean(asked), refining: Boolean(running), varying: Boolean(varying), step: running?.step ?? 0, steps: steps() }),
  };
}
