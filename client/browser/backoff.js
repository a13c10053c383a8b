// How long to wait before the next attempt: twice as long each time, and never the same for two pages, so that a restart does not bring
// everybody back at once.
export class Backoff {
  #first;
  #longest;
  #random;
  #failures = 0;

  constructor(first, longest, random = Math.random) {
    this.#first = first;
    this.#longest = longest;
    this.#random = random;
  }

  // In milliseconds, and no less than the broker has asked for.
  next(atLeast = 0) {
    const full = Math.min(this.#longest, this.#first * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 30);
    return Math.max(atLeast, full * (0.5 + this.#random() / 2));
  }

  reset() {
    this.#failures = 0;
  }
}
