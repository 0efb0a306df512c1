/**
 * The engine under every controller: a queue of keys, workers with deadlines and back-off, timers,
 * waits and bounded fan-out. It must not know Kubernetes or Git, nor touch the network, files, the
 * environment or the clock: time and timers are given to it.
 */
@NullMarked
package dev.fairlead.runtime;

import org.jspecify.annotations.NullMarked;
