// From a change on the page to its picture: one request at a time, and the newest change wins. Every request is one value
// (app/web/values.py) with a number that grows; from the number the server knows which of them still count.
//
// Where live() says so, a change is sent at once or as soon as the live picture in flight has come, and refined in steps
// after a rest. Elsewhere a change is sent after a moment, if auto() says so, or else when somebody asks with generate().
import { onestroke } from '../shared/bus.js';
import { note } from '../shared/problems.js';
import { WORDS } from '../shared/words.js';
import { awaitServer, createTimers, reachable, watchServer } from './page.js';

const REST_MS = 600;         // from the last change to the refinement of its live picture
const PATIENCE_MS = 250;     // a live picture that takes longer shows that it is coming
const RETRY_MS = 400;
const LOADING_MS = 1000;     // between questions whether the model is there
const QUEUE_MS = 1000;       // between questions where a live picture waits
const SETTLE_MS = 60;        // several changes in one breath are one request
const TURNING_MS = 300;      // a slider that is still being turned

// doc: { untouched, current?(), problem?(), forget?() }. value(use, refuse): gives `use` what is on the page, now or when it has been sent.
// tell: { post(value), newest(message), cancel(message), queuePosition?(message) }, the words to the server.
// late: { ms, words } of an answer that does not come. variations: of request/variations.js. awake(): whether Gradio listens.
export function createLoop({ task, doc, visitor, value, tell, steps, late, variations, live = () => false, auto = () => false, refused, awake = async () => true }) {
  let seq = 0;
  let running = null;    // the request in flight: { seq, kind, sentAt, step, steps, seed, varies, asked }
  let dirty = false;     // live: changed since it was last sent
  let changedAt = 0;
  let drawing = false;
  let modelLoads = false; // said until there is a picture: the page asks again and again
  let wantsVariations = false;
  const timers = createTimers();
  task.on('drawing', (on) => { drawing = on; });

  const setState = (name, detail = {}) => task.emit('state', { name, ...detail }, { keep: true });
  const message = (number) => ({ visitor, seq: number, task: task.name });
  const isLive = () => running?.kind === 'live';

  // ---- requests ----
  function start(kind, { seed, again = false, varies = false } = {}) {
    timers.clear('rest', 'retry', 'send');
    seq += 1;
    running = { seq, kind, seed, again, varies, sentAt: performance.now(), step: 0, steps: steps(), asked: { settings: { ...task.settings }, ops: doc.current?.() } };
    return running;
  }
  function send(mine) {
    const settings = mine.seed === undefined ? { ...mine.asked.settings } : { ...mine.asked.settings, seed: mine.seed };
    const refuse = (problem) => { if (running === mine) failed(problem?.error ? problem : WORDS.notSent); };
    value((content) => {
      if (running !== mine) return;
      awaitAnswer();
      watchServer({ timers, waits: () => running, lost: broke });
      tell.post({ ...content, ...message(mine.seq), kind: mine.kind, settings });
    }, refuse);
  }
  function sendLive() {
    dirty = false;
    const mine = start('live');
    send(mine);
    if (!modelLoads) {
      setState('painting', { keep: true });
      timers.set('patience', PATIENCE_MS, () => setState('thinking', { step: 0, steps: 1 }));
    }
    pollQueue(mine);
  }
  function refine(how) {
    const mine = start('refine', how);
    setState('thinking', { step: 0, steps: mine.steps });
    send(mine);
  }
  const varying = variations({ task, steps, send: (kind, how) => send(start(kind, { ...how, varies: true })) });

  function clearInFlight() {
    const was = running;
    running = null;
    timers.clear('patience', 'late', 'server', 'queue');
    return was;
  }
  // What runs in steps was for what is no more. A live picture is shown all the same, and the change follows it.
  function outdate() {
    if (!running || (isLive() && live())) return null;
    const was = clearInFlight();
    if (!was.varies) return was;
    tell.cancel(message(was.seq));
    wantsVariations = varying.outdated();
    return null;
  }
  // A request's number tells the server that older ones are old; where none follows, a word does.
  function tellNewest(old) { if (old) tell.newest(message(++seq)); }

  // ---- while it waits ----
  function awaitAnswer() { timers.set('late', late.ms, () => failed(late.words)); }
  // A live picture has one answer, at its end, so the page asks where it waits. Without a server watchServer says so.
  function pollQueue(mine) {
    timers.set('queue', QUEUE_MS, async () => {
      if (!(await reachable()) || running !== mine) return;
      const position = await tell.queuePosition(message(mine.seq));
      if (running !== mine) return;
      if (position) awaitAnswer();
      if (position) setState('queue', { queue_position: position });
      else if (!modelLoads) setState('thinking', { step: 0, steps: 1 });
      pollQueue(mine);
    });
  }
  function failed(problem) {
    const was = clearInFlight();
    modelLoads = false;
    note(problem.error);
    timers.clear('rest', 'send');
    dirty = false;
    if (was?.varies) task.emit('varying', { error: problem.error });
    if (!was?.varies || problem === WORDS.gone) setState('error', { error: problem.error, hint: problem.hint, ...(problem.lasting ? { lasting: true } : {}) });
  }
  // Gradio reports that a call broke: either the server is gone, or it refused the value.
  async function broke() {
    if (!running) return;
    const there = await reachable();
    const varied = Boolean(running?.varies);
    failed(there ? WORDS.refused : WORDS.gone);
    if (!there) awaitServer({ timers, awake, back: () => goOn(varied) });
  }

  // ---- answers ----
  // The result shows an answer's picture before the loop hears of it. A variation of another seed has no place there.
  const current = (answer) => Boolean(running && running.seq === answer?.seq && running.seed === undefined);
  const underWay = ({ state }) => state === 'queue' || state === 'step';

  function answered(answer) {
    if (!running || running.seq !== answer?.seq) return;
    awaitAnswer();
    if (answer.pace) onestroke.model.pace = answer.pace;
    if (running.varies) answeredVariation(answer);
    else if (isLive()) answeredLive(answer);
    else answeredSteps(answer);
  }
  function answeredLive(answer) {
    const ms = performance.now() - clearInFlight().sentAt;
    modelLoads = answer.state === 'queue';
    if (modelLoads) { setState('loading'); askAgain(LOADING_MS); return; }
    if (dirty) { setState('painting', { steps: 1, ms }); sendLive(); return; }
    if (answer.state === 'error') { failed(answer); return; }
    if (answer.state === 'busy') { askAgain(RETRY_MS); return; }
    setState('painting', { steps: 1, ms });
    timers.set('rest', Math.max(0, REST_MS - (performance.now() - changedAt)), rest);
  }
  // The painting has no picture yet, so until it is asked for once more it counts as changed.
  function askAgain(ms) { dirty = true; timers.set('retry', ms, () => { if (!running) sendLive(); }); }
  function rest() {
    if (drawing || running || dirty || doc.untouched) return;
    if (steps() === 1) settled(); else refine();
  }
  function answeredSteps(answer) {
    const { state, queue_position } = answer;
    if (state === 'queue') { setState(queue_position ? 'queue' : 'loading', { queue_position }); return; }
    running.step = answer.step ?? running.step;
    running.steps = answer.steps ?? running.steps;
    const at = { step: running.step, steps: running.steps, ms: performance.now() - running.sentAt, ...(answer.left ? { left: answer.left } : {}) };
    if (state === 'step') setState('thinking', at);
    else finished(answer, clearInFlight(), at);
  }
  function finished(answer, was, at) {
    if (answer.gone && !was.again && doc.forget) { doc.forget(); refine({ again: true }); return; }
    if (answer.state === 'error') { failed(answer); return; }
    if (answer.state === 'busy') { if (live()) setState('painting', { keep: true }); return; }
    if (answer.state === 'stopped') { setState('cancelled', at); return; }
    setState('refined', at);
    settled();
  }
  function answeredVariation(answer) {
    const { seed } = underWay(answer) ? running : clearInFlight();
    varying.answered(answer, seed);
  }
  function settled() {
    task.emit('settled');
    if (wantsVariations) vary();
  }

  // ---- what a person does ----
  function changed({ setting = false } = {}) {
    timers.clear('rest', 'retry', 'send', 'back');
    changedAt = performance.now();
    const old = outdate();
    if (doc.untouched && !(live() && drawing)) { emptied(old); return; }
    const problem = doc.problem?.();
    if (problem) { tellNewest(old); refused(problem); return; }
    if (live()) { dirty = true; if (!running) sendLive(); return; }
    if (!auto()) { tellNewest(old); setState('ready'); return; }
    timers.set('send', setting ? TURNING_MS : SETTLE_MS, refine);
    if (old) setState('thinking', { step: 0, steps: steps() });
  }
  function emptied(old) {
    clearInFlight();
    dirty = false;
    if (wantsVariations) task.emit('varying', { state: 'stopped' });
    wantsVariations = false;
    tellNewest(old);
    setState('idle');
  }
  function generate() {
    if (doc.untouched) return;
    if (live()) { changed(); return; }
    outdate();
    const problem = doc.problem?.();
    if (problem) refused(problem); else refine();
  }
  function vary() {
    if (doc.untouched || running?.varies) return;
    wantsVariations = Boolean(running) || dirty || timers.has('rest', 'send');
    if (wantsVariations) task.emit('varying', { state: 'later' }); else varying.begin();
  }
  // What was asked for when the server was lost, also where nothing asks by itself.
  function goOn(varied) {
    wantsVariations = varied;
    if (varied) task.emit('varying', { state: 'later' });
    if (live() || auto()) changed(); else generate();
  }
  function stop() {
    wantsVariations = false;
    timers.clear('send');
    const was = clearInFlight();
    if (!was) return;
    timers.clear('rest');
    dirty = false;
    tell.cancel(message(was.seq));
    if (was.varies) task.emit('varying', { state: 'stopped' });
    else setState('cancelled', { step: was.step, steps: was.steps });
  }

  return {
    changed, generate, vary, stop, broke, failed, current, answered,
    // What an answer's picture was made of, its settings and steps: the page may have gone on.
    asked: (answer) => (running && running.seq === answer?.seq ? running.asked : null),
    // After Stop, an error, or a queue that was left: the same once more.
    again() { if (live()) changed(); else generate(); },
    state: () => ({
      seq, busy: isLive() || (!live() && Boolean(running)), dirty: dirty || timers.has('send'), step: running?.step ?? 0, steps: steps(),
      refining: running?.kind === 'refine' && !running.varies, varying: Boolean(running?.varies),
    }),
  };
}
