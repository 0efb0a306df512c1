package dev.fairlead.daemon;

import dev.fairlead.daemon.Corpus.Edit;
import java.util.List;

/** What the comparison changes in the corpus. */
final class CorpusEdits {
  /** What people change, and above all what they remove: of maps, keyed, plain and atomic lists. */
  static final List<Edit> CHANGES =
      List.of(
          new Edit("web/shop.yaml", "9f8e7d6c5b4a39281706f5e4d3c2b1a098765432", "0123456"),
          new Edit(
              "web/shop.yaml",
              """
                      - name: sidecar
                        image: registry.example.org/tools/proxy:2
                        args: ["-v", "--listen", ":8080"]
                        resources:
                          <<: *small
                          limits: {memory: 96Mi, cpu: "0.1"}
              """,
              ""),
          new Edit("web/shop.yaml", "namespace: corpus, labels: {app: web}", "namespace: corpus"),
          new Edit("web/shop.yaml", "  FEATURE_NEW_CART: \"off\"\n", ""),
          new Edit(
              "web/shop.yaml",
              """
                  - type: Pods
                    pods: {metric: {name: requests_per_second}, target: {type: AverageValue, averageValue: 1k}}
              """,
              ""),
          new Edit(
              "monitoring/node-exporter.yaml",
              """
                        env:
                          - name: HOST_IP
                            value: 0.0.0.0
              """,
              ""),
          new Edit(
              "network/services.yaml",
              "    - {name: metrics, port: 9153, protocol: TCP, targetPort: metrics}\n",
              ""),
          new Edit("network/services.yaml", ", nodePort: 30080", ""),
          new Edit("configuration/secrets.yaml", ", password: cw==", ""),
          new Edit("configuration/secrets.yaml", "  number: \"12345\"\n", ""),
          new Edit("certificates/resources.yaml", "    - \"*.shop.example.org\"\n", ""),
          new Edit("certificates/resources.yaml", "{algorithm: ECDSA, size: 256}", "{size: 256}"),
          new Edit("gateway/routes.yaml", ", burst: 50", ""),
          new Edit("rbac/roles.yaml", "  - patch\n", ""),
          new Edit(
              "ingress-controller/ingresses.yml",
              """
                tls:
                  - hosts: [shop.example.org, "www.shop.example.org"]
                    secretName: shop-tls
              """,
              ""),
          new Edit(
              "namespaces/namespaces.yaml",
              """
                annotations:
                  example.org/owner: "Platform <platform@example.org>"
              """,
              ""),
          new Edit(
              "quirks/numbers-and-words.yaml",
              """
                        - name: "ON"
                          value: "on"
              """,
              ""),
          new Edit("database/backup.yaml", "  timeZone: \"Europe/Berlin\"\n", ""),
          new Edit(
              "gateway/controller.yaml",
              """
                  rollingUpdate:
                    maxUnavailable: 0
                    maxSurge: 1
              """,
              ""),
          new Edit("policy/limits.yaml", "    count/deployments.apps: \"5\"\n", ""),
          new Edit("delivery/workflows.yaml", "      - name: depth\n        value: 1\n", ""));

  /** For kubectl alone. */
  static final List<Edit> PLANTED =
      List.of(
          // a value, a missing field, an extra field, the order of a list, a number's type
          new Edit("web/shop.yaml", "minAvailable: 50%", "minAvailable: 40%"),
          new Edit("web/shop.yaml", "  GREETING: Grüß Gott, 你好, 🛒\n", ""),
          new Edit(
              "ingress-controller/ingresses.yml",
              "{name: fallback,",
              "{name: fallback, labels: {planted: label},"),
          new Edit("rbac/roles.yaml", "  - get\n  - list\n", "  - list\n  - get\n"),
          new Edit("certificates/resources.yaml", "ttl: 1e3", "ttl: \"1000\""));

  /** What these are, with an object less and an object more for kubectl. */
  static final List<String> PLANTED_DIFFERENCES =
      """
      ClusterIssuer corpus-acme /spec/acme/solvers/0/dns01/exampleDNS/ttl: 1000 with Fairlead, "1000" with kubectl
      ConfigMap corpus/from-json: the object with Fairlead, - with kubectl
      ConfigMap corpus/planted: - with Fairlead, the object with kubectl
      ConfigMap corpus/web /data/GREETING: "Grüß Gott, 你好, 🛒" with Fairlead, - with kubectl
      ConfigMap corpus/web /metadata/managedFields/v1/f:data/f:GREETING: {} with Fairlead, - with kubectl
      PodDisruptionBudget corpus/web /spec/minAvailable: "50%" with Fairlead, "40%" with kubectl
      Role corpus/leader-election /rules/0/verbs/0: "get" with Fairlead, "list" with kubectl
      Role corpus/leader-election /rules/0/verbs/1: "list" with Fairlead, "get" with kubectl
      Ingress corpus-edge/fallback /metadata/labels: - with Fairlead, {"planted":"label"} with kubectl
      Ingress corpus-edge/fallback /metadata/managedFields/networking.k8s.io~1v1/f:metadata: - with Fairlead, {"f:labels":{"f:planted":{}}} with kubectl
      """
          .lines()
          .toList();

  /** Makes well what is ill for a reason that no deletion takes away. */
  static final Edit CURE =
      new Edit("quirks/numbers-and-words.yaml", ", ephemeral-storage: 1000000}", "}");

  private CorpusEdits() {}
}
