package dev.fairlead.reconcile;

import dev.fairlead.runtime.Priority;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The Git hosts, each of which is asked by a few at once and left in peace as a whole when it is in
 * trouble; one that has had too many requests is left in peace by those who come with the same
 * credentials, or by all who come without, for it counts these by their address. A host behind
 * somebody's proxy is another one: what that does, and how long it takes, is its users' trouble
 * alone.
 *
 * <p>Guarantees: at most {@code most} looks at one host at a time; who has to wait for room holds
 * no worker and is queued when there is some; a host in trouble is tried by one look, growing
 * pauses apart. What nobody has come back for within {@link HostHealth#KEPT} is forgotten, for the
 * GitSync or its Secret may be gone, and of one host at most {@link #MOST_LIMITED} callers are
 * known. Any thread may call it; its monitor guards all fields.
 */
final class Hosts {
  /** Who waits for room comes by himself after this time, whatever becomes of those before him. */
  static final Duration PARKED = Duration.ofSeconds(30);

  /** How many callers of one host may have had too many requests; more than have tokens for one. */
  static final int MOST_LIMITED = 10_000;

  private static final Duration SWEEP = Duration.ofMinutes(1);

  /** {@code git@host:path}, as ssh knows it. */
  private static final Pattern SCP = Pattern.compile("(?:[^@/:]+@)?(?<host>[^@/:]+):(?!//).*");

  /** Whether a look may begin. */
  sealed interface Entry {
    /** It may; it must {@link #leave}. */
    record Go() implements Entry {}

    /** There is no room; it is queued when there is. */
    record Parked() implements Entry {}

    /**
     * The host is left in peace.
     *
     * @param why for people, naming no repository: it may be another tenant's
     */
    record Later(Duration delay, String why) implements Entry {}
  }

  /** Queues a look. */
  interface Queue {
    void source(Source.Key key, Duration delay, Priority priority);
  }

  /** Whom a host serves no more for a while. */
  enum Whose {
    /** Everybody: it is ill. */
    ALL,
    /** Those with the same Secret, or without: they have asked too often. */
    CALLER
  }

  private static final class Host {
    private final Map<Source.Key, Boolean> parked = new LinkedHashMap<>();

    /** As those see it who come with a Secret, or without. */
    private final Map<Optional<Source.SecretKey>, HostHealth> limits = new HashMap<>();

    private HostHealth health = HostHealth.FINE;
    private int looking;

    HostHealth limitOf(Source.Key key) {
      return limits.getOrDefault(key.secret(), HostHealth.FINE);
    }

    /** What keeps this one from asking now, if anything does. */
    HostHealth decisive(Source.Key key, boolean urgent, Instant now) {
      return health.verdict(urgent, looking > 0, now) == HostHealth.Verdict.GO
          ? limitOf(key)
          : health;
    }

    void failed(
        Source.Key key, Whose whose, UnaryOperator<HostHealth> change, Instant began, Instant now) {
      switch (whose) {
        case ALL -> health = change.apply(health);
        case CALLER -> {
          health = health.answered(began);
          limits.put(key.secret(), change.apply(limitOf(key)));
        }
      }
      forget(now);
      if (limits.size() > MOST_LIMITED) {
        // The one who may ask again soonest.
        limits.entrySet().stream()
            .min(Comparator.comparing(limit -> limit.getValue().again(now)))
            .map(Map.Entry::getKey)
            .ifPresent(limits::remove);
      }
    }

    void forget(Instant now) {
      limits.values().removeIf(limit -> limit.isOver(now));
    }

    void answered(Source.Key key, Instant began) {
      health = health.answered(began);
      limits.computeIfPresent(key.secret(), (_, limit) -> limit.answered(began));
    }

    boolean isForgettable(Instant now) {
      return looking == 0
          && parked.isEmpty()
          && health.isOver(now)
          && limits.values().stream().allMatch(limit -> limit.isOver(now));
    }
  }

  private final int most;
  private final Queue queue;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Map<Way, Host> hosts = new HashMap<>();
  private Instant swept = Instant.MIN;

  /**
   * What listens there: each has limits and troubles of its own, and another protocol another port.
   *
   * @param port that of the protocol where the url names none
   */
  record Place(String host, int port) {
    /** For people, who know the usual ports. */
    @Override
    public String toString() {
      return port == 443 || port == 80 || port == 22 ? host : host + ":" + port;
    }
  }

  /** A place, and by whose proxy it is reached. */
  private record Way(Place place, Optional<Source.SecretKey> proxy) {
    static Optional<Way> of(Source.Key key) {
      return placeOf(key.url()).map(place -> new Way(place, key.proxy()));
    }
  }

  /**
   * @param most looks at one host at once
   */
  Hosts(int most, Queue queue, InstantSource clock, RandomGenerator random) {
    this.most = most;
    this.queue = queue;
    this.clock = clock;
    this.random = random;
  }

  /** Host and port that a repository is at; empty when it is at none. */
  static Optional<Place> placeOf(String url) {
    Matcher scp = SCP.matcher(url);
    if (scp.matches()) {
      return Optional.of(new Place(scp.group("host").toLowerCase(Locale.ROOT), 22));
    }
    try {
      URI uri = URI.create(url);
      if (uri.getHost() == null) {
        return Optional.empty();
      }
      int usual =
          switch (uri.getScheme().toLowerCase(Locale.ROOT)) {
            case "http" -> 80;
            case "ssh" -> 22;
            default -> 443;
          };
      return Optional.of(
          new Place(
              uri.getHost().toLowerCase(Locale.ROOT), uri.getPort() == -1 ? usual : uri.getPort()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * Asks to look.
   *
   * @param urgent whether somebody says that there is something new
   */
  synchronized Entry enter(Source.Key key, boolean urgent) {
    Optional<Way> way = Way.of(key);
    if (way.isEmpty()) {
      return new Entry.Go();
    }
    Instant now = clock.instant();
    sweep(now);
    Host host = hosts.computeIfAbsent(way.get(), _ -> new Host());
    String name = way.get().place().toString();
    host.parked.remove(key);
    HostHealth health = host.decisive(key, urgent, now);
    return switch (health.verdict(urgent, host.looking > 0, now)) {
      case GO -> {
        if (host.looking >= most) {
          host.parked.put(key, urgent);
          yield new Entry.Parked();
        }
        host.looking++;
        yield new Entry.Go();
      }
      case LATER -> later(health, now, "%s %s and is left in peace for a while", name);
      case PEACE ->
          later(
              health,
              now,
              "%s %s and wants to be left in peace until "
                  + health.peaceUntil().truncatedTo(ChronoUnit.SECONDS)
                  + "; until then webhooks and requests wait too",
              name);
    };
  }

  /** Nobody tells when the last GitSync of a host or a Secret is gone. */
  private void sweep(Instant now) {
    if (now.isBefore(swept.plus(SWEEP))) {
      return;
    }
    swept = now;
    hosts.values().forEach(host -> host.forget(now));
    hosts.values().removeIf(host -> host.isForgettable(now));
  }

  /** How many hosts and callers something is kept of. */
  synchronized int kept() {
    return hosts.size() + hosts.values().stream().mapToInt(host -> host.limits.size()).sum();
  }

  /** Those who wait do not come back all together. */
  private Entry.Later later(HostHealth health, Instant now, String why, String name) {
    Duration wait = Duration.between(now, health.again(now));
    long spread = Math.max(1, Math.min(wait.toMillis() / 5, 10_000));
    return new Entry.Later(
        wait.plusMillis(1 + random.nextLong(spread)), why.formatted(name, health.trouble()));
  }

  /**
   * A look is over.
   *
   * @param trouble what the host did; empty when it answered, whatever it said
   * @param whose trouble it is
   * @param retryAfter how long it wants to be left alone
   * @param longest the longest pause before it is tried again, unless it wants more
   */
  synchronized void leave(
      Source.Key key,
      Instant began,
      Optional<String> trouble,
      Whose whose,
      Optional<Duration> retryAfter,
      Duration longest) {
    Optional<Way> way = Way.of(key);
    Host host = way.map(hosts::get).orElse(null);
    if (host == null) {
      return;
    }
    Instant now = clock.instant();
    host.looking--;
    trouble.ifPresentOrElse(
        what ->
            host.failed(
                key,
                whose,
                health -> health.failed(what, retryAfter, began, now, longest, random),
                began,
                now),
        () -> host.answered(key, began));
    List<Source.Key> freed = new ArrayList<>();
    for (Source.Key waiting : host.parked.keySet()) {
      if (host.looking + freed.size() < most) {
        freed.add(waiting);
      }
    }
    for (Source.Key waiting : freed) {
      boolean urgent = Boolean.TRUE.equals(host.parked.remove(waiting));
      queue.source(waiting, Duration.ZERO, urgent ? Priority.HIGH : Priority.NORMAL);
    }
    if (host.isForgettable(now)) {
      hosts.remove(way.get());
    }
  }

  /**
   * Why the host may not be asked for something beside the looks: it wants peace. Mere trouble is
   * no reason, for it is a person who asks.
   */
  synchronized Optional<String> refuses(Source.Key key) {
    Optional<Way> way = Way.of(key);
    Host host = way.map(hosts::get).orElse(null);
    if (host == null) {
      return Optional.empty();
    }
    Instant now = clock.instant();
    String name = way.get().place().toString();
    HostHealth health = host.decisive(key, true, now);
    return switch (health.verdict(true, false, now)) {
      case GO -> Optional.empty();
      case LATER, PEACE ->
          Optional.of(
              "%s %s and wants to be left in peace until %s"
                  .formatted(
                      name, health.trouble(), health.peaceUntil().truncatedTo(ChronoUnit.SECONDS)));
    };
  }

  /** A request beside the looks was answered by wanting peace for so long. */
  synchronized void wantsPeace(
      Source.Key key,
      Instant began,
      String trouble,
      Whose whose,
      Duration retryAfter,
      Duration longest) {
    Instant now = clock.instant();
    Way.of(key)
        .map(way -> hosts.computeIfAbsent(way, _ -> new Host()))
        .ifPresent(host ->
            host.failed(
                key,
                whose,
                health ->
                    health.failed(trouble, Optional.of(retryAfter), began, now, longest, random),
                began,
                now));
  }

  /** Given up by who looked, which says nothing of the host. */
  synchronized void abandon(Source.Key key) {
    leave(key, Instant.MIN, Optional.empty(), Whose.ALL, Optional.empty(), Duration.ZERO);
  }
}
