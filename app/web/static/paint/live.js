// The live loop: one request in flight, the newest painting wins. After a rest the picture is refined, evaluation by
// evaluation. Every change makes a refinement old news; the server hears of it through the next request's number, or by a
// word where no request follows at once.
import { clamp } from '../shared/dom.js';
import { WORDS } from '../shared/words.js';

const DEADLINE_MS = 20000;
const REST_MS = 600;
const PATIENCE_MS = 250;     // a live picture that takes longer shows that it is coming
const RETRY_MS = 400;
const PLACE_MS = 1000;       // between questions where a live picture stands in the line
const LOADING_MS = 1000;    // between questions whether the model is there
const PROBE_MS = 2000;      // between looks whether the server is back, and before the first doubt that it is there

export function createLoop({ task, painting, post, newest, cancel, place, live, most }) {
  const visitor = Array.from(crypto.getRandomValues(new Uint8Array(12)), (v) => v.toString(16).padStart(2, '0')).join('');
  let seq = 0;
  let flight = null;     // the live request in flight: { seq, sentAt }
  let refined = null;    // the running refinement: { seq, sentAt, step, steps }
  let varied = null;     // the running variations: { seq }
  let dirty = false;     // changed since it was last sent
  let changedAt = 0;
  let drawing = false;
  let wantsVariations = false;
  const timers = {};
  task.on('drawing', (on) => { drawing = on; });

  const say = (name, detail = {}) => task.emit('state', { name, ...detail }, { keep: true });
  const later = (key, ms, does) => { clearTimeout(timers[key]); timers[key] = setTimeout(does, ms); };
  const never = (...keys) => { for (const key of keys) clearTimeout(timers[key]); };
  const steps = () => clamp(Math.round(task.settings.steps) || 1, 1, most);

  function request(kind) {
    seq += 1;
    post(kind, { seq, visitor, image: painting.image(), untouched: painting.untouched });
    return { seq, sentAt: performance.now() };
  }

  function changed() {
    never('rest', 'retry');
    changedAt = performance.now();
    outdate();
    if (painting.untouched && !drawing) { dirty = false; wantsVariations = false; landed(); say('idle'); return; }
    if (!live) { say('ready'); return; }
    dirty = true;
    if (!flight) send();
  }
  // What is being computed in steps was for another painting. Variations begin again when the new one has its picture.
  function outdate() {
    if (varied) {
      cancel({ visitor, seq: varied.seq });
      never('varied');
      varied = null;
      wantsVariations = true;
      task.emit('varying', { state: 'later' });
    }
    if (!refined) return;
    never('deadline');
    refined = null;
    if (!live || painting.untouched) newest({ visitor, seq: ++seq });
  }
  function send() {
    dirty = false;
    never('rest', 'retry');
    flight = request('live');
    say('painting', { keep: true });
    later('patience', PATIENCE_MS, () => say('thinking', { step: 0, steps: 1 }));
    later('deadline', DEADLINE_MS, () => failed(WORDS.late));
    whereabouts();
    doubt();
  }
  // A live picture has one answer, at its end.
  function whereabouts() {
    later('place', PLACE_MS, async () => {
      const mine = flight;
      if (!mine) return;
      if (!(await reachable()) || flight !== mine) return; // the doubt below says so
      const at = await place({ visitor, seq: mine.seq });
      if (flight !== mine) return;
      say(...(at ? ['queue', { place: at }] : ['thinking', { step: 0, steps: 1 }]));
      if (at) later('deadline', DEADLINE_MS, () => failed(WORDS.late));
      whereabouts();
    });
  }
  // A connection that is refused or cut does not reach Gradio's failure event.
  function doubt() {
    later('doubt', PROBE_MS, async () => {
      if (!flight && !refined && !varied) return;
      if (await reachable()) doubt(); else broke();
    });
  }
  function landed() { flight = null; never('patience', 'deadline', 'doubt', 'place'); }

  function refine() {
    never('rest');
    if (flight || painting.untouched) return;
    refined = { ...request('refine'), step: 0, steps: steps() };
    say('thinking', { step: 0, steps: refined.steps });
    later('deadline', DEADLINE_MS, () => failed(WORDS.late));
    doubt();
  }
  function rest() {
    if (drawing || flight || dirty) return;
    if (live && steps() === 1) { task.emit('settled'); vary(); return; }
    refine();
  }
  function generate() { if (!painting.untouched) { changedAt = performance.now(); if (live) changed(); else refine(); } }

  function vary() {
    if (!wantsVariations || flight || refined || painting.untouched) return;
    wantsVariations = false;
    varied = request('variations');
    task.emit('varying', { step: 0, steps: steps() });
    doubt();
    later('varied', DEADLINE_MS, () => { varied = null; task.emit('varying', { error: WORDS.late.error }); });
  }

  function failed({ error, hint }) {
    landed();
    never('deadline', 'rest');
    refined = null;
    dirty = false;
    say('error', { error, hint });
  }
  // Gradio reports that a call broke: either the server is gone, or an input refused its value.
  async function broke() {
    if (!flight && !refined && !varied) return;
    const why = (await reachable()) ? WORDS.refused : WORDS.gone;
    if (varied) task.emit('varying', why);
    varied = null;
    failed(why);
    if (why === WORDS.refused) return;
    (function probe() { later('probe', PROBE_MS, async () => ((await reachable()) && (await task.recall()) ? changed() : probe())); })();
  }
  const reachable = () => fetch(location.pathname, { method: 'HEAD', cache: 'no-store' }).then(() => true, () => false);

  function current(answer) {
    return { live: flight, refine: refined, variations: varied }[answer?.kind]?.seq === answer?.seq;
  }
  // An answer, its picture already on the page.
  function answered(answer) {
    if (!current(answer)) return;
    ({ live: answeredLive, refine: answeredRefine, variations: answeredVariations })[answer.kind](answer);
  }
  function answeredLive(answer) {
    const ms = performance.now() - flight.sentAt;
    landed();
    if (dirty) { say('painting', { steps: 1, ms }); send(); return; }
    if (answer.state === 'queue') { say('loading'); askAgain(LOADING_MS); return; }
    if (answer.state === 'error') { failed(answer); return; }
    if (answer.state === 'busy') { askAgain(RETRY_MS); return; }
    say('painting', { steps: 1, ms });
    later('rest', Math.max(0, REST_MS - (performance.now() - changedAt)), rest);
  }
  // The painting has no picture yet, so until it is asked for once more it counts as changed.
  function askAgain(ms) { dirty = true; later('retry', ms, () => { if (!flight) send(); }); }
  function answeredRefine(answer) {
    later('deadline', DEADLINE_MS, () => failed(WORDS.late));
    if (answer.state === 'queue') { say(answer.place ? 'queue' : 'loading', { place: answer.place }); return; }
    refined.step = answer.step ?? refined.step;
    const at = { step: refined.step, steps: refined.steps, ms: performance.now() - refined.sentAt };
    if (answer.state === 'step') { say('thinking', at); return; }
    never('deadline');
    refined = null;
    if (answer.state === 'error') failed(answer);
    else if (answer.state === 'busy') say('painting', { keep: true });
    else if (answer.state === 'stopped') say('cancelled', at);
    else { say('refined', at); task.emit('settled'); vary(); }
  }
  function answeredVariations(answer) {
    if (answer.state === 'step' || answer.state === 'queue') { later('varied', DEADLINE_MS, () => { varied = null; }); task.emit('varying', answer); return; }
    never('varied');
    varied = null;
    task.emit('varying', answer);
  }

  function stop() {
    wantsVariations = false;
    if (varied) { cancel({ visitor, seq: varied.seq }); varied = null; task.emit('varying', { state: 'stopped' }); }
    const running = refined ?? flight;
    if (!running) return;
    cancel({ visitor, seq: running.seq });
    const at = { step: refined?.step ?? 0, steps: refined?.steps ?? steps() };
    landed();
    never('deadline', 'rest');
    refined = null;
    dirty = false;
    say('cancelled', at);
  }

  return {
    changed, generate, stop, broke, current, answered,
    // Goes on after Stop, an error or a place in the line that was left: the same painting again.
    again() { if (live) changed(); else generate(); },
    vary() { wantsVariations = true; vary(); },
    state: () => ({ seq, busy: Boolean(flight), dirty, refining: Boolean(refined), varying: Boolean(varied), step: refined?.step ?? 0, steps: steps() }),
  };
}
