package dev.fairlead.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.elements.ClassesShould;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/** What DESIGN says about packages, as rules below any root package. */
final class Rules {
  /** Which packages of ours each package may use. */
  static final Map<String, Set<String>> LAYERS = new LinkedHashMap<>();

  static {
    LAYERS.put("model", Set.of());
    LAYERS.put("manifest", Set.of("model"));
    LAYERS.put("plan", Set.of("model", "manifest"));
    LAYERS.put("schema", Set.of("model", "manifest"));
    LAYERS.put("health", Set.of("model"));
    LAYERS.put("secrets", Set.of("model"));
    LAYERS.put("runtime", Set.of("model"));
    LAYERS.put("api", Set.of("model"));
    LAYERS.put("git", Set.of("model", "manifest"));
    LAYERS.put("render", Set.of("model", "manifest", "secrets"));
    LAYERS.put("cluster", Set.of("model", "manifest", "plan", "schema", "health", "api"));
    LAYERS.put("observe", Set.of("model"));
    LAYERS.put("web", Set.of("model", "observe"));
    LAYERS.put(
        "cli",
        Set.of(
            "model",
            "manifest",
            "plan",
            "schema",
            "health",
            "runtime",
            "api",
            "render",
            "git",
            "cluster"));
    LAYERS.put(
        "reconcile",
        Set.of(
            "model",
            "manifest",
            "plan",
            "schema",
            "health",
            "secrets",
            "runtime",
            "api",
            "git",
            "render",
            "cluster"));
    LAYERS.put(
        "app",
        Set.of(
            "model",
            "manifest",
            "plan",
            "schema",
            "health",
            "secrets",
            "runtime",
            "api",
            "git",
            "render",
            "cluster",
            "observe",
            "web",
            "cli",
            "reconcile"));
  }

  private static final String[] PURE = {
    "model", "manifest", "plan", "schema", "health", "secrets", "runtime"
  };

  private static final Set<String> CLOCKS =
      Set.of(
          "java.time.Clock.system",
          "java.time.Clock.systemUTC",
          "java.time.Clock.systemDefaultZone",
          "java.time.Clock.tickMillis",
          "java.time.Clock.tickSeconds",
          "java.time.Clock.tickMinutes",
          "java.time.Instant.now",
          "java.time.InstantSource.system",
          "java.time.LocalDate.now",
          "java.time.LocalDateTime.now",
          "java.time.OffsetDateTime.now",
          "java.time.ZonedDateTime.now",
          "java.lang.System.currentTimeMillis",
          "java.lang.System.nanoTime",
          "java.util.Date.<init>");

  private static final Set<String> ENVIRONMENT =
      Set.of(
          "java.lang.System.getenv",
          "java.lang.System.getProperty",
          "java.lang.System.getProperties",
          "java.net.InetAddress.getLocalHost");

  private final String root;

  Rules(String root) {
    this.root = root;
  }

  /** Every rule by the sentence that it stands for. */
  Map<String, ArchRule> all() {
    Map<String, ArchRule> rules = new LinkedHashMap<>();
    LAYERS.forEach((name, uses) -> rules.put(name + " uses only " + uses, layer(name, uses)));
    rules.put(
        "there are no cycles between packages",
        slices().matching(root + ".(*)..").should().beFreeOfCycles());
    rules.put("pure packages do not touch the network", pure().dependOnClassesThat(NETWORK));
    rules.put("pure packages do not touch files", pure().dependOnClassesThat(FILES));
    rules.put(
        "pure packages do not ask the environment", pure().accessTargetWhere(calls(ENVIRONMENT)));
    rules.put("pure packages do not ask the clock", pure().accessTargetWhere(calls(CLOCKS)));
    rules.put(
        "only runtime sleeps",
        only("runtime")
            .accessTargetWhere(
                calls(Set.of("java.lang.Thread.sleep", "java.util.concurrent.TimeUnit.sleep"))));
    rules.put("JGit is used by git alone", library("org.eclipse.jgit..", "git"));
    rules.put("BouncyCastle is used by git alone", library("org.bouncycastle..", "git"));
    rules.put("the ssh client is used by git alone", library("org.apache.sshd..", "git"));
    rules.put(
        "fabric8 is used by cluster and api alone", library("io.fabric8..", "cluster", "api"));
    rules.put(
        "Jackson is used by manifest, cluster and observe alone",
        library("tools.jackson..", "manifest", "cluster", "observe"));
    rules.put("SnakeYAML is used by manifest alone", library("org.yaml..", "manifest"));
    rules.put("picocli is used by cli and app alone", library("picocli..", "cli", "app"));
    rules.put("Micrometer is used by observe alone", library("io.micrometer..", "observe"));
    rules.put(
        "the Prometheus client is used by observe alone", library("io.prometheus..", "observe"));
    rules.put("logback is used by observe alone", library("ch.qos.logback..", "observe"));
    rules.put("the HTTP server is used by web alone", library("com.sun.net.httpserver..", "web"));
    rules.put(
        "every package is null-marked",
        classes().that(areOurs()).should(resideInANullMarkedPackage()));
    rules.replaceAll((sentence, rule) -> rule.as(sentence).allowEmptyShould(true));
    return rules;
  }

  private ArchRule layer(String name, Set<String> uses) {
    String[] allowed =
        Stream.concat(Stream.of(name), uses.stream()).map(this::below).toArray(String[]::new);
    return noClasses()
        .that()
        .resideInAPackage(below(name))
        .should()
        .dependOnClassesThat(areOurs().and(not(resideInAnyPackage(allowed))));
  }

  private ArchRule library(String library, String... users) {
    return only(users).dependOnClassesThat(resideInAPackage(library));
  }

  private ClassesShould only(String... users) {
    return noClasses().that(areOurs().and(not(resideInAnyPackage(below(users))))).should();
  }

  private ClassesShould pure() {
    return noClasses().that().resideInAnyPackage(below(PURE)).should();
  }

  private DescribedPredicate<JavaClass> areOurs() {
    return resideInAPackage(root + "..");
  }

  private String[] below(String... names) {
    return Stream.of(names).map(this::below).toArray(String[]::new);
  }

  private String below(String name) {
    return root + "." + name + "..";
  }

  /** A URI is text that was parsed; all else in java.net can talk. */
  private static final DescribedPredicate<JavaClass> NETWORK =
      DescribedPredicate.describe(
          "can talk to a network",
          type ->
              (inside(type, "java.net")
                      && !Set.of("URI", "URISyntaxException").contains(type.getSimpleName()))
                  || inside(type, "javax.net")
                  || inside(type, "java.nio.channels"));

  private static final DescribedPredicate<JavaClass> FILES =
      DescribedPredicate.describe(
          "can touch files",
          type ->
              inside(type, "java.nio.file")
                  || Set.of(
                          "java.io.File",
                          "java.io.FileInputStream",
                          "java.io.FileOutputStream",
                          "java.io.FileReader",
                          "java.io.FileWriter",
                          "java.io.RandomAccessFile")
                      .contains(type.getName()));

  private static boolean inside(JavaClass type, String name) {
    return type.getPackageName().equals(name) || type.getPackageName().startsWith(name + ".");
  }

  private static DescribedPredicate<JavaAccess<?>> calls(Set<String> methods) {
    return DescribedPredicate.describe(
        "calls one of " + methods,
        access -> {
          AccessTarget target = access.getTarget();
          return methods.contains(target.getOwner().getName() + "." + target.getName());
        });
  }

  private static ArchCondition<JavaClass> resideInANullMarkedPackage() {
    return new ArchCondition<>("reside in a package that is null-marked") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        boolean marked =
            type.getPackage()
                .tryGetPackageInfo()
                .map(info -> info.isAnnotatedWith(NullMarked.class))
                .orElse(false);
        events.add(
            new SimpleConditionEvent(
                type, marked, type.getPackageName() + " has no package-info with @NullMarked"));
      }
    };
  }
}
