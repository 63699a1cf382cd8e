// The picture that is on the page, and the fade from one to the next.
import { calm, make } from '../shared/dom.js';
import { fitted } from '../shared/subject.js';

const STOOD_MS = 300;
const SIDE_OF_OLD = 512; // pixels

/** @param {string} alt */
export function buildShownPicture(alt) {
  const image = make('img', { draggable: false, decoding: 'sync' });
  fitted(alt, (text) => { image.alt = text; });
  image.style.visibility = 'hidden';
  const old = make('canvas', { className: 'os-old', width: SIDE_OF_OLD, height: SIDE_OF_OLD, 'aria-hidden': 'true' });
  let shownAt = -Infinity;

  // Only a picture that stood a while fades into the next; a live one cuts, so that it never trails behind the pen.
  function fade() {
    const stood = performance.now() - shownAt >= STOOD_MS;
    if (calm() || !stood || image.style.visibility === 'hidden' || !image.naturalWidth) return;
    const scale = SIDE_OF_OLD / Math.max(image.naturalWidth, image.naturalHeight);
    const [width, height] = [image.naturalWidth * scale, image.naturalHeight * scale];
    const c = old.getContext('2d');
    c.clearRect(0, 0, SIDE_OF_OLD, SIDE_OF_OLD);
    c.drawImage(image, (SIDE_OF_OLD - width) / 2, (SIDE_OF_OLD - height) / 2, width, height);
    old.animate([{ opacity: 1 }, { opacity: 0 }], { duration: 120 });
  }
  return {
    image,
    nodes: [image, old],
    put(src) {
      fade();
      image.src = src;
      image.style.visibility = '';
      shownAt = performance.now();
    },
    hide() { image.style.visibility = 'hidden'; },
  };
}
