// Carries answers that come step by step to whoever hears its topic. Its own component, because two answers set in one tick
// on the same component would be seen as one.
import { onestroke } from '../shared/bus.js';
/** @import { Part } from './parts.js' */

/** @param {Part} part */
export function channel({ props, watch }) {
  const task = onestroke.task(props.task);
  watch('value', () => task.emit(props.topic, props.value));
}
