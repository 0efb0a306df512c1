package dev.fairlead.model;

import java.time.Duration;

/**
 * Told what the work queues are like. Several queues may share one listener: depths add up. Called
 * while a queue's lock is held, from any thread: it must return at once and not call the queue.
 */
public interface QueueListener {
  /** For a queue that nobody measures. */
  QueueListener NONE =
      new QueueListener() {
        @Override
        public void depthChanged(int by) {}

        @Override
        public void waited(Duration wait) {}
      };

  /** So many more (or, if negative, fewer) keys wait for a worker. */
  void depthChanged(int by);

  /** A worker took a key that had been asked for so long ago; never negative. */
  void waited(Duration wait);
}
