package dev.fairlead.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.model.Identity;
import dev.fairlead.model.Labels;
import dev.fairlead.model.SyncKey;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TenancyTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          outside, the namespace's default account         | team-a          |          |       | ServiceAccount team-a/default
          outside, the account that the spec names         | team-a          | deployer |       | ServiceAccount team-a/deployer
          outside, the operator's default account          | team-a          |          | gitops| ServiceAccount team-a/gitops
          outside, the spec goes before the default        | team-a          | deployer | gitops| ServiceAccount team-a/deployer
          inside, the operator itself                      | fairlead-system |          |       | the operator
          inside, the account that the spec names          | fairlead-system | deployer |       | ServiceAccount fairlead-system/deployer
          inside too, the operator's default account       | fairlead-system |          | gitops| ServiceAccount fairlead-system/gitops
          inside, the spec goes before the default         | fairlead-system | deployer | gitops| ServiceAccount fairlead-system/deployer
          a namespace that begins alike is outside         | fairlead-system2|          |       | ServiceAccount fairlead-system2/default
          kube-system is as good as any other              | kube-system     |          |       | ServiceAccount kube-system/default
          the operator's own account's name is of no help  | team-a          | fairlead |       | ServiceAccount team-a/fairlead
          """)
  void decides_as_whom_the_objects_are_written(
      String sentence, String namespace, String named, String byDefault, String identity) {
    Tenancy tenancy = new Tenancy("fairlead-system", Optional.ofNullable(byDefault), false);

    assertThat(tenancy.identity(new SyncKey(namespace, "web"), Optional.ofNullable(named)))
        .hasToString(identity);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          outside, without an account                 | team-a          |          |       | ServiceAccount team-a/default              | refused
          outside, with one                           | team-a          | deployer |       | ServiceAccount team-a/deployer             |
          outside, with the operator's default        | team-a          |          | gitops| ServiceAccount team-a/gitops               |
          inside, never the operator itself           | fairlead-system |          |       | ServiceAccount fairlead-system/default     | refused
          inside, with an account                     | fairlead-system | deployer |       | ServiceAccount fairlead-system/deployer    |
          """)
  void a_restricted_operator_wants_an_account_for_every_sync(
      String sentence,
      String namespace,
      String named,
      String byDefault,
      String identity,
      String refused) {
    Tenancy tenancy = new Tenancy("fairlead-system", Optional.ofNullable(byDefault), true);
    SyncKey sync = new SyncKey(namespace, "web");
    Optional<String> account = Optional.ofNullable(named);

    assertThat(tenancy.identity(sync, account)).hasToString(identity);
    assertThat(tenancy.refusal(sync, account).isPresent()).isEqualTo(refused != null);
    assertThat(new Tenancy("fairlead-system", Optional.empty(), false).refusal(sync, account))
        .isEmpty();
  }

  @Test
  void the_user_is_the_one_that_rbac_knows() {
    assertThat(new Identity.ServiceAccount("team-a", "deployer").user())
        .isEqualTo("system:serviceaccount:team-a:deployer");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "kube-system:admin",
        "../admin",
        "kube-system/admin",
        "system:serviceaccount:kube-system:admin",
        "admin\nImpersonate-Group: system:masters",
        "admin\r\n",
        "Admin",
        "-admin",
        "admin.",
        "*",
      })
  void an_account_cannot_be_named_so_that_it_is_another_namespaces_or_no_account(String name) {
    assertThatThrownBy(() -> new Identity.ServiceAccount("team-a", name))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Identity.ServiceAccount(name, "admin"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest(name = "{0} reads of {1}: {2}")
  @CsvSource({
    "team-a/web, team-a/other, true",
    "team-a/web, team-b/web, false",
    "team-a/web, fairlead-system/web, false",
    "fairlead-system/web, team-a/web, true",
  })
  void the_people_of_one_sync_hear_of_anothers_files_only_where_they_may_look(
      String reader, String other, boolean allowed) {
    Tenancy tenancy = new Tenancy("fairlead-system", Optional.empty(), false);

    assertThat(tenancy.mayTell(sync(reader), sync(other))).isEqualTo(allowed);
  }

  /** Names that look alike when they are glued together; a namespace has no dots and no slashes. */
  @Test
  void no_two_syncs_have_the_same_field_manager_or_part_of_label() {
    String[] parts = {"a", "b", "a-b", "GitSync", "fairlead", "default"};
    String[] names = {"a", "b", "a.b", "b.a", "a-b", "a.b.GitSync.fairlead.dev", "GitSync"};
    Set<String> managers = new HashSet<>();
    Set<String> ids = new HashSet<>();
    for (String namespace : parts) {
      for (String name : names) {
        SyncKey sync = new SyncKey(namespace, name);
        managers.add(sync.fieldManager());
        ids.add(Labels.applySetId(sync));
        assertThat(SyncKey.ofFieldManager(sync.fieldManager())).contains(sync);
      }
    }

    assertThat(managers).hasSize(parts.length * names.length);
    assertThat(ids).hasSize(parts.length * names.length);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fairlead/team-a/web/more",
        "fairlead//web",
        "fairlead/web",
        "xfairlead/team-a/web",
        "fairlead/team-a/",
        "FAIRLEAD/team-a/web",
      })
  void what_only_looks_like_a_syncs_field_manager_is_none(String manager) {
    assertThat(SyncKey.isSyncManager(manager)).isFalse();
  }

  private static SyncKey sync(String text) {
    String[] parts = text.split("/", -1);
    return new SyncKey(parts[0], parts[1]);
  }
}
