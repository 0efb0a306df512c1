package dev.fairlead.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.ObjectKey;
import dev.fairlead.plan.Live;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KnownObjectsTest {
  private final KnownObjects known = new KnownObjects();

  @BeforeEach
  void a_list_told_of_a_and_b() {
    known.beginList();
    assertThat(inList("a", "1", "10")).containsExactly("ADDED a 1 10");
    assertThat(inList("b", "2", "11")).containsExactly("ADDED b 2 11");
    assertThat(words(known.endList("12"))).isEmpty();
  }

  private static Live live(String name, String uid, String version) {
    return new Live(
        new ObjectKey("", "ConfigMap", "shop", name),
        uid,
        version,
        OptionalLong.empty(),
        false,
        Map.of(),
        Map.of(),
        List.of());
  }

  private List<String> inList(String name, String uid, String version) {
    return words(known.inList(live(name, uid, version), Optional.empty()));
  }

  private List<String> changed(String name, String uid, String version) {
    return words(known.changed(live(name, uid, version), Optional.empty()));
  }

  private static List<String> words(List<WatchEvent> events) {
    return events.stream()
        .map(e ->
            e.type()
                + " "
                + e.live().key().name()
                + " "
                + e.live().uid()
                + " "
                + e.live().resourceVersion())
        .toList();
  }

  @Test
  void a_new_list_tells_what_changed_and_what_is_gone() {
    known.beginList();

    assertThat(inList("a", "1", "10")).isEmpty();
    assertThat(inList("c", "3", "20")).containsExactly("ADDED c 3 20");
    // The version of the list, so that nobody takes the delete for old news.
    assertThat(words(known.endList("21"))).containsExactly("DELETED b 2 21");
    assertThat(known.size()).isEqualTo(2);
  }

  @Test
  void a_list_that_was_not_finished_deletes_nothing_and_forgets_nothing() {
    known.beginList();
    assertThat(inList("c", "3", "20")).containsExactly("ADDED c 3 20");

    known.beginList();
    assertThat(inList("a", "1", "22")).containsExactly("MODIFIED a 1 22");
    assertThat(inList("b", "2", "11")).isEmpty();

    assertThat(words(known.endList("23"))).containsExactly("DELETED c 3 23");
  }

  @Test
  void an_object_in_the_place_of_another_ends_that_one_first() {
    assertThat(changed("a", "9", "30")).containsExactly("DELETED a 1 30", "ADDED a 9 30");
  }

  @Test
  void a_change_after_a_delete_is_an_add() {
    assertThat(words(known.deleted(live("a", "1", "31"), Optional.empty())))
        .containsExactly("DELETED a 1 31");
    assertThat(changed("a", "1", "32")).containsExactly("ADDED a 1 32");
    assertThat(changed("a", "1", "33")).containsExactly("MODIFIED a 1 33");
  }
}
