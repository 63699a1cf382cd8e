// The loop of a painting: what differs from the edits of photos.
import { createLoop } from '../request/loop.js';
import { patienceMs } from '../request/patience.js';
import { variationsTogether } from '../request/variations.js';
import { onestroke } from '../shared/bus.js';
import { clamp } from '../shared/dom.js';
import { WORDS } from '../shared/words.js';

// live: whether pictures follow the strokes, which a slow model's do at the end of each; most: steps. tell: the words to the
// server, as the loop takes them.
export function createPaintLoop({ task, painting, visitor, tell, live, most }) {
  return createLoop({
    task, visitor, tell,
    live: () => live && !onestroke.model.seconds,
    auto: () => live,
    doc: painting,
    value: (use) => use({ image: painting.image() }),
    steps: () => clamp(Math.round(task.settings.steps) || 1, 1, most),
    late: { get ms() { return patienceMs(20000); }, words: WORDS.late },
    variations: variationsTogether,
    awake: () => task.recall(),
  });
}
