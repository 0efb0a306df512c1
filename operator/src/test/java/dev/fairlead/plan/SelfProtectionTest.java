package dev.fairlead.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.manifest.JsonReader;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.plan.SelfProtection.Breach;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Fairlead would not survive is refused, and nothing else. JSON with single quotes. */
final class SelfProtectionTest {
  private static final String HOME = "fairlead-system";
  private static final Guard.Own OWN = Guard.Own.in(HOME);
  private static final ObjectKey DEPLOYMENT = new ObjectKey("apps", "Deployment", HOME, "fairlead");
  private static final ObjectKey ROLE = new ObjectKey(Guard.RBAC, "ClusterRole", "", "fairlead");
  private static final ObjectKey BINDING =
      new ObjectKey(Guard.RBAC, "ClusterRoleBinding", "", "fairlead");
  private static final ObjectKey DEFINITION =
      new ObjectKey(
          "apiextensions.k8s.io", "CustomResourceDefinition", "", "gitsyncs.fairlead.dev");

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          one replica passes                       | {'replicas':1}                                                     | -
          none is said: one                        | {}                                                                 | -
          two that elect a leader pass             | {'replicas':2}                                                     | -
          another image passes                     | {'template':{'spec':{'containers':[{'image':'new'}]}}}             | -
          none would be for good                   | {'replicas':0}                                                     | spec.replicas
          two that elect none would both write     | {'replicas':2,'template':{'spec':{'containers':[{'args':['operator','--leader-elect=false']}]}}} | spec.replicas
          the same in two words                    | {'replicas':2,'template':{'spec':{'containers':[{'args':['--leader-elect','false']}]}}} | spec.replicas
          the same by its variable                 | {'replicas':2,'template':{'spec':{'containers':[{'env':[{'name':'FAIRLEAD_LEADER_ELECT','value':'false'}]}]}}} | spec.replicas
          the flag wins over the variable          | {'replicas':2,'template':{'spec':{'containers':[{'args':['--leader-elect=true'],'env':[{'name':'FAIRLEAD_LEADER_ELECT','value':'false'}]}]}}} | -
          one that elects none passes              | {'replicas':1,'template':{'spec':{'containers':[{'args':['--leader-elect=false']}]}}} | -
          """)
  void its_deployment(String sentence, String spec, String path) {
    List<Breach> breaches =
        SelfProtection.breaches(
            DEPLOYMENT, parse("{'spec':" + spec + "}"), Optional.empty(), List.of(), OWN);

    assertThat(paths(breaches)).isEqualTo(path);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          the definition passes                    | Namespaced | {'name':'v1alpha1','served':true,S,P}            | -
          one that keeps all fields passes         | Namespaced | {'name':'v1alpha1','served':true,S,'schema':{'openAPIV3Schema':{'x-kubernetes-preserve-unknown-fields':true}}} | -
          a further version passes                 | Namespaced | {'name':'v1alpha1','served':true,S,P},{'name':'v1','served':true,'storage':true} | -
          its version is gone                      | Namespaced | {'name':'v1','served':true,S,P}                  | spec.versions
          its version is not served                | Namespaced | {'name':'v1alpha1','served':false,S,P}           | spec.versions
          it is in no namespace                    | Cluster    | {'name':'v1alpha1','served':true,S,P}            | spec.scope
          it has no status of its own              | Namespaced | {'name':'v1alpha1','served':true,P}              | spec.versions[name="v1alpha1"].subresources
          all specs would be dropped               | Namespaced | {'name':'v1alpha1','served':true,S,'schema':{'openAPIV3Schema':{'properties':{'status':{}}}}} | spec.versions[name="v1alpha1"].schema.openAPIV3Schema.properties
          """)
  void its_definition(String sentence, String scope, String versions, String path) {
    String all =
        versions
            .replace(",S", ",'subresources':{'status':{}}")
            .replace(",P", ",'schema':{'openAPIV3Schema':{'properties':{'spec':{},'status':{}}}}");
    Json.Obj desired = parse("{'spec':{'scope':'%s','versions':[%s]}}".formatted(scope, all));

    List<Breach> breaches =
        SelfProtection.breaches(DEFINITION, desired, Optional.empty(), List.of(), OWN);

    assertThat(paths(breaches)).isEqualTo(path);
  }

  private static final String SYNCS =
      "{'apiGroups':['fairlead.dev'],'resources':['gitsyncs','gitsyncs/status'],"
          + "'verbs':['get','list','watch','patch']}";
  private static final String LEASES =
      "{'apiGroups':['coordination.k8s.io'],'resources':['leases'],"
          + "'verbs':['get','create','patch']}";
  private static final String ALL = "{'apiGroups':['*'],'resources':['*'],'verbs':['*']}";
  private static final String LOOK =
      "{'apiGroups':['*'],'resources':['*'],'verbs':['get','list','watch']}";

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          what it has passes                           | S,L | S,L   |   | -
          another rule more passes                     | S,L | S,L,R |   | -
          everything narrowed to what is needed passes | A   | S,L   |   | -
          a right that it never had may be missing     | R   | R     |   | -
          that another role has may go                 | S,L | S     | L | -
          GitSyncs cannot be written any more          | S,L | R,L   |   | rules rules
          the lease cannot be written any more         | A   | S,R   |   | rules
          nothing is left                              | A   | -     |   | rules rules rules
          for one object alone is not for all          | S,L | N,L   |   | rules rules
          a role that others fill passes               | S,L | G     |   | -
          """)
  void its_roles(String sentence, String live, String desired, String other, String path) {
    List<Json.Obj> others = other == null ? List.of() : List.of(rules(other));

    List<Breach> breaches =
        SelfProtection.breaches(ROLE, rules(desired), Optional.of(rules(live)), others, OWN);

    assertThat(paths(breaches)).isEqualTo(path);
  }

  private static Json.Obj rules(String letters) {
    if (letters.equals("G")) {
      return parse("{'aggregationRule':{}}");
    }
    String named = SYNCS.replace("'verbs'", "'resourceNames':['one'],'verbs'");
    String rules =
        letters
            .replace("-", "")
            .replace("S", SYNCS)
            .replace("L", LEASES)
            .replace("N", named)
            .replace("R", LOOK)
            .replace("A", ALL);
    return parse("{'rules':[" + rules + "]}");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          what it has passes                  | fairlead fairlead-system       | fairlead fairlead-system | -
          another account more passes         | fairlead fairlead-system       | fairlead fairlead-system,b b | -
          its account is taken out            | fairlead fairlead-system       | b fairlead-system | subjects
          that of another namespace is not it | fairlead fairlead-system       | fairlead elsewhere | subjects
          it is not in it anyway              | b fairlead-system              | c fairlead-system | -
          """)
  void its_bindings(String sentence, String live, String desired, String path) {
    List<Breach> breaches =
        SelfProtection.breaches(
            BINDING, subjects(desired), Optional.of(subjects(live)), List.of(), OWN);

    assertThat(paths(breaches)).isEqualTo(path);
  }

  private static Json.Obj subjects(String accounts) {
    StringBuilder subjects = new StringBuilder();
    for (String account : accounts.split(",", -1)) {
      String[] parts = account.split(" ", -1);
      subjects
          .append(subjects.isEmpty() ? "" : ",")
          .append(
              "{'kind':'ServiceAccount','name':'%s','namespace':'%s'}"
                  .formatted(parts[0], parts[1]));
    }
    return parse("{'subjects':[" + subjects + "]}");
  }

  @Test
  void its_lease_is_not_for_git() {
    ObjectKey lease = new ObjectKey("coordination.k8s.io", "Lease", HOME, "fairlead");

    assertThat(SelfProtection.concerns(lease, OWN)).isTrue();
    assertThat(SelfProtection.breaches(lease, parse("{}"), Optional.empty(), List.of(), OWN))
        .hasSize(1);
  }

  @Test
  void what_bears_its_name_elsewhere_is_not_its_own() {
    assertThat(
            SelfProtection.concerns(
                new ObjectKey("apps", "Deployment", "elsewhere", "fairlead"), OWN))
        .isFalse();
    assertThat(SelfProtection.concerns(new ObjectKey("apps", "Deployment", HOME, "portfolio"), OWN))
        .isFalse();
  }

  private static String paths(List<Breach> breaches) {
    return breaches.isEmpty()
        ? "-"
        : String.join(" ", breaches.stream().map(Breach::path).toList());
  }

  private static Json.Obj parse(String text) {
    try {
      byte[] json = text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
      return (Json.Obj) JsonReader.parse(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
