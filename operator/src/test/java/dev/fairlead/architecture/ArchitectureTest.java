package dev.fairlead.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.EvaluationResult;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The layering of the whole. Each rule is checked twice: the code must keep it, and the fixture
 * below {@code dev.fairlead.planted}, which breaks every one of them, must be caught by it.
 */
final class ArchitectureTest {
  private static final String ROOT = "dev.fairlead";
  private static final String PLANTED = "dev.fairlead.planted";

  private static final JavaClasses CODE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);
  private static final JavaClasses FIXTURE = new ClassFileImporter().importPackages(PLANTED);

  @ParameterizedTest(name = "{0}")
  @MethodSource("sentences")
  void the_code_keeps_the_rule(String sentence) {
    EvaluationResult result = rule(ROOT, sentence).evaluate(CODE);

    assertThat(result.getFailureReport().getDetails()).as(sentence).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("sentences")
  void a_planted_violation_is_caught(String sentence) {
    EvaluationResult result = rule(PLANTED, sentence).evaluate(FIXTURE);

    assertThat(result.getFailureReport().getDetails()).as(sentence).isNotEmpty();
  }

  @Test
  void every_package_has_its_place_in_the_layers() {
    Set<String> packages =
        CODE.stream()
            .map(type -> type.getPackageName().substring(ROOT.length()))
            .filter(name -> !name.isEmpty())
            .map(name -> name.split("\\.", -1)[1])
            .collect(Collectors.toSet());

    assertThat(packages).isSubsetOf(Rules.LAYERS.keySet()).contains("model", "runtime");
  }

  static Set<String> sentences() {
    return new Rules(ROOT).all().keySet();
  }

  private static ArchRule rule(String root, String sentence) {
    ArchRule rule = new Rules(root).all().get(sentence);
    if (rule == null) {
      throw new IllegalArgumentException("no such rule: " + sentence);
    }
    return rule;
  }
}
