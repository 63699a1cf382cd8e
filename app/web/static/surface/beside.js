// Strokes may begin beside the paper: pressed near it, where there is no control, and drawn in.
const REACH = 64; // pixels around the paper
const BARE = '.os-foot, .os-palette, .os-group, .os-legend, .os-rail'; // what lies around it, between its controls

/**
 * Not for fingers: those scroll the page there.
 * @param {HTMLElement} paper
 * @param {(event: PointerEvent) => void} down
 */
export function hearBeside(paper, down) {
  document.addEventListener('pointerdown', (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.pointerType === 'touch' || event.button !== 0 || target === paper || !paper.offsetParent) return;
    if ((target.contains(paper) || target.matches(BARE)) && isNear(paper, event)) down(event);
  });
}

function isNear(paper, { clientX, clientY }) {
  const { left, top, right, bottom } = paper.getBoundingClientRect();
  return clientX > left - REACH && clientX < right + REACH && clientY > top - REACH && clientY < bottom + REACH;
}
