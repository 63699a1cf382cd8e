// Pictures of the four seeds that follow, asked for through a loop: send(kind, { seed }) sends what is on the page.
const VARIATIONS = 4;
const SEEDS = 2147483648;

// All of them in one request. After a change they come again, for the new picture.
export function variationsTogether({ task, send, steps }) {
  return {
    begin() {
      send('variations');
      task.emit('varying', { step: 0, steps: steps() });
    },
    answered(answer) { task.emit('varying', answer); },
    // Whether they are still wanted when what is changed has its picture.
    outdated() { task.emit('varying', { state: 'later' }); return true; },
  };
}

// One after the other, each as a request of its own seed. A change ends them.
export function variationsInTurn({ task, send }) {
  let seeds = [];
  let pictures = [];
  function next() { if (seeds.length) send('refine', { seed: seeds.shift() }); }
  function ended({ state, error }) { task.emit('varying', state === 'error' ? { error } : { state: 'stopped' }); }
  function arrived({ src, png, final }, seed) {
    pictures.push({ src, png, final, seed });
    task.emit('varying', { state: seeds.length ? 'step' : 'done', step: pictures.length, steps: VARIATIONS, pictures });
    next();
  }
  return {
    begin() {
      const first = task.settings.seed;
      seeds = Array.from({ length: VARIATIONS }, (_, i) => (first + i + 1) % SEEDS);
      pictures = [];
      task.emit('varying', { step: 0, steps: VARIATIONS });
      next();
    },
    answered(answer, seed) {
      const { state, queue_position } = answer;
      if (state === 'queue') { if (queue_position) task.emit('varying', { state, queue_position }); return; }
      if (state === 'done') arrived(answer, seed);
      else if (state !== 'step') ended(answer);
    },
    outdated() { task.emit('varying', { state: 'stopped' }); return false; },
  };
}
