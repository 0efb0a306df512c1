package dev.fairlead.planted.unmarked;

/** Sleeps, and uses every library that belongs to others. */
public final class UsesWhatItMustNot {
  final Class<?> git = org.eclipse.jgit.lib.Repository.class;
  final Class<?> ssh = org.apache.sshd.client.SshClient.class;
  final Class<?> openPgp = org.bouncycastle.openpgp.PGPPublicKey.class;
  final Class<?> kubernetes = io.fabric8.kubernetes.client.KubernetesClient.class;
  final Class<?> json = tools.jackson.core.JsonParser.class;
  final Class<?> yaml = org.yaml.snakeyaml.Yaml.class;
  final Class<?> commandLine = picocli.CommandLine.class;
  final Class<?> meters = io.micrometer.core.instrument.MeterRegistry.class;
  final Class<?> prometheus = io.prometheus.metrics.model.snapshots.Labels.class;
  final Class<?> logs = ch.qos.logback.classic.LoggerContext.class;
  final Class<?> http = com.sun.net.httpserver.HttpServer.class;

  void sleep() throws InterruptedException {
    Thread.sleep(1);
  }
}
