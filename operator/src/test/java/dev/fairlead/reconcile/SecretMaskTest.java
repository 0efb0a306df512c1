package dev.fairlead.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.Seed;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretMaskTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          a value goes wherever it stands        | hunter2           | no login with hunter2!               | no login with ***!
          within a word too                      | hunter2           | xhunter2x                            | x***x
          what was base64 in the Secret goes too | hunter2           | got aHVudGVyMg==                     | got ***
          a URL has it in its own way            | p@ss word         | redis://:p%40ss%20word@db            | redis://:***@db
          JSON has it in its own way             | say"no            | {"a":"say\\"no"}                     | {"a":"***"}
          a short value goes as a word           | 42                | 42 is not 421                        | *** is not 421
          a colour does not hide it              | hunter2           | hun\u001b[31mter2                    | ***
          the password of a URL is one           | pg://u:pa55@db/x  | auth failed: pa55                    | auth failed: ***
          a file of settings holds many          | A=1111\\nB=xyzzy   | bad xyzzy and 1111                   | bad *** and ***
          so does one in JSON                    | {"a":{"b":"xyzzy"}} | bad xyzzy                          | bad ***
          nobody said that this one is secret    | x                 | connect to pg://me:pa55@db/x         | connect to pg://me:***@db/***
          nor this                               | -                 | DB_PASSWORD=abc, port 1              | DB_PASSWORD=***, port 1
          nor this one in JSON                   | -                 | {"api_key": "abc"}                   | {"api_key": "***"}
          nor a token in a header                | -                 | Authorization: Bearer abc.def.ghi    | Authorization: Bearer ***
          nor what has no meaning to anybody     | -                 | key AKIA0123456789ABCDEFGHIJ is bad  | key *** is bad
          words stay                             | -                 | panic: no route to database portfolio | panic: no route to database portfolio
          a path is no token                     | -                 | open /var/lib/postgresql/data/pg_hba.conf | open /var/lib/postgresql/data/pg_hba.conf
          a password that failed is a word       | -                 | password authentication failed for user "me" | password authentication failed for user "me"
          """)
  void hidesWhatIsSecret(String name, String value, String text, String told) {
    SecretMask mask =
        SecretMask.of(value.equals("-") ? List.of() : List.of(value.replace("\\n", "\n")));

    assertThat(mask.line(text)).isEqualTo(told);
  }

  @Test
  void isNotStoppedByALongStringInJson() {
    String key = "\\\\n7xY".repeat(20_000);

    assertThat(SecretMask.of(List.of("{\"private_key\": \"" + key + "\"}")).line("bad " + key))
        .isEqualTo("bad ***");
  }

  @Test
  void cutsAfterItHasMasked() {
    String value = "s".repeat(30) + "ecret";

    String told = SecretMask.of(List.of(value)).line("x".repeat(SecretMask.MOST - 10) + value);

    assertThat(told).doesNotContain("sss").hasSizeLessThanOrEqualTo(SecretMask.MOST + 1);
  }

  @Test
  void noRandomValueIsEverToldPlainOrEncoded() {
    RandomGenerator random = new Random(Seed.of(SecretMaskTest.class));
    for (int i = 0; i < Seed.cases(2_000); i++) {
      String value = word(random, 1 + random.nextInt(40));
      String other = word(random, 1 + random.nextInt(40));
      SecretMask mask = SecretMask.of(List.of(value, other));
      String encoded = Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8));

      String told = mask.line("a " + value + " b" + other + value + "c " + encoded + " d");

      if (value.length() > 3) {
        assertThat(told).doesNotContain(value).doesNotContain(encoded);
      }
    }
  }

  /** Of characters that passwords have. */
  private static String word(RandomGenerator random, int length) {
    StringBuilder word = new StringBuilder();
    while (word.length() < length) {
      word.append((char) ('!' + random.nextInt('~' - '!' + 1)));
    }
    return word.toString();
  }

  @Test
  void showsNothingOfItself() {
    assertThat(SecretMask.of(List.of("hunter2")).toString()).doesNotContain("hunter2");
  }
}
