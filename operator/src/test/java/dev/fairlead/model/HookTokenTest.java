package dev.fairlead.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class HookTokenTest {
  private static final HookToken TOKEN =
      new HookToken("It's a Secret to Everybody".getBytes(UTF_8));

  @Test
  void the_path_is_a_hash_of_the_token_and_the_sync() {
    // Computed by: printf fairlead.dev/hook/apps/web | openssl dgst -sha256 -hmac TOKEN
    assertThat(TOKEN.path(new SyncKey("apps", "web")))
        .isEqualTo("/hook/48142223b1f8b62783789833ca5991cc597f85442a66e9c5f3f5d1f628655a78");
    assertThat(TOKEN.path(new SyncKey("apps", "api")))
        .isEqualTo("/hook/fca1d60574f6ee93bfb84f2b36cdb027d5c78ed53cf9de1931399ef347b82676");
  }

  @Test
  void only_the_token_itself_is_the_token() {
    assertThat(TOKEN.is("It's a Secret to Everybody")).isTrue();
    assertThat(TOKEN.is("It's a Secret to Everybod")).isFalse();
    assertThat(TOKEN.is("It's a Secret to Everybody!")).isFalse();
    assertThat(TOKEN.is("")).isFalse();
  }

  @Test
  void what_could_be_guessed_is_no_token() {
    assertThatThrownBy(() -> new HookToken("fifteen letters".getBytes(UTF_8)))
        .hasMessage("a token has at least 16 bytes");
  }

  @Test
  void nothing_of_it_is_told() {
    assertThat(TOKEN.toString()).isEqualTo("HookToken");
  }
}
