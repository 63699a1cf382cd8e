// What is open goes when somebody presses elsewhere. Pressed on a paper, that is all it does: nothing is painted.

/**
 * @param {() => boolean} isOpen
 * @param {Element} node  what is open, with the button that opened it
 * @param {() => void} close
 */
export function closeOutside(isOpen, node, close) {
  hearOutside(({ target }) => {
    if (!isOpen() || node.contains(/** @type {Node} */ (target))) return false;
    close();
    return true;
  });
}

/** @param {(event: PointerEvent) => boolean} closed  whether the press closed something */
export function hearOutside(closed) {
  document.addEventListener('pointerdown', (event) => {
    if (closed(event) && /** @type {Element} */ (event.target).closest('.os-paper')) event.stopPropagation();
  }, { capture: true });
}
