package dev.fairlead.cluster;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Remembers what a watch told, in order. */
final class Recorder implements WatchListener {
  final List<WatchEvent> events = new CopyOnWriteArrayList<>();
  final List<State> states = new CopyOnWriteArrayList<>();
  final Set<Thread> threads = ConcurrentHashMap.newKeySet();

  @Override
  public void onEvent(WatchEvent event) {
    threads.add(Thread.currentThread());
    events.add(event);
  }

  @Override
  public void onState(State state) {
    states.add(state);
  }

  /** {@code ADDED a}, in order, without the namespace's own objects. */
  List<String> words() {
    return events.stream()
        .filter(e -> !e.live().key().name().equals("kube-root-ca.crt"))
        .map(e -> e.type() + " " + e.live().key().name())
        .toList();
  }

  /** Waits until this was told. */
  void hears(String words) {
    await(words).atMost(Duration.ofSeconds(30)).until(this::words, w -> w.contains(words));
  }

  void isSynced(int times) {
    await("synced " + times + " times")
        .atMost(Duration.ofSeconds(30))
        .until(() -> states.stream().filter(Synced.class::isInstance).count() >= times);
  }
}
