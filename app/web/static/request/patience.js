// How long the page waits for an answer.
import { onestroke } from '../shared/bus.js';

const MOST_PICTURES = 20; // in one evaluation: a slow model evaluates them one after the other

/**
 * @param {number} ms  for a model that is not slow
 * @returns {number} for the model in use
 */
export const patienceMs = (ms) => ms + MOST_PICTURES * 1000 * onestroke.model.seconds;
