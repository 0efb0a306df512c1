package dev.fairlead.reconcile;

import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.Warning;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What a sync's status warns of that concerns no single one of its objects: its webhook, its
 * Secrets, kinds that may not be watched.
 */
record Notices(Webhook webhook, Expiries expiries, Blindness blindness) {
  static final Notices NONE = new Notices(Webhook.NONE, Expiries.UNREAD, Blindness.NONE);

  List<Warning> warnings(Instant now) {
    List<Warning> all = new ArrayList<>(blindness.warnings());
    webhook.trouble().ifPresent(all::add);
    all.addAll(expiries.warnings(now));
    return all;
  }

  /** The warnings that status has, with what is to be told now. */
  List<String> amend(List<String> warnings, Instant now) {
    List<String> all = new ArrayList<>();
    warnings(now).forEach(w -> all.add(ProblemText.cut(w.toString())));
    warnings.stream()
        .filter(w -> !Webhook.covers(w) && !expiries.covers(w) && !Blindness.covers(w))
        .forEach(all::add);
    return all.stream().limit(SyncStatus.MAX_WARNINGS).toList();
  }
}
