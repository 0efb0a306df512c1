package dev.fairlead.observe;

import dev.fairlead.model.RequestListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * Requests to the API server. The codes that it usually answers with are there from the start, the
 * others when they come; any thread may call it.
 */
final class RequestMeters implements RequestListener {
  private static final int NO_ANSWER = 0;
  private static final int[] ALWAYS = {NO_ANSWER, 200, 403, 404, 429, 500, 503};

  private final MeterRegistry registry;
  private final Map<Answer, Counter> counters = new ConcurrentHashMap<>();

  private record Answer(Verb verb, int code) {}

  RequestMeters(MeterRegistry registry) {
    this.registry = registry;
    for (Verb verb : Verb.values()) {
      IntStream.concat(IntStream.of(ALWAYS), IntStream.of(codesOf(verb)))
          .forEach(code -> counter(new Answer(verb, code)));
    }
  }

  private static int[] codesOf(Verb verb) {
    return switch (verb) {
      case APPLY, CREATE, DRY_RUN -> new int[] {201, 409, 422};
      case DELETE, PATCH -> new int[] {409, 422};
      case LEASE -> new int[] {201, 409};
      case LIST, WATCH -> new int[] {410};
      case DISCOVER, GET -> new int[] {};
    };
  }

  @Override
  public void onRequest(Verb verb, int code, Duration took) {
    // A server that makes up status codes must not make up series.
    boolean valid = code >= 100 && code <= 599;
    counter(new Answer(verb, valid ? code : NO_ANSWER)).increment();
  }

  private Counter counter(Answer answer) {
    return counters.computeIfAbsent(
        answer,
        _ ->
            Counter.builder("fairlead.api.requests")
                .description("Requests of our own to the API server; code none: no answer")
                .tag("verb", answer.verb.toString())
                .tag("code", answer.code == NO_ANSWER ? "none" : Integer.toString(answer.code))
                .register(registry));
  }
}
