package dev.fairlead.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.Headers;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AcceptTest {
  @ParameterizedTest(name = "Accept: {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "                                                 | yes",
        "*/*                                              | yes",
        "application/json                                 | yes",
        "application/*;q=0.1                              | yes",
        "Application/JSON; charset=utf-8                  | yes",
        "text/html,application/xhtml+xml,*/*;q=0.8        | yes",
        "text/html, application/json;q=0.5                | yes",
        "text/html                                        | no",
        "application/json;q=0, */*                        | no",
        "*/*;q=0                                          | no",
        "*/*;q=0.000                                      | no",
        "application/json-seq                             | no",
        "application/yaml                                 | no",
      })
  void json_is_given_to_whoever_takes_it(String accept, String allowed) {
    Headers headers = new Headers();
    if (accept != null) {
      headers.add("Accept", accept);
    }

    assertThat(Accept.allowsJson(headers) ? "yes" : "no").isEqualTo(allowed);
  }

  @ParameterizedTest(name = "Accept-Encoding: {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "                  | no",
        "gzip, deflate, br | yes",
        "br;q=1, GZIP;q=0.5| yes",
        "*                 | yes",
        "gzip;q=0, *       | no",
        "gzip; q=0.0       | no",
        "identity          | no",
        "x-gzip            | no",
      })
  void gzip_is_given_to_whoever_asks_for_it(String accept, String allowed) {
    Headers headers = new Headers();
    if (accept != null) {
      headers.add("Accept-Encoding", accept);
    }

    assertThat(Accept.allowsGzip(headers) ? "yes" : "no").isEqualTo(allowed);
  }
}
