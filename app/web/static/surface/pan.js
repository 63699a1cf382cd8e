// Two fingers, Space or the middle button move the view.

/** @param {{ zoomAt: (x: number, y: number, factor: number) => void, moveBy: (dx: number, dy: number) => void }} view */
export function createPan(view) {
  const fingers = new Map(); // pointerId -> [clientX, clientY]
  let from = null;           // { x, y, id } of a pointer, or { x, y, distance } of two fingers

  function twoFingers() {
    const [[ax, ay], [bx, by]] = [...fingers.values()];
    return { x: (ax + bx) / 2, y: (ay + by) / 2, distance: Math.hypot(ax - bx, ay - by) };
  }
  return {
    get on() { return Boolean(from); },
    // A finger came down; how many there are now. Two begin to move the view.
    touch(event) {
      fingers.set(event.pointerId, [event.clientX, event.clientY]);
      if (fingers.size === 2) from = twoFingers();
      return fingers.size;
    },
    grab(event) { from = { x: event.clientX, y: event.clientY, id: event.pointerId }; },
    // True where the view moved with the pointer, false where the pointer does something else.
    move(event) {
      if (fingers.has(event.pointerId)) fingers.set(event.pointerId, [event.clientX, event.clientY]);
      if (!from) return false;
      if (fingers.size === 2) {
        const now = twoFingers();
        view.zoomAt(from.x, from.y, now.distance / from.distance);
        view.moveBy(now.x - from.x, now.y - from.y);
        from = now;
        return true;
      }
      if (from.id !== event.pointerId) return false;
      view.moveBy(event.clientX - from.x, event.clientY - from.y);
      from = { x: event.clientX, y: event.clientY, id: event.pointerId };
      return true;
    },
    lift(event) {
      fingers.delete(event.pointerId);
      if (from && (from.id === event.pointerId || (from.id === undefined && !fingers.size))) from = null;
    },
  };
}
