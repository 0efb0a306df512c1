package dev.fairlead.chaos;

import dev.fairlead.daemon.SyncClient;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;

/** What kinds of objects the repositories have, and how one looks in each of its versions. */
enum Kind {
  CONFIG_MAP("", "v1", "ConfigMap", "configmaps") {
    @Override
    String body(Item item) {
      int serial = item.serial();
      return """
      {"data": {"key": "value-%d", "extra-%d": "x"}}\
      """
          .formatted(serial, serial % 3);
    }

    @Override
    String edit() {
      return "{\"data\":{\"key\":\"by hand\"}}";
    }
  },
  SECRET("", "v1", "Secret", "secrets") {
    @Override
    String body(Item item) {
      return """
      {"type": "Opaque", "stringData": {"password": "%s"}}\
      """
          .formatted(item.marker());
    }

    @Override
    String edit() {
      return "{\"data\":{\"password\":\"YnkgaGFuZA==\"}}";
    }
  },
  SERVICE("", "v1", "Service", "services") {
    @Override
    String body(Item item) {
      return """
      {"spec": {"selector": {"app": "%s"}, "ports": [{"name": "http", "port": %d}]}}\
      """
          .formatted(item.name(), 8000 + item.serial() % 1000);
    }

    @Override
    String edit() {
      return "{\"spec\":{\"selector\":{\"app\":\"by-hand\"}}}";
    }
  },
  SERVICE_ACCOUNT("", "v1", "ServiceAccount", "serviceaccounts") {
    @Override
    String body(Item item) {
      return "{\"automountServiceAccountToken\": false}";
    }

    @Override
    String edit() {
      return "{\"automountServiceAccountToken\": true}";
    }
  },
  ROLE("rbac.authorization.k8s.io", "v1", "Role", "roles") {
    @Override
    String body(Item item) {
      return """
      {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["%s"]}]}\
      """
          .formatted(item.serial() % 2 == 0 ? "get" : "list");
    }

    @Override
    String edit() {
      return "{\"rules\":[]}";
    }
  },
  DEPLOYMENT("apps", "v1", "Deployment", "deployments") {
    @Override
    String body(Item item) {
      return """
      {"spec": {"replicas": %d, "selector": {"matchLabels": {"app": "%s"}},
       "template": {"metadata": {"labels": {"app": "%s"}},
        "spec": {"containers": [{"name": "web", "image": "example.org/web:%s",
         "env": [{"name": "SERIAL", "value": "%d"}]}]}}}}\
      """
          .formatted(1 + item.serial() % 2, item.name(), item.name(), item.image(), item.serial());
    }

    @Override
    String edit() {
      return "{\"spec\":{\"replicas\":3}}";
    }
  },
  JOB("batch", "v1", "Job", "jobs") {
    @Override
    String body(Item item) {
      return """
      {"spec": {"template": {"metadata": {"labels": {"app": "%s"}}, "spec": {"restartPolicy": "Never",
        "containers": [{"name": "run", "image": "example.org/job:%s"}]}}}}\
      """
          .formatted(item.name(), item.image());
    }

    @Override
    String edit() {
      return "{\"spec\":{\"suspend\":false}}";
    }
  };

  private final String group;
  private final String version;
  private final String kind;
  private final String plural;

  Kind(String group, String version, String kind, String plural) {
    this.group = group;
    this.version = version;
    this.kind = kind;
    this.plural = plural;
  }

  /** What the manifest has beside name and metadata. */
  abstract String body(Item item);

  /** A merge patch of a field that Git sets. */
  abstract String edit();

  static Kind of(ObjectKey key) {
    for (Kind kind : values()) {
      if (kind.kind.equals(key.kind()) && kind.group.equals(key.group())) {
        return kind;
      }
    }
    throw new IllegalArgumentException(key.toString());
  }

  ObjectKey key(String namespace, String name) {
    return new ObjectKey(group, kind, namespace, name);
  }

  String apiVersion() {
    return group.isEmpty() ? version : group + "/" + version;
  }

  String kind() {
    return kind;
  }

  String plural() {
    return plural;
  }

  /** Where all objects of the kind are listed. */
  String list() {
    return (group.isEmpty() ? "/api/" : "/apis/" + group + "/") + version + "/" + plural;
  }

  /** Where the objects of a namespace are. */
  String collection(String namespace) {
    return list().replace("/" + plural, "/namespaces/" + namespace + "/" + plural);
  }

  static String path(ObjectKey key) {
    return of(key).collection(key.namespace()) + "/" + key.name();
  }

  Json.Obj parsedBody(Item item) {
    return SyncClient.parse(body(item));
  }
}
