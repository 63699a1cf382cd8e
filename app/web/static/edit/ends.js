// The two ends of the way: a seed with a die, or a picture that was dropped here, chosen or sent.
import { onestroke } from '../shared/bus.js';
import { iconButton, make } from '../shared/dom.js';
/** @import { Part } from '../page/parts.js' */

/** @param {Part} part */
export function ends({ element, props }) {
  const root = element.querySelector('.os-ends');
  const task = onestroke.task(props.task);
  let pictures = [null, null]; // in place of seeds
  let made = [null, null];     // the seeds of the pictures that are shown
  const ends = ['seed', 'seed_b'].map((name, at) => {
    const which = at ? 'last' : 'first';
    const image = make('img', { alt: `The ${which} picture`, draggable: false });
    image.hidden = true;
    const caption = make('span');
    const open = iconButton('open', `Open a picture as the ${which}`, { tip: 'Open a picture; or drop one here', 'data-do': `open-${at ? 'b' : 'a'}`, onclick: () => task.do('openEnd', at) });
    const dice = iconButton('dice', `Another ${which} picture`, { 'data-do': `dice-${at ? 'b' : 'a'}`, onclick: () => { task.do('dice', name); task.do('generate'); } });
    const close = iconButton('close', `Take the seed instead of this picture`, { tip: 'Take the seed instead', 'data-do': `seed-${at ? 'b' : 'a'}`, onclick: () => task.do('clearEnd', at) });
    const node = make('figure', {}, make('div', { className: 'os-end-picture', 'data-end': String(at) }, image, make('span', { className: 'os-letter', 'aria-hidden': 'true', textContent: at ? 'B' : 'A' })),
      make('figcaption', {}, caption, make('div', { className: 'os-end-buttons' }, open, dice, close)));
    root.append(node);
    return { name, image, caption, dice, close };
  });
  function show(settings = task.settings) {
    ends.forEach(({ name, image, caption, dice, close }, at) => {
      const picture = pictures[at];
      caption.textContent = picture ? picture.name || 'A picture' : seedWords(settings[name] ?? props.settings[name] ?? '', made[at]);
      caption.title = caption.textContent;
      dice.hidden = Boolean(picture);
      close.hidden = !picture;
      if (picture) image.src = picture.src;
      image.hidden = !picture && made[at] === null;
    });
  }
  task.on('ends', (now) => {
    made = made.map((seed, at) => (pictures[at] || now[at] ? null : seed)); // a picture that goes leaves nothing behind
    pictures = now;
    show();
  });
  task.on('frames', ({ frames, settings, ops }) => {
    made = ends.map(({ name, image }, at) => {
      if (pictures[at] || ops[0]?.ends?.[at]) return null;
      image.src = frames.at(at ? -1 : 0).src;
      return settings[name];
    });
    show();
  });
  task.on('settings', show);
  setTimeout(show);
}

/**
 * @param {number | string} seed  that is set
 * @param {number | null} made  that of the picture above; null where there is none
 */
export const seedWords = (seed, made) => (made === null || made === seed ? `Seed ${seed}` : `Seed ${made}, next ${seed}`);
