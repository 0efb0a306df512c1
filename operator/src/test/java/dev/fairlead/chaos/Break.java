package dev.fairlead.chaos;

/** How a file is broken: what is put behind its good documents. */
enum Break {
  SYNTAX("BuildFailed", "---\nkind: {: [\n"),
  TWICE("BuildFailed", ""),
  UNKNOWN_FIELD(
      "ValidationFailed",
      """
      ---
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: broken, namespace: <ns>}
      dataa: {key: one}
      """),
  WRONG_TYPE(
      "ValidationFailed",
      """
      ---
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: broken, namespace: <ns>}
      data: {key: {nested: true}}
      """),
  SECRET_AS_A_LIST(
      "BuildFailed",
      """
      ---
      apiVersion: v1
      kind: Secret
      metadata: {name: broken, namespace: <ns>}
      stringData: {password: ["<marker>"]}
      """),
  SECRET_NOT_ENCODED(
      "BuildFailed",
      """
      ---
      apiVersion: v1
      kind: Secret
      metadata: {name: broken, namespace: <ns>}
      data: {password: "<marker>"}
      """),
  /** The template of a Job is another one. */
  IMMUTABLE("ValidationFailed", ""),
  NO_SUCH_NAMESPACE(
      "ValidationFailed",
      """
      ---
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: broken, namespace: nowhere}
      data: {key: one}
      """);

  /** A value of broken Secrets, which must be told of nowhere. */
  private static final String MARKER = Hush.PLAIN + "broken";

  private final String reason;
  private final String tail;

  Break(String reason, String tail) {
    this.reason = reason;
    this.tail = tail;
  }

  /** With this Ready is False. */
  String reason() {
    return reason;
  }

  /** Whether the commit cannot even be read, so that nobody knows what it wants. */
  boolean unreadable() {
    return reason.equals("BuildFailed");
  }

  /** The text of a file that is broken in this way. */
  String spoil(String good, String namespace) {
    if (this == IMMUTABLE) {
      return good.replaceAll("example.org/job:v(\\d+)", "example.org/job:v$1-other");
    }
    String behind = this == TWICE ? "---\n" + good : tail;
    return good + behind.replace("<ns>", namespace).replace("<marker>", MARKER);
  }
}
