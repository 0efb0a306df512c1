package dev.fairlead.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SyncKeyTest {
  @Test
  void itsFieldManagerNamesIt() {
    SyncKey key = new SyncKey("apps", "web");

    assertThat(key.fieldManager()).isEqualTo("fairlead/apps/web");
    assertThat(SyncKey.ofFieldManager(key.fieldManager())).contains(key);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a sync's manager is one                          | fairlead/apps/web   | true
          that of our writes to GitSyncs is none           | fairlead-operator   | false
          kubectl's is none                                | kubectl-edit        | false
          a word before it makes it none                   | xfairlead/apps/web  | false
          the prefix alone is none                         | fairlead/           | false
          a namespace without a name is none               | fairlead/apps       | false
          a namespace with an empty name is none           | fairlead/apps/      | false
          a name without a namespace is none               | fairlead//web       | false
          a name has no slash in it                        | fairlead/apps/web/x | false
          another case is another manager                  | Fairlead/apps/web   | false
          """)
  void tellsAFieldManagerOfASyncFromOthers(String sentence, String manager, boolean expected) {
    assertThat(SyncKey.isSyncManager(manager)).isEqualTo(expected);
    assertThat(SyncKey.ofFieldManager(manager).isPresent()).isEqualTo(expected);
  }

  @Test
  void isOrderedByNamespaceThenName() {
    List<SyncKey> keys =
        List.of(new SyncKey("b", "a"), new SyncKey("a", "z"), new SyncKey("a", "b"));

    assertThat(keys.stream().sorted().map(SyncKey::toString)).containsExactly("a/b", "a/z", "b/a");
  }
}
