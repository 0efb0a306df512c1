package dev.fairlead.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BrowserGuardTest {
  @ParameterizedTest(name = "Host {0}, Sec-Fetch-Site {1}: {2}")
  @CsvSource({
    "localhost:8081,             ,             answered",
    "LocalHost,                  ,             answered",
    "127.0.0.1:8081,             ,             answered",
    "10.1.2.3:8081,              none,         answered",
    "[::1]:8081,                 same-origin,  answered",
    "[fe80::1%eth0],             ,             answered",
    "localhost:8081,             cross-site,   refused",
    "localhost:8081,             same-site,    refused",
    "evil.example.org,           ,             refused",
    "evil.example.org:8081,      same-origin,  refused",
    "localhost.example.org:8081, ,             refused",
    "127.0.0.1.example.org,      ,             refused",
    "127.0.0.1@example.org,      ,             refused",
    "2130706433,                 ,             refused",
    "0x7f.1,                     ,             refused",
    "[::1,                       ,             refused",
    "'',                         ,             refused",
    "localhost:,                 ,             refused",
  })
  void a_name_that_others_can_own_is_refused(String host, String site, String outcome) {
    Headers headers = new Headers();
    headers.add("Host", host);
    if (site != null) {
      headers.add("Sec-Fetch-Site", site);
    }

    assertThat(BrowserGuard.refusal(headers).isPresent() ? "refused" : "answered")
        .isEqualTo(outcome);
  }

  @Test
  void a_request_has_one_host() {
    Headers two = new Headers();
    two.add("Host", "localhost");
    two.add("Host", "localhost");

    assertThat(BrowserGuard.refusal(two)).isPresent();
    assertThat(BrowserGuard.refusal(new Headers())).isPresent();
  }
}
