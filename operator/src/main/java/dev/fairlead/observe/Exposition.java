package dev.fairlead.observe;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.io.OutputStream;

/** The values of all meters at one moment, to be written once. Immutable. */
public final class Exposition {
  private final ExpositionFormatWriter writer;
  private final MetricSnapshots snapshots;

  Exposition(ExpositionFormatWriter writer, MetricSnapshots snapshots) {
    this.writer = writer;
    this.snapshots = snapshots;
  }

  /** The value of the {@code Content-Type} header. */
  public String contentType() {
    return writer.getContentType();
  }

  /** Writes all of it, without closing the stream. */
  public void writeTo(OutputStream out) throws IOException {
    writer.write(out, snapshots);
  }
}
