package dev.fairlead.chaos;

import dev.fairlead.testbed.ApiCourse;
import dev.fairlead.testbed.ApiProxy;
import dev.fairlead.testbed.ApiRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;

/**
 * What the way to the API server does to a daemon's requests: in good weather nothing, in bad
 * weather it delays, refuses and cuts some of them. It can fall silent in the middle of all watches
 * at any time.
 *
 * <p>Any thread may call.
 */
final class Storm implements ApiProxy.Hook {
  private static final ApiCourse CUT_AFTER =
      new ApiCourse.Forward(
          "",
          () -> {
            throw new UncheckedIOException(new IOException("cut off by the test"));
          });

  private final SplittableRandom random;
  private final Tally tally;
  private int strength;
  private CountDownLatch silence = new CountDownLatch(1);

  Storm(long seed, Tally tally) {
    this.random = new SplittableRandom(seed);
    this.tally = tally;
  }

  /**
   * @param percent how many requests fare badly; 0 is good weather
   */
  synchronized void blow(int percent) {
    strength = percent;
  }

  /** All watches that are open now say nothing more. */
  synchronized void mute() {
    silence.countDown();
    silence = new CountDownLatch(1);
  }

  @Override
  public ApiCourse on(ApiRequest request) {
    long delay = 0;
    ApiCourse course = ApiCourse.FORWARD;
    synchronized (this) {
      if (request.isWatch()) {
        course = new ApiCourse.Mute(silence);
      }
      if (random.nextInt(100) < strength) {
        switch (random.nextInt(7)) {
          case 0, 1 -> delay = counted("delayed", random.nextInt(50, 2000));
          case 2 -> course = counted("cut before", new ApiCourse.Drop());
          case 3 -> course = counted("cut after", CUT_AFTER);
          case 4 -> course = counted("429", tooMany());
          case 5 ->
              course =
                  counted("500", new ApiCourse.Answer(500, "InternalError", "refused by the test"));
          default ->
              course =
                  counted(
                      "503",
                      new ApiCourse.Answer(503, "ServiceUnavailable", "refused by the test"));
        }
      }
    }
    pause(delay);
    return course;
  }

  private <T> T counted(String what, T value) {
    tally.count("faults", "request " + what);
    return value;
  }

  private static ApiCourse tooMany() {
    return new ApiCourse.Answer(
        429,
        Map.of("Content-Type", "application/json", "Retry-After", "1"),
        """
        {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",\
        "message":"slow down","reason":"TooManyRequests","code":429}
        """);
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
