package dev.fairlead.daemon;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** All that can go wrong and that somebody has to be told of: the rows of {@link FaultTableIT}. */
final class FaultTable {
  /** What is demanded, each phrase between commas, semicolons or full stops. */
  static final String DEMANDED =
      """
      unreachable Git server, wrong credentials, missing ref, missing path, a path without \
      manifests, force-pushed branch, an emptied repository; invalid YAML, tabs, duplicate keys, \
      missing kind, unknown field, wrong type, invalid enum, unknown API kind, missing namespace, \
      an object without namespace, the same object twice (both places named), name too long, a \
      file over the limit, too many files, alias bombs, 10,000 levels, binary garbage, a symlink \
      that points outside, a submodule; an immutable field changed; an API server that restarts, \
      is down for a minute, answers 429/500/403, forgets a watch (410), goes silent on a watch. \
      Each limit\
      """;

  private static final Pattern BETWEEN = Pattern.compile("[,;.] ");

  private FaultTable() {}

  static List<String> phrases() {
    return BETWEEN.splitAsStream(DEMANDED).toList();
  }

  /** In the order of the phrases. */
  static List<FaultRow> rows() {
    List<String> order = phrases();
    return Stream.of(
            GitFaults.rows(), ManifestFaults.rows(), LimitFaults.rows(), ServerFaults.rows())
        .flatMap(List::stream)
        .sorted((a, b) -> Integer.compare(order.indexOf(a.phrase()), order.indexOf(b.phrase())))
        .toList();
  }
}
