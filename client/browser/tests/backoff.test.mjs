import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '../backoff.js';

test('the pause doubles up to the longest and is between half and all of that', () => {
  const [least, most] = [new Backoff(100, 1000, () => 0), new Backoff(100, 1000, () => 1)];
  assert.deepEqual([1, 2, 3, 4, 5, 6].map(() => least.next()), [50, 100, 200, 400, 500, 500]);
  assert.deepEqual([1, 2, 3, 4, 5, 6].map(() => most.next()), [100, 200, 400, 800, 1000, 1000]);
});

test('it is not shorter than the broker asks for, and begins anew after a success', () => {
  const backoff = new Backoff(100, 1000, () => 1);
  assert.equal(backoff.next(3000), 3000);
  backoff.reset();
  assert.equal(backoff.next(), 100);
});
