package dev.fairlead.reconcile;

import static dev.fairlead.reconcile.Hosts.Whose.ALL;
import static dev.fairlead.reconcile.Hosts.Whose.CALLER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.RefSelector;
import dev.fairlead.reconcile.Hosts.Entry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostsTest {
  private static final Entry GO = new Entry.Go();
  private static final Entry PARKED = new Entry.Parked();
  private static final Optional<Duration> NO_TIME = Optional.empty();

  private final List<String> queued = new ArrayList<>();
  private Instant now = Instant.parse("2026-01-01T12:00:00Z");
  private final Hosts hosts =
      new Hosts(
          2,
          (key, delay, priority) -> queued.add(key.url() + " " + delay + " " + priority),
          () -> now,
          new Random(3));

  @ParameterizedTest(name = "{0} is at {1}")
  @CsvSource({
    "https://git.example.org/a.git,          git.example.org, 443,  git.example.org",
    "https://GIT.example.org:443/b.git,      git.example.org, 443,  git.example.org",
    "http://git.example.org:80/a.git,        git.example.org, 80,   git.example.org",
    "http://git.example.org/a.git,           git.example.org, 80,   git.example.org",
    "http://git.example.org:8080/a.git,      git.example.org, 8080, git.example.org:8080",
    "https://git.example.org:80/a.git,       git.example.org, 80,   git.example.org",
    "ssh://git@git.example.org:2222/a.git,   git.example.org, 2222, git.example.org:2222",
    "ssh://git@git.example.org:22/a.git,     git.example.org, 22,   git.example.org",
    "ssh://git@Git.example.org/a.git,        git.example.org, 22,   git.example.org",
    "git@git.example.org:team/a.git,         git.example.org, 22,   git.example.org",
    "git.example.org:team/a.git,             git.example.org, 22,   git.example.org",
    "https://[::1]:3000/a.git,               [::1],           3000, [::1]:3000",
    "file:///srv/a.git,                      ,                ,     ",
    "no url,                                 ,                ,     ",
  })
  void a_repository_is_at_a_host_and_the_port_of_its_protocol(
      String url, String host, Integer port, String shown) {
    Optional<Hosts.Place> place = Hosts.placeOf(url);

    assertThat(place).isEqualTo(Optional.ofNullable(host).map(name -> new Hosts.Place(name, port)));
    assertThat(place.map(Hosts.Place::toString)).isEqualTo(Optional.ofNullable(shown));
  }

  @Test
  void ssh_and_https_of_one_host_are_not_each_other_s_trouble() {
    enter("https://a/1", false);
    hosts.leave(
        key("https://a/1"),
        now,
        Optional.of("answers 503"),
        ALL,
        Optional.empty(),
        Duration.ofMinutes(1));

    assertThat(enter("https://a:443/2", false)).isInstanceOf(Entry.Later.class);
    assertThat(enter("git@a:team/2.git", false)).isEqualTo(GO);
    hosts.leave(
        key("git@a:team/2.git"),
        now,
        Optional.of("cannot be connected to"),
        ALL,
        Optional.empty(),
        Duration.ofMinutes(1));
    assertThat(enter("ssh://git@a:22/team/3.git", false)).isInstanceOf(Entry.Later.class);
  }

  @Test
  void who_finds_no_room_is_queued_when_there_is_some_and_other_hosts_have_their_own() {
    assertThat(enter("https://a/1", false)).isEqualTo(GO);
    assertThat(enter("https://a/2", false)).isEqualTo(GO);
    assertThat(enter("https://a/3", false)).isEqualTo(PARKED);
    assertThat(enter("https://a/4", true)).isEqualTo(PARKED);
    assertThat(enter("https://a/5", false)).isEqualTo(PARKED);
    assertThat(enter("https://b/1", false)).isEqualTo(GO);
    assertThat(enter("file:///srv/a", false)).isEqualTo(GO);

    answered("https://a/1");
    assertThat(queued).containsExactly("https://a/3 PT0S NORMAL");
    assertThat(enter("https://a/3", false)).isEqualTo(GO);
    answered("https://a/2");
    answered("https://a/3");

    assertThat(queued)
        .containsExactly(
            "https://a/3 PT0S NORMAL", "https://a/4 PT0S HIGH", "https://a/5 PT0S NORMAL");
  }

  @Test
  void a_host_behind_a_proxy_is_another_one_for_each_proxy() {
    Source.Key direct = key("https://a/1");
    Source.Key proxied = behind("https://a/1", "red");
    Duration longest = Duration.ofMinutes(1);
    assertThat(hosts.enter(proxied, false)).isEqualTo(GO);
    assertThat(hosts.enter(behind("https://a/2", "red"), false)).isEqualTo(GO);
    assertThat(hosts.enter(behind("https://a/3", "red"), false)).isEqualTo(PARKED);
    assertThat(hosts.enter(direct, false)).as("there is room").isEqualTo(GO);

    hosts.leave(proxied, now, Optional.of("cannot be reached"), ALL, Optional.empty(), longest);

    assertThat(hosts.enter(proxied, false)).isInstanceOf(Entry.Later.class);
    assertThat(hosts.enter(behind("https://a/1", "blue"), false)).isEqualTo(GO);
    assertThat(hosts.enter(key("https://a/2"), false)).isEqualTo(GO);
  }

  private static Source.Key behind(String url, String namespace) {
    return new Source.Key(
        url,
        Optional.empty(),
        Optional.of(new Source.SecretKey(namespace, "proxy")),
        new RefSelector.Head());
  }

  @Test
  void a_look_that_was_given_up_makes_room() {
    enter("https://a/1", false);
    enter("https://a/2", false);
    enter("https://a/3", false);

    hosts.abandon(key("https://a/1"));

    assertThat(queued).containsExactly("https://a/3 PT0S NORMAL");
    assertThat(enter("https://a/3", false)).isEqualTo(GO);
  }

  @Test
  void a_host_in_trouble_is_left_in_peace_and_tried_by_one() {
    enter("https://a/secret-repository", false);
    hosts.leave(
        key("https://a/secret-repository"),
        now,
        Optional.of("answers 503"),
        ALL,
        Optional.empty(),
        Duration.ofMinutes(1));

    Entry later = enter("https://a/2", false);
    assertThat(later).isInstanceOf(Entry.Later.class);
    assertThat(((Entry.Later) later).why())
        .isEqualTo("a answers 503 and is left in peace for a while");
    assertThat(enter("https://b/1", false)).isEqualTo(GO);
    assertThat(enter("https://a/2", true)).as("a webhook").isEqualTo(GO);
    hosts.leave(
        key("https://a/2"),
        now,
        Optional.of("answers 503"),
        ALL,
        Optional.empty(),
        Duration.ofMinutes(1));

    now = now.plusSeconds(5);
    assertThat(enter("https://a/3", false)).as("the one that tries").isEqualTo(GO);
    assertThat(enter("https://a/4", false)).isInstanceOf(Entry.Later.class);
    answered("https://a/3");
    assertThat(enter("https://a/4", false)).isEqualTo(GO);
  }

  @Test
  void a_host_that_asks_for_peace_has_it_from_webhooks_too() {
    enter("https://a/1", false);
    hosts.leave(
        key("https://a/1"),
        now,
        Optional.of("has had too many requests (429)"),
        CALLER,
        Optional.of(Duration.ofSeconds(90)),
        Duration.ofMinutes(1));

    Entry later = enter("https://a/2", true);
    assertThat(later).isInstanceOf(Entry.Later.class);
    assertThat(((Entry.Later) later).why())
        .isEqualTo(
            "a has had too many requests (429) and wants to be left in peace until"
                + " 2026-01-01T12:01:30Z; until then webhooks and requests wait too");
    assertThat(((Entry.Later) later).delay())
        .isBetween(Duration.ofSeconds(90), Duration.ofSeconds(101));

    now = now.plusSeconds(91);
    assertThat(enter("https://a/2", false)).isEqualTo(GO);
  }

  @Test
  void history_is_asked_for_unless_the_host_wants_peace_and_looks_keep_what_history_is_told() {
    Source.Key asking = key("https://a/1");
    assertThat(hosts.refuses(asking)).as("nothing is known of it").isEmpty();
    enter("https://a/1", false);
    hosts.leave(
        asking, now, Optional.of("answers 503"), ALL, Optional.empty(), Duration.ofMinutes(1));
    assertThat(hosts.refuses(asking)).as("a person who asks may find out").isEmpty();

    hosts.wantsPeace(
        asking,
        now,
        "has had too many requests (429)",
        CALLER,
        Duration.ofSeconds(90),
        Duration.ofMinutes(1));

    assertThat(hosts.refuses(key("https://a/2")))
        .contains(
            "a has had too many requests (429) and wants to be left in peace until"
                + " 2026-01-01T12:01:30Z");
    assertThat(enter("https://a/2", true)).isInstanceOf(Entry.Later.class);
    assertThat(hosts.refuses(key("https://b/1"))).isEmpty();

    now = now.plusSeconds(91);
    assertThat(hosts.refuses(asking)).isEmpty();
    assertThat(enter("https://a/2", true)).isEqualTo(GO);
  }

  @ParameterizedTest(name = "{0} of who comes with {1}: {2} {3}")
  @CsvSource({
    "429, red/token,  red/token,  waits",
    "429, red/token,  red/other,  goes on",
    "429, red/token,  blue/token, goes on",
    "429, red/token,  nothing,    goes on",
    "429, nothing,    nothing,    waits",
    "429, nothing,    red/token,  goes on",
    "503, red/token,  red/token,  waits",
    "503, red/token,  blue/token, waits",
    "503, red/token,  nothing,    waits",
    "503, nothing,    red/token,  waits",
  })
  void too_many_requests_are_the_caller_s_trouble_and_an_ill_host_is_everybody_s(
      int status, String first, String second, String then) {
    Source.Key limited = with("https://a/1", first);
    Source.Key other = with("https://a/2", second);
    for (Optional<Duration> peace : List.of(Optional.of(Duration.ofHours(1)), NO_TIME)) {
      assertThat(hosts.enter(limited, true)).isEqualTo(GO);

      hosts.leave(
          limited,
          now,
          Optional.of("answers " + status),
          status == 429 ? CALLER : ALL,
          peace,
          Duration.ofMinutes(1));

      Entry entry = hosts.enter(other, false);
      boolean waits = entry instanceof Entry.Later;
      assertThat(waits ? "waits" : "goes on").as("%s, %s", entry, peace).isEqualTo(then);
      assertThat(hosts.refuses(other).isPresent())
          .as("history")
          .isEqualTo(waits && peace.isPresent());
      if (!waits) {
        hosts.abandon(other);
      }
      now = now.plus(Duration.ofHours(2));
    }
  }

  @Test
  void an_answer_with_the_same_credentials_ends_the_trouble_and_nothing_is_kept_of_it() {
    Source.Key limited = with("https://a/1", "red/token");
    hosts.enter(limited, false);
    hosts.leave(limited, now, Optional.of("answers 429"), CALLER, NO_TIME, Duration.ofMinutes(1));
    now = now.plusSeconds(5);

    assertThat(hosts.enter(limited, false)).as("the one that tries").isEqualTo(GO);
    assertThat(hosts.enter(with("https://a/2", "red/token"), false))
        .isInstanceOf(Entry.Later.class);
    hosts.leave(limited, now, Optional.empty(), ALL, NO_TIME, Duration.ofMinutes(1));

    assertThat(hosts.enter(with("https://a/2", "red/token"), false)).isEqualTo(GO);
  }

  @Test
  void nothing_is_kept_of_who_never_comes_back() {
    Source.Key gone = with("https://a/1", "red/token");
    hosts.enter(gone, false);
    hosts.leave(
        gone,
        now,
        Optional.of("answers 429"),
        CALLER,
        Optional.of(Duration.ofMinutes(30)),
        Duration.ofMinutes(1));
    enter("https://b/1", false);
    hosts.leave(
        key("https://b/1"), now, Optional.of("answers 503"), ALL, NO_TIME, Duration.ofMinutes(1));
    assertThat(hosts.kept()).as("two hosts, one of them with a caller").isEqualTo(3);

    now = now.plus(Duration.ofMinutes(29));
    enter("https://c/1", false);
    answered("https://c/1");
    assertThat(hosts.kept()).as("as long as it wants peace").isEqualTo(3);
    now = now.plus(Duration.ofMinutes(33));
    enter("https://c/1", false);
    answered("https://c/1");

    assertThat(hosts.kept()).isZero();
  }

  @Test
  void of_one_host_so_many_callers_are_known_at_most() {
    for (int i = 0; i <= Hosts.MOST_LIMITED; i++) {
      Source.Key limited = with("https://a/1", "red/token-" + i);
      hosts.enter(limited, false);
      hosts.leave(
          limited,
          now,
          Optional.of("answers 429"),
          CALLER,
          Optional.of(Duration.ofMinutes(i == 7 ? 1 : 30)),
          Duration.ofMinutes(1));
    }

    assertThat(hosts.kept()).isEqualTo(Hosts.MOST_LIMITED + 1);
    assertThat(hosts.enter(with("https://a/1", "red/token-8"), false))
        .isInstanceOf(Entry.Later.class);
    assertThat(hosts.enter(with("https://a/1", "red/token-7"), false)).isEqualTo(GO);
  }

  /** The host answered, so it is not ill. */
  @Test
  void who_is_told_that_he_asks_too_often_has_found_the_host_well() {
    enter("https://a/1", false);
    hosts.leave(
        key("https://a/1"), now, Optional.of("answers 503"), ALL, NO_TIME, Duration.ofMinutes(1));
    now = now.plusSeconds(5);
    Source.Key limited = with("https://a/2", "red/token");
    assertThat(hosts.enter(limited, false)).isEqualTo(GO);

    hosts.leave(limited, now, Optional.of("answers 429"), CALLER, NO_TIME, Duration.ofMinutes(1));

    assertThat(enter("https://a/1", false)).isEqualTo(GO);
  }

  private static Source.Key with(String url, String secret) {
    String[] name = secret.split("/", 2);
    return new Source.Key(
        url,
        name.length == 1 ? Optional.empty() : Optional.of(new Source.SecretKey(name[0], name[1])),
        Optional.empty(),
        new RefSelector.Head());
  }

  @Test
  void those_who_wait_for_the_same_host_do_not_come_back_together() {
    enter("https://a/1", false);
    hosts.leave(
        key("https://a/1"),
        now,
        Optional.of("answers 429"),
        CALLER,
        Optional.of(Duration.ofMinutes(1)),
        Duration.ofMinutes(1));

    TreeSet<Duration> delays = new TreeSet<>();
    for (int i = 0; i < 200; i++) {
      delays.add(((Entry.Later) enter("https://a/" + i, false)).delay());
    }

    assertThat(delays).hasSizeGreaterThan(150);
    assertThat(delays.getLast().minus(delays.getFirst())).isGreaterThan(Duration.ofSeconds(9));
  }

  private Entry enter(String url, boolean urgent) {
    return hosts.enter(key(url), urgent);
  }

  private void answered(String url) {
    hosts.leave(key(url), now, Optional.empty(), ALL, Optional.empty(), Duration.ofMinutes(1));
  }

  private static Source.Key key(String url) {
    return new Source.Key(url, Optional.empty(), Optional.empty(), new RefSelector.Head());
  }
}
